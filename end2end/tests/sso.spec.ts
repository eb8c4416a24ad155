// Single sign-on with a real provider: people who are new, their roles, who is not let in, linking,
// a provider that is away, and one that is added in the dashboard.
import { rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN, PASSWORD, at, enter, expect, heading, hydrated, open, report, signIn, submitSignIn, test as base, type Page } from '../fixtures';
import { freePort } from '../port';
import { Provider, choose, type Claims } from '../provider';

const BUTTON = 'Continue with Halden ID';

const PEOPLE: Record<string, Claims> = {
  ada: { name: 'Ada Berg', email: 'ada@halden.example', email_verified: true, groups: ['everyone', 'ops'] },
  mara: { name: 'Mara L.', email: 'mara.l@halden.example', email_verified: true, groups: ['everyone', 'leads'] },
  eve: { name: 'Eve', email: 'eve@elsewhere.example', email_verified: true, groups: ['leads'] },
};

const test = base.extend<{ address: string; provider: Provider }>({
  address: async ({}, use) => use(`127.0.0.1:${await freePort()}`),
  provider: async ({ address }, use) => {
    const provider = await Provider.start({ url: `http://${address}` }, PEOPLE);
    await use(provider);
    await provider.stop();
  },
  listen: async ({ address }, use) => use(address),
});

/** With the provider in the configuration. */
const configured = test.extend({
  flags: async ({ provider, address }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-sso-'));
    const file = join(folder, 'doorward.yaml');
    writeFileSync(
      file,
      `auth:
  oidc:
    halden:
      issuer: ${provider.issuer}
      client_id: ${provider.client.id}
      client_secret: "${provider.client.secret}"
      client_url: http://${address}
      button_label: ${BUTTON}
      allowed_domains: [halden.example]
      role_mapping:
        group_mappings:
          ops: operator
          leads: admin
`,
    );
    await use(['--config', file]);
    rmSync(folder, { recursive: true, force: true });
  },
});

/** Presses the provider's button, and says there who one is. */
async function enterBy(page: Page, sub: string, next = '/'): Promise<void> {
  await open(page, next === '/' ? '/login' : `/login?next=${next}`);
  await page.getByRole('link', { name: BUTTON }).click();
  await choose(page, sub);
}

/** Signs out here alone. */
async function leave(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await at(page, '/logout');
}

const ways = (page: Page) => page.getByRole('region', { name: 'Ways you sign in' });

configured('somebody new gets the role that a group gives, and another one at the next sign-in', async ({ page, provider }) => {
  await enterBy(page, 'ada', '/profile');
  await at(page, '/profile');
  await expect(heading(page, 'Ada Berg')).toBeVisible();
  await expect(page.locator('.page__head')).toContainText('Operator');
  const own = ways(page).getByRole('listitem').filter({ hasText: BUTTON });
  await expect(own).toContainText('Provider · ada@halden.example');
  await expect(ways(page).getByRole('listitem').filter({ hasText: 'Password' })).toContainText('You have none.');
  await expect(page.getByRole('region', { name: 'Password', exact: true })).toHaveCount(0);

  await provider.says({ ada: { ...PEOPLE.ada, groups: ['everyone'] } });
  await leave(page);
  await open(page, '/login?next=/profile');
  // The provider knows the browser still, so that it asks nothing.
  await page.getByRole('link', { name: BUTTON }).click();
  await at(page, '/profile');
  await expect(page.locator('.page__head')).toContainText('Viewer');
});

configured('signing out offers to sign out at the provider as well', async ({ page }) => {
  await enterBy(page, 'ada');
  await at(page, '/');
  await leave(page);
  await expect(heading(page, 'You’re signed out')).toBeVisible();
  await page.getByRole('link', { name: 'Sign out there, too' }).click();
  await page.getByRole('button', { name: 'Sign out here, too' }).click();
  await at(page, '/login');
  await page.getByRole('link', { name: BUTTON }).click();
  await expect(page.getByRole('heading', { name: 'Who are you?' })).toBeVisible();
});

