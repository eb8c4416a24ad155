// The screens, for the tests that go through all of them.
import { PASSWORD, type Person, type Server } from './server';

export interface Screen {
  name: string;
  path: string;
  title: string;
  heading: string | RegExp;
  /** Whether one has to be signed in. */
  isInside: boolean;
}

/** People, so that lists and charts have something to show. */
export const PEOPLE: Person[] = [
  { username: 'jonas.weber', displayName: 'Jonas Weber', email: 'jonas.weber@example.com', role: 'admin' },
  { username: 'ines.duarte', displayName: 'Inês Duarte', email: 'ines@example.com', role: 'manager' },
  { username: 'elif.kaya', displayName: 'Elif Kaya', email: 'elif.kaya@example.com', role: 'developer' },
  { username: 'samir.patel', displayName: 'Samir Patel', email: 'samir@example.com', role: 'developer' },
  { username: 'noor', displayName: 'Noor Haddad', role: 'operator' },
  { username: 'tomek', displayName: 'Tomasz Zieliński', email: 'tomasz@example.com', role: 'viewer', mustChangePassword: true },
  { username: 'grafana', role: 'viewer' },
];

/** API keys in every state that one can make. */
export const KEYS = [
  { name: 'ci-deploy', role: 'operator', expiresIn: '2160h', allowedIps: ['10.20.0.0/16', '192.0.2.7'], description: 'Deploys from the build machines.' },
  { name: 'grafana-reader', role: 'viewer', expiresIn: '120h' },
  { name: 'backup-agent', role: 'viewer' },
  { name: 'mara-laptop', role: 'developer', kind: 'personal', expiresIn: '720h' },
  { name: 'old-runner', role: 'operator' },
];

/** Apps whose upstreams nobody listens at: one with ready rules, one with its own and disabled. */
export const APPS = [
  { slug: 'taskflow', name: 'Task queue', upstream: 'http://127.0.0.1:1', preset: 'fastapi-taskflow', hosts: ['tasks.example.com'] },
  {
    slug: 'wiki',
    name: 'Wiki',
    upstream: 'http://127.0.0.1:2',
    enabled: false,
    rules: [{ path: '/healthz', allow: 'public' }, { methods: ['GET', 'HEAD'], path: '/pages/**', allow: 'authenticated' }, { methods: ['DELETE'], allow: 'deny' }],
    upstreamAuth: { basic: { username: 'admin', password: 'sealed away' } },
  },
];

/** A provider that nobody listens at, so that its author has not signed in by it. */
export const PROVIDER = {
  id: 'okta',
  buttonLabel: 'Continue with Okta',
  issuer: 'http://127.0.0.1:1/oauth2/default',
  clientId: '0oa9x2kfqT1b',
  clientSecret: 'sealed away',
  preset: 'okta',
  allowedDomains: ['example.com'],
  whitelist: ['ben.okafor@elsewhere.example'],
  roleMapping: {
    groupMappings: [{ group: 'platform-leads', role: 'admin' }, { group: 'ops', role: 'operator' }],
    roleAttributePath: 'if .department == "it" then "operator" else empty end',
  },
};