configured('who is not on the list is told whom to ask, and the audit log knows why', async ({ page, server }) => {
  await server.api('PATCH', '/settings', { helpContact: 'it-help@halden.example' });
  await enterBy(page, 'eve');
  await at(page, '/login/not-allowed');
  await expect(heading(page, 'Your provider let you in, but Doorward didn’t')).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'it-help@halden.example' })).toBeVisible();
  const request = await page.getByRole('definition').locator('code').textContent();
  await expect(page.getByRole('link', { name: 'Ask for access by mail' })).toHaveAttribute('href', new RegExp(`^mailto:it-help@halden.example\\?subject=.*${request}$`));
  const { items: users } = await server.api('GET', '/users?query=eve');
  expect(users).toEqual([]);
  await expect
    .poll(async () => {
      const { items } = await server.api('GET', '/audit?action=session.start&outcome=denied');
      return items.map((event: { detail: { reason: string } }) => event.detail.reason).join();
    })
    .toMatch(/list/);
  await page.getByRole('link', { name: 'Sign in another way' }).click();
  await at(page, '/login');
});

configured('a sign-in that is broken off, or was begun elsewhere, says what to do', async ({ page }) => {
  await open(page, '/login');
  await page.getByRole('link', { name: BUTTON }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await at(page, '/login');
  await expect(page.getByRole('alert').filter({ hasText: 'You were not signed in.' })).toContainText('Begin again there, or sign in another way.');
  await open(page, '/oidc-callback?code=x&state=y');
  await expect(page.getByRole('alert').filter({ hasText: 'This sign-in is no longer good.' })).toContainText('Begin again.');
  await submitSignIn(page, ADMIN.username);
  await at(page, '/');
});

configured('an identity is linked in the profile, signs in, and is unlinked; one of somebody else’s is not', async ({ page, another, watch }) => {
  watch.allow(401);
  const ada = await another();
  await enterBy(ada, 'ada');
  await at(ada, '/');

  await signIn(page);
  await open(page, '/profile');
  await ways(page).getByRole('link', { name: `Link ${BUTTON}` }).click();
  await choose(page, 'ada');
  await at(page, '/profile');
  await expect(page.getByText('This identity belongs to another account')).toBeVisible();
  await expect(heading(page, ADMIN.displayName)).toBeVisible();

  await page.context().clearCookies({ domain: 'localhost' });
  await ways(page).getByRole('link', { name: `Link ${BUTTON}` }).click();
  await choose(page, 'mara');
  await at(page, '/profile');
  await expect(page.getByText(`“${BUTTON}” is linked`)).toBeVisible();
  await expect(ways(page).getByRole('listitem').filter({ hasText: BUTTON })).toContainText('mara.l@halden.example');

  const elsewhere = await another();
  await enterBy(elsewhere, 'mara', '/profile');
  await at(elsewhere, '/profile');
  await expect(heading(elsewhere, ADMIN.displayName)).toBeVisible();

  await page.getByRole('button', { name: `Unlink ${BUTTON}` }).click();
  await expect(report(page, `${BUTTON} is no longer linked`)).toBeVisible();
  await expect(ways(page).getByRole('link', { name: `Link ${BUTTON}` })).toBeVisible();
  // What began by it has ended.
  await elsewhere.goto('/profile');
  await expect(elsewhere).toHaveURL(/\/login/);
});

configured('while the provider is away its button says so, and the password works', async ({ page, provider, server }) => {
  await provider.stop();
  await server.restart();
  await open(page, '/login');
  await page.getByRole('link', { name: BUTTON }).click();
  await at(page, '/login');
  await expect(page.getByRole('alert').filter({ hasText: 'The provider can’t be used at the moment.' })).toBeVisible();
  await expect(page.locator('.sso .hint')).toBeVisible();
  await submitSignIn(page, ADMIN.username);
  await at(page, '/');

  await open(page, '/settings/authentication/halden');
  await expect(heading(page, BUTTON)).toBeVisible();
  await expect(page.getByText('It does not work at the moment')).toBeVisible();
  await expect(page.getByText('This provider is in the configuration file')).toBeVisible();
  await provider.begin();
  await page.getByRole('button', { name: 'Check the connection' }).click();
  await expect(page.locator('.page__head .status')).toHaveText('Working');
});

configured('where a session has ended, another tab signs in by the provider, and the page goes on', async ({ page, server, context, watch }) => {
  watch.allow(401);
  await enterBy(page, 'ada', '/profile');
  await at(page, '/profile');
  const name = page.getByRole('textbox', { name: /^Name/ });
  await name.fill('Ada of the night');
  const { items: [ada] } = await server.api('GET', '/users?query=ada');
  await server.endSessionsOf(ada.id);
  await page.getByRole('button', { name: 'Save profile' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in to go on' });
  await expect(dialog.getByLabel('Password')).toHaveCount(0);
  const opened = context.waitForEvent('page');
  await dialog.getByRole('link', { name: BUTTON }).click();
  const tab = await opened;
  await at(tab, '/');
  await expect(dialog).toBeHidden();
  await expect(name).toHaveValue('Ada of the night');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(heading(page, 'Ada of the night')).toBeVisible();
});

configured.describe('without script', () => {
  configured.use({ javaScriptEnabled: false });

  configured('signing in by the provider, being refused, and signing out work', async ({ page }) => {
    await page.goto('/login?next=/settings/api-keys');
    await page.getByRole('link', { name: BUTTON }).click();
    await choose(page, 'ada');
    await expect(page).toHaveURL('/settings/api-keys');
    await page.goto('/logout');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign out there, too' }).click();
    await page.getByRole('button', { name: 'Sign out here, too' }).click();
    await expect(page).toHaveURL('/login');
    await page.getByRole('link', { name: BUTTON }).click();
    await choose(page, 'eve');
    await expect(heading(page, 'Your provider let you in, but Doorward didn’t')).toBeVisible();
    await page.goto('/login?problem=expired');
    await expect(page.getByRole('alert')).toContainText('This sign-in is no longer good.');
  });
});

test('a provider that is added is offered after its author has signed in by it', async ({ page, another, provider, server, watch }) => {
  test.slow();
  watch.allow(401, 422);
  const stranger = await another();
  await signIn(page);
  await open(page, '/settings/authentication');
  await expect(page.getByText('It can be turned off once an admin has signed in by a provider')).toBeVisible();
  await expect(page.getByRole('switch', { name: 'Sign in with a password' })).toBeDisabled();
  await page.getByRole('link', { name: 'Connect a provider' }).click();
  await at(page, '/settings/authentication/new');

  // A preset fills in what is known, and another choice takes it out again.
  await page.getByLabel('Provider', { exact: true }).selectOption('keycloak');
  await page.getByLabel('Keycloak\'s host').fill('id.example.com');
  await page.getByLabel('Realm').fill('main');
  await expect(page.getByLabel('Issuer')).toHaveValue('https://id.example.com/realms/main');
  await page.getByLabel('Provider', { exact: true }).selectOption({ label: 'Another one' });
  await expect(page.getByLabel('Issuer')).toHaveValue('');
  await expect(page.getByText(`${server.url}/oidc-callback`)).toBeVisible();
  await page.getByLabel('Button on the sign-in page').fill(BUTTON);
  await page.getByLabel('Client ID').fill(provider.client.id);
  await page.getByRole('button', { name: 'Save the provider' }).click();
  await expect(page.getByRole('alert').filter({ hasText: '3 things need another look.' })).toBeVisible();
  await expect(page.getByLabel('Client ID')).toHaveValue(provider.client.id);
  await page.getByLabel('Short name').fill('halden');
  await page.getByLabel('Issuer').fill(provider.issuer);
  await page.getByLabel('Client secret').fill(provider.client.secret);
  await page.getByRole('button', { name: 'Save the provider' }).click();
  await at(page, '/settings/authentication/halden');
  await expect(page.getByText('Nobody is offered it yet')).toBeVisible();
  await open(stranger, '/login');
  await expect(stranger.getByRole('link', { name: BUTTON })).toHaveCount(0);

  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await choose(page, 'ada');
  await at(page, '/settings/authentication/halden');
  await expect(page.getByText('The test sign-in went well')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Account menu' })).toContainText(ADMIN.displayName);

  // The bench tries what is typed, before it is saved.
  const bench = page.getByRole('region', { name: 'Test the mapping' });
  await page.getByRole('button', { name: 'Add a group' }).click();
  await page.getByRole('textbox', { name: 'Group', exact: true }).fill('ops');
  await page.getByRole('combobox', { name: 'Role of the group' }).selectOption('operator');
  await bench.getByRole('button', { name: 'Take those of the last sign-in' }).click();
  await expect(bench.getByRole('textbox', { name: 'Claims' })).toHaveValue(/ada@halden\.example/);
  await expect(bench.getByText('Row 1 decides.')).toBeVisible();
  await expect(bench.getByText('Signs in as Operator.')).toBeVisible();
  await bench.getByRole('textbox', { name: 'Claims' }).fill('{ "sub": "1", "groups": "everyone" ');
  await expect(bench.getByText('Row 1 decides.')).toHaveCount(0);
  await bench.getByRole('button', { name: 'Try these claims' }).click();
  await expect(bench.getByRole('textbox', { name: 'Claims' })).toHaveAccessibleDescription(/This is not JSON/);
  await bench.getByRole('textbox', { name: 'Claims' }).fill('{ "sub": "1", "groups": "everyone" }');
  await bench.getByRole('button', { name: 'Try these claims' }).click();
  await expect(bench.getByText('Signs in as Viewer.')).toBeVisible();

  // An expression that can not be read is refused at its field, and what was typed stays.
  const expression = page.getByRole('textbox', { name: /^Expression/ });
  await expression.fill('if .x then');
  await page.getByRole('button', { name: 'Save the provider' }).click();
  await expect(expression).toHaveAttribute('aria-invalid', 'true');
  await expression.fill('');
  await page.getByRole('button', { name: 'Save the provider' }).click();
  await expect(report(page, 'The provider is saved')).toBeVisible();

  await enterBy(stranger, 'ada', '/profile');
  await at(stranger, '/profile');
  await expect(stranger.locator('.page__head')).toContainText('Operator');
  await open(page, '/settings/authentication');
  await expect(page.getByRole('region', { name: 'Single sign-on' }).getByRole('listitem')).toContainText('1 person · roles from 1 group');
});

test('password sign-in is turned off once an admin came by a provider, and its form is gone', async ({ page, another, provider, server }) => {
  await server.api('POST', '/auth/confirm', { password: PASSWORD });
  const roleMapping = { groupMappings: [{ group: 'leads', role: 'admin' }] };
  const { id: clientId, secret: clientSecret } = provider.client;
  await server.api('POST', '/settings/oidc', { id: 'halden', buttonLabel: BUTTON, issuer: provider.issuer, clientId, clientSecret, clientUrl: server.url, roleMapping });
  await signIn(page);
  await open(page, '/settings/authentication/halden');
  await page.getByRole('link', { name: 'Test sign-in' }).click();
  await choose(page, 'mara');
  await at(page, '/settings/authentication/halden');
  const lead = await another();
  await enterBy(lead, 'mara');
  await at(lead, '/');

  await open(page, '/settings/authentication');
  await page.getByRole('switch', { name: 'Sign in with a password' }).click();
  await expect(report(page, 'Password sign-in is off')).toBeVisible();
  const stranger = await another();
  await open(stranger, '/login');
  await expect(stranger.getByRole('link', { name: BUTTON })).toBeVisible();
  await expect(stranger.getByLabel('Username or email')).toBeHidden();
  expect((await server.tryLogin(ADMIN.username, PASSWORD)).status).not.toBe(200);
  await page.getByRole('switch', { name: 'Sign in with a password' }).click();
  await expect(report(page, 'Password sign-in is on')).toBeVisible();
  await stranger.reload();
  await hydrated(stranger);
  await expect(stranger.getByLabel('Username or email')).toBeVisible();
});

configured('an admin sees by what somebody signs in, and keeps a break-glass account', async ({ page, another, server }) => {
  const lead = await another();
  await enterBy(lead, 'mara');
  await at(lead, '/');
  await enter(page);
  const { items } = await server.api('GET', '/users?role=admin');
  const other = items.find((user: { username: string }) => user.username !== ADMIN.username);
  await open(page, `/settings/users/${other.id}`);
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText('The account was made at a sign-in by a provider. It has no password.')).toBeVisible();
  await expect(drawer.getByRole('listitem').filter({ hasText: BUTTON })).toContainText('mara.l@halden.example');
  await drawer.getByRole('checkbox', { name: 'Break-glass account' }).check();
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(report(page, /is changed$/)).toBeVisible();
  await expect.poll(async () => (await server.api('GET', `/users/${other.id}`)).isBreakGlass).toBe(true);
});