/** Adds them, has some of them come and go, and gives the screens that there are then. */
export async function populate(server: Server): Promise<Screen[]> {
  for (const app of APPS) await server.api('POST', '/apps', app);
  await server.api('POST', '/auth/confirm', { password: PASSWORD });
  await server.api('POST', '/settings/oidc', { ...PROVIDER, clientUrl: server.url });
  const ids: Record<string, string> = {};
  for (const person of PEOPLE) ids[person.username] = await server.add(person);
  await server.api('POST', '/users/invitations', { username: 'yuki.mori', displayName: 'Yuki Mori', email: 'yuki@example.com', role: 'developer' });
  await server.api('PATCH', `/users/${ids.grafana}`, { isDisabled: true });
  await server.api('POST', '/roles', { name: 'on-call', description: 'Starts and stops at night.', permissions: ['read', 'run', 'audit'] });
  await server.add({ username: 'ren.night', displayName: 'Ren Nightingale', role: 'on-call' });
  const keys: Record<string, string> = {};
  for (const key of KEYS) keys[key.name] = (await server.api('POST', '/api-keys', key)).apiKey.id;
  await server.api('DELETE', `/api-keys/${keys['old-runner']}`);
  await server.api('POST', '/workspaces', { slug: 'billing', name: 'Billing' });
  for (const slug of ['staging', 'production']) await server.api('POST', '/workspaces/billing/environments', { slug });
  await server.api('POST', '/workspaces', { slug: 'warehouse-lab', name: 'Warehouse Lab', isPrivate: true });
  const grants = [{ workspace: 'billing', role: 'operator' }, { workspace: 'billing', environment: 'production', role: 'viewer' }];
  await server.api('PUT', `/users/${ids['elif.kaya']}/grants`, { grants });
  for (const name of ['jonas.weber', 'ines.duarte', 'elif.kaya', 'elif.kaya']) await server.login(name);
  const refused = await server.ask('GET', '/api/v1/users', undefined, { authorization: `Bearer ${await server.login('noor')}` });
  await server.tryLogin('samir.patel', 'not this one');
  await server.api('PATCH', '/settings', { helpContact: 'platform@example.com, extension 4410' });
  const link = await server.api('POST', `/users/${ids['samir.patel']}/reset-link`);
  for (const [type, data] of [
    ['deploy.begun', { version: '2.4.0', by: 'ci-deploy' }],
    ['deploy.done', { version: '2.4.0', changes: ['Retries wait longer each time', 'The list of runs is paged', 'A run can be named'], seconds: 41.7 }],
  ]) {
    await server.api('POST', '/channels/status:deploys/messages', { type, data });
  }
  const { items: events } = await server.api('GET', '/audit?action=user.disable&limit=1');
  return [
    { name: 'login', path: '/login', title: 'Sign in', heading: 'Sign in to Doorward', isInside: false },
    { name: 'login-problem', path: '/login?problem=failed&request=0197a3c2-77aa-7def-8123-0123456789ab', title: 'Sign in', heading: 'Sign in to Doorward', isInside: false },
    {
      name: 'not-allowed',
      path: '/login/not-allowed?request=0197a3c2-77aa-7def-8123-0123456789ab',
      title: 'Not let in',
      heading: 'Your provider let you in, but Doorward didn’t',
      isInside: false,
    },
    { name: 'forgot', path: '/forgot', title: 'Forgot your password?', heading: 'Forgot your password?', isInside: false },
    { name: 'reset', path: new URL(link.url).pathname, title: 'Set your password', heading: 'Set a new password', isInside: false },
    { name: 'reset-gone', path: '/reset/gone', title: 'Set your password', heading: 'This link is no longer good', isInside: false },
    { name: 'home', path: '/', title: 'Home', heading: 'Doorward', isInside: true },
    { name: 'apps', path: '/apps', title: 'Apps', heading: 'Apps', isInside: true },
    { name: 'apps-nothing', path: '/apps?query=nothing&health=down', title: 'Apps', heading: 'Apps', isInside: true },
    { name: 'apps-new', path: '/apps/new', title: 'Add an app', heading: 'Apps', isInside: true },
    { name: 'app', path: '/apps/taskflow', title: 'Task queue', heading: 'Task queue', isInside: true },
    { name: 'app-rules', path: '/apps/taskflow/rules', title: 'Rules of Task queue', heading: 'Task queue', isInside: true },
    { name: 'app-rules-own', path: '/apps/wiki/rules', title: 'Rules of Wiki', heading: 'Wiki', isInside: true },
    { name: 'app-connect', path: '/apps/taskflow/connect', title: 'Connect to Task queue', heading: 'Task queue', isInside: true },
    { name: 'app-settings', path: '/apps/wiki/settings', title: 'Settings of Wiki', heading: 'Wiki', isInside: true },
    { name: 'app-missing', path: '/apps/nowhere', title: 'No such app', heading: 'There is no such app', isInside: true },
    { name: 'channels', path: '/activity/channels', title: 'Channels', heading: 'Channels', isInside: true },
    { name: 'channel', path: '/activity/channels/status%3Adeploys', title: 'status:deploys', heading: 'status:deploys', isInside: true },
    { name: 'channel-closed', path: '/activity/channels/nowhere%3A1', title: 'nowhere:1', heading: 'nowhere:1', isInside: true },
    { name: 'profile', path: '/profile', title: 'Profile', heading: 'Mara Lindqvist', isInside: true },
    { name: 'change-password', path: '/change-password', title: 'Change your password', heading: 'Choose your own password', isInside: true },
    { name: 'general', path: '/settings/general', title: 'General', heading: 'General', isInside: true },
    { name: 'authentication', path: '/settings/authentication', title: 'Authentication', heading: 'Authentication', isInside: true },
    { name: 'provider-new', path: '/settings/authentication/new', title: 'Connect a provider', heading: 'Connect a provider', isInside: true },
    { name: 'provider', path: '/settings/authentication/okta', title: 'Continue with Okta', heading: 'Continue with Okta', isInside: true },
    { name: 'provider-missing', path: '/settings/authentication/nowhere', title: 'No such provider', heading: 'There is no such provider', isInside: true },
    { name: 'users', path: '/settings/users', title: 'Users', heading: 'Users', isInside: true },
    { name: 'users-add', path: '/settings/users/new', title: 'Add a user', heading: 'Users', isInside: true },
    { name: 'users-edit', path: `/settings/users/${ids['elif.kaya']}`, title: 'Elif Kaya', heading: 'Users', isInside: true },
    { name: 'roles', path: '/settings/roles', title: 'Roles', heading: 'Roles', isInside: true },
    { name: 'roles-new', path: '/settings/roles/new', title: 'Make a role', heading: 'Roles', isInside: true },
    { name: 'roles-edit', path: '/settings/roles/on-call', title: 'Role on-call', heading: 'Roles', isInside: true },
    { name: 'keys', path: '/settings/api-keys', title: 'API keys', heading: 'API keys', isInside: true },
    { name: 'keys-new', path: '/settings/api-keys/new', title: 'Create an API key', heading: 'API keys', isInside: true },
    { name: 'keys-edit', path: `/settings/api-keys/${keys['ci-deploy']}`, title: 'ci-deploy', heading: 'API keys', isInside: true },
    { name: 'keys-revoked', path: `/settings/api-keys/${keys['old-runner']}`, title: 'old-runner', heading: 'API keys', isInside: true },
    { name: 'sessions', path: '/settings/sessions?user=all', title: 'Sessions', heading: 'Sessions', isInside: true },
    { name: 'audit', path: '/settings/audit', title: 'Audit log', heading: 'Audit log', isInside: true },
    { name: 'audit-narrowed', path: `/settings/audit?target=${ids['elif.kaya']}&from=2026-01-01T00:00:00.000Z`, title: 'Audit log', heading: 'Audit log', isInside: true },
    { name: 'audit-nothing', path: '/settings/audit?query=nobody', title: 'Audit log', heading: 'Audit log', isInside: true },
    { name: 'audit-event', path: `/settings/audit/${events[0].id}`, title: 'mara disabled grafana', heading: 'Audit log', isInside: true },
    { name: 'audit-refusal', path: `/settings/audit/${refused.body.decisionId}`, title: 'noor was turned away from Lists users', heading: 'Audit log', isInside: true },
    { name: 'api-docs', path: '/api/docs', title: 'API', heading: 'API', isInside: true },
    { name: 'workspaces', path: '/settings/workspaces', title: 'Workspaces', heading: 'Workspaces', isInside: true },
    { name: 'workspaces-nothing', path: '/settings/workspaces?query=zzz', title: 'Workspaces', heading: 'Workspaces', isInside: true },
    { name: 'workspaces-new', path: '/settings/workspaces/new', title: 'Create a workspace', heading: 'Workspaces', isInside: true },
    { name: 'workspaces-edit', path: '/settings/workspaces/billing', title: 'Billing', heading: 'Workspaces', isInside: true },
    { name: 'setup-app', path: '/setup/app', title: 'Guard your first app', heading: 'Guard your first app', isInside: true },
    { name: 'setup-done', path: '/setup/done', title: 'Done', heading: 'Sign-in is on', isInside: true },
    { name: 'logout', path: '/logout', title: 'Sign out', heading: 'Sign out?', isInside: true },
    { name: 'not-found', path: '/nowhere', title: 'No such page', heading: 'There’s no page at /nowhere', isInside: true },
  ];
}

/** The screens of a server that nobody has set up. */
export const FRESH: Screen[] = [
  { name: 'setup', path: '/setup', title: 'Set up', heading: 'Set up Doorward', isInside: false },
  { name: 'setup-admin', path: '/setup/admin', title: 'Create the first admin', heading: 'Create the first admin', isInside: false },
];
