// Apps: adding one, its overview, its rules, how it is reached, its settings; and who sees what.
import { createServer, type Server as Upstream } from 'node:http';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, enter, expect, heading, open, report, row, test } from '../fixtures';

let upstream: Upstream;
let address: string;

test.beforeAll(async () => {
  upstream = createServer((_, answer) => answer.end('<title>Flower</title>'));
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  upstream.close();
});

/** An app with rules of its own. */
const TASKS = {
  slug: 'tasks',
  name: 'Task queue',
  rules: [
    { path: '/healthz', allow: 'public' },
    { methods: ['POST'], path: '/dags/*/start', allow: 'run' },
    { methods: ['GET'], allow: 'read' },
    { allow: 'write' },
  ],
};

/** The certificate of an authority that nobody has the key of. */
const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBmTCCAT+gAwIBAgIUAMDd1AxLdF4ZzWDdjbDKSZq+aVkwCgYIKoZIzj0EAwIw',
  'ITEfMB0GA1UEAwwWQW4gYXV0aG9yaXR5IGZvciB0ZXN0czAgFw0yNjExMjIwNjE3',
  'MzlaGA8yMTI2MTAyOTA2MTczOVowITEfMB0GA1UEAwwWQW4gYXV0aG9yaXR5IGZv',
  'ciB0ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABONVjSu8LttFrzDLiXvR',
  'U8uRHUgzLSxie7c9uv5q91MtjRoxRRHciGKGuik9xtd+oB+POoDSGe+O16BFJ4cx',
  'jEOjUzBRMB0GA1UdDgQWBBTU7q8fCSEegHhW0T0KtpHqEd3K+zAfBgNVHSMEGDAW',
  'gBTU7q8fCSEegHhW0T0KtpHqEd3K+zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49',
  'BAMCA0gAMEUCIQC+GA3gZ4bwd3PD7J8Jw5t3+v23GKq3zDBY/VfGDxmkEgIgEFfb',
  'X5MsHybqkAsZpp377a6CdNpZH+/N7E1sEMBrBXI=',
  '-----END CERTIFICATE-----',
].join('\n');

test('an app is added: its upstream is looked at while it is typed, and what is wrong stays as it was typed', async ({ page, server }) => {
  await enter(page);
  await open(page, '/apps');
  await expect(page.getByText('No apps yet')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Add an app' }).first().click();
  const drawer = page.getByRole('dialog', { name: 'Add an app' });
  const where = drawer.getByRole('textbox', { name: 'Upstream' });
  await where.fill('tasks');
  await drawer.getByRole('button', { name: 'Add the app' }).click();
  await expect(where).toHaveAttribute('aria-invalid', 'true');
  await expect(where).toHaveValue('tasks');

  await where.fill(address);
  await expect(drawer.getByText('It answers 200')).toBeVisible();
  await expect(drawer.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Flower');
  await expect(drawer.getByLabel('Rules to start with')).toHaveValue('flower');
  await expect(drawer.getByRole('row').filter({ hasText: 'healthcheck' })).toContainText('Open');
  await drawer.getByLabel('Rules to start with').selectOption('admins');
  await expect(drawer.getByRole('row').filter({ hasText: 'everything' })).toContainText('apps');
  await drawer.getByLabel('Rules to start with').selectOption('flower');
  await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill('Task queue');
  await drawer.getByRole('button', { name: 'Add Task queue' }).click();
  await at(page, '/apps/task-queue');
  await expect(heading(page, 'Task queue')).toBeVisible();
  await expect(report(page, 'Task queue is added')).toBeVisible();
  const app = await server.api('GET', '/apps/task-queue');
  expect([app.definition.preset, app.definition.upstream, app.definition.health.path]).toEqual(['flower', address, '/healthcheck']);
});

test('an upstream that does not answer is told, and can be added all the same', async ({ page }) => {
  await enter(page);
  await open(page, '/apps/new');
  const drawer = page.getByRole('dialog', { name: 'Add an app' });
  await drawer.getByRole('textbox', { name: 'Upstream' }).fill('http://127.0.0.1:1');
  await drawer.getByRole('button', { name: 'Check the address' }).click();
  await expect(drawer.getByText('It can be added all the same.')).toBeVisible();
  await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill('Later');
  await drawer.getByRole('button', { name: 'Add Later' }).click();
  await at(page, '/apps/later');
});

test('the list says how apps are, and is searched', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await server.api('POST', '/apps', { slug: 'wiki', name: 'Wiki', upstream: 'http://127.0.0.1:1' });
  await enter(page);
  await expect(async () => {
    await open(page, '/apps');
    await expect(row(page, 'Task queue')).toContainText('Healthy', { timeout: 100 });
    await expect(row(page, 'Wiki')).toContainText('Down', { timeout: 100 });
  }).toPass();
  await expect(row(page, 'Task queue').getByRole('img', { name: 'Task queue, last hour: no requests' })).toBeVisible();
  await expect(row(page, 'Task queue')).toContainText('Admin');
  await page.getByRole('searchbox', { name: 'Search apps' }).fill('wik');
  await expect(page).toHaveURL('/apps?query=wik');
  await expect(row(page, 'Task queue')).toHaveCount(0);
  await expect(page.getByText('1 app', { exact: true })).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search apps' }).fill('');
  await page.getByLabel('Health').selectOption('up');
  await expect(row(page, 'Wiki')).toHaveCount(0);
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(row(page, 'Wiki')).toBeVisible();
  await row(page, 'Wiki').getByRole('link', { name: 'Wiki', exact: true }).click();
  await at(page, '/apps/wiki');
});

test('the overview shows the way of a request, and the tabs keep their addresses', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks');
  const passage = page.getByRole('region', { name: 'What happens to a request' });
  await expect(passage).toContainText('0 requests');
  await expect(passage).toContainText('4 rules');
  await expect(page.getByRole('region', { name: 'Traffic' })).toContainText('No requests in the last hour');
  await expect(page.getByRole('region', { name: 'Upstream health' })).toContainText(address);
  const tabs = page.getByRole('navigation', { name: 'Task queue' });
  for (const [name, path] of [['Rules', '/apps/tasks/rules'], ['Connect', '/apps/tasks/connect'], ['Settings', '/apps/tasks/settings'], ['Overview', '/apps/tasks']]) {
    await tabs.getByRole('link', { name }).click();
    await expect(page).toHaveURL(path);
    await expect(tabs.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  }
  await page.getByRole('link', { name: 'Its events' }).click();
  await expect(page).toHaveURL('/settings/audit?target=tasks');
  await expect(page.getByRole('row').filter({ hasText: 'added the app' })).toBeVisible();
});

test('rules are tried before they are saved', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks/rules');
  const tester = page.getByRole('region', { name: 'Try a request' });
  const verdict = tester.getByRole('status').first();
  await tester.getByLabel('Method').selectOption('POST');
  await tester.getByLabel('Path').fill('/dags/nightly/start');
  await tester.getByLabel('As', { exact: true }).selectOption('operator');
  await expect(verdict).toContainText('Let through by rule 2');
  await tester.getByLabel('As', { exact: true }).selectOption('viewer');
  await expect(verdict).toContainText('Turned away with 403 by rule 2');
  await expect(verdict).toContainText('It needs “run”, which the role viewer does not have.');
  await tester.getByLabel('As', { exact: true }).selectOption('');
  await expect(verdict).toContainText('Asked to sign in by rule 2');
  await tester.getByLabel('Path').fill('/dags/../start');
  await expect(verdict).toContainText('Refused with 400');

  const rules = page.getByRole('region', { name: 'Rules', exact: true });
  await rules.getByRole('button', { name: 'Add a rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a rule' });
  await dialog.getByLabel('Methods').fill('delete');
  await dialog.getByLabel('Methods').press('Enter');
  await dialog.getByLabel('Path').fill('/dags/{name}');
  await dialog.getByLabel('Needs').selectOption('deny');
  await dialog.getByRole('button', { name: 'Use this rule' }).click();
  await expect(dialog.getByLabel('Path')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Path').fill('/dags/*');
  await dialog.getByRole('button', { name: 'Use this rule' }).click();
  await expect(rules.getByText('Not saved yet.')).toBeVisible();

  // It stands before the rule that takes everything, and is tried already.
  await tester.getByLabel('Method').selectOption('DELETE');
  await tester.getByLabel('Path').fill('/dags/nightly');
  await tester.getByLabel('As', { exact: true }).selectOption('admin');
  await expect(verdict).toContainText('Turned away with 403 by rule 4');
  await expect(rules.getByRole('row', { selected: true })).toContainText('DELETE');
  const matrix = page.getByRole('region', { name: 'Who may do what' }).getByRole('row').filter({ hasText: 'DELETE' });
  await expect(matrix.getByRole('cell')).toHaveText(['No', 'No', 'No', 'No', 'No', 'No']);
  expect((await server.api('GET', '/apps/tasks')).definition.rules).toHaveLength(4);

  // By keys: the focus goes along.
  await rules.getByRole('button', { name: 'Move rule 4 up' }).press('Enter');
  await expect(rules.getByRole('button', { name: 'Move rule 3 up' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rules.getByRole('button', { name: 'Move rule 2 up' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rules.getByRole('button', { name: 'Move rule 1 down' })).toBeFocused();
  await rules.getByRole('button', { name: 'Save rules' }).click();
  await expect(report(page, 'The rules of Task queue are saved')).toBeVisible();
  await expect(rules.getByText('Everything is saved.')).toBeVisible();
  expect((await server.api('GET', '/apps/tasks')).definition.rules[0]).toEqual({ methods: ['DELETE'], path: '/dags/*', allow: 'deny' });

  await rules.getByRole('button', { name: 'Change rule 1' }).click();
  const change = page.getByRole('dialog', { name: 'Change rule 1' });
  await change.getByLabel('Needs').selectOption('settings');
  await change.getByRole('button', { name: 'Use this rule' }).click();
  await rules.getByRole('button', { name: 'Remove rule 2' }).click();
  await expect(rules.getByRole('row').filter({ hasText: 'healthz' })).toHaveCount(0);
  await rules.getByRole('button', { name: 'Discard changes' }).click();
  await expect(rules.getByRole('row').filter({ hasText: 'healthz' })).toBeVisible();
});

test('somebody in particular is judged by the server, which tells what it looked at', async ({ page, server, watch }) => {
  watch.allow(422);
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await server.add({ username: 'vera' });
  await enter(page);
  await open(page, '/apps/tasks/rules');
  const tester = page.getByRole('region', { name: 'Try a request' });
  await tester.getByLabel('Method').selectOption('POST');
  await tester.getByLabel('Path').fill('/dags/nightly/start');
  await tester.getByText('As somebody in particular').click();
  await tester.getByLabel('Username').fill('nobody.here');
  await tester.getByRole('button', { name: 'Find out' }).click();
  await expect(tester.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
  await tester.getByLabel('Username').fill('vera');
  await tester.getByRole('button', { name: 'Find out' }).click();
  await expect(tester.getByText('Turned away with 403', { exact: true })).toBeVisible();
  await expect(tester.getByText('2: POST, /dags/*/start, needs run')).toBeVisible();
  await expect(tester.getByText('user vera')).toBeVisible();
  await tester.getByLabel('Path').fill('/healthz');
  await expect(tester.getByText('user vera')).toHaveCount(0);
});

test('the ways to an app are shown with its own addresses', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address, hosts: ['tasks.example.org'] });
  await enter(page);
  await open(page, '/apps/tasks/connect');
  await expect(page.getByRole('link', { name: /^tasks\.example\.org/ }).first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'From a script' })).toContainText('Authorization: Bearer $DOORWARD_KEY');
  const proxies = page.getByRole('region', { name: 'Behind your own proxy' });
  for (const server of ['nginx', 'Caddy', 'Traefik', 'HAProxy']) {
    await proxies.getByText(server, { exact: true }).first().click();
    const code = proxies.getByLabel(server, { exact: true });
    await expect(code).toContainText(new URL(address).host);
    await expect(code).toContainText('tasks.example.org');
  }
  await expect(page.getByRole('region', { name: 'What the app receives' })).toContainText('X-Doorward-User');
});

test('settings are changed, bad ones keep what was typed, and secrets are never shown again', async ({ page, server, watch }) => {
  watch.allow(422);
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks/settings');
  const form = page.getByRole('region', { name: 'Settings', exact: true });
  const save = form.getByRole('button', { name: 'Save settings' });
  await form.getByLabel('Host names').fill('TASKS');
  await form.getByLabel('Host names').press('Enter');
  await form.getByLabel('Checked every').fill('1s');
  await save.click();
  await expect(form.getByRole('alert').filter({ hasText: /needs? another look/ })).toBeFocused();
  await expect(form.getByLabel('Checked every')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByLabel('Checked every')).toHaveValue('1s');
  await form.getByRole('button', { name: 'Remove TASKS' }).click();
  await form.getByLabel('Checked every').fill('30s');
  await form.getByLabel('Workspace').fill('nowhere');
  await save.click();
  await expect(form.getByLabel('Workspace')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('Workspace').fill('default');
  await form.getByLabel('Host names').fill('tasks.example.org');
  await form.getByLabel('Host names').press('Enter');
  await form.getByLabel('Identity headers').selectOption('remote-user');
  await form.getByLabel('How Doorward signs in to it').selectOption('basic');
  await form.getByLabel('Username').fill('admin');
  await form.getByLabel('Password', { exact: true }).fill('only once');
  await save.click();
  await expect(report(page, 'Task queue is saved')).toBeVisible();
  await expect(form.getByLabel('How Doorward signs in to it')).toHaveValue('keep');
  await expect(form).toContainText('As now. With a username and a password: admin');
  const app = (await server.api('GET', '/apps/tasks')).definition;
  expect([app.hosts, app.health.every, app.identity.headers, app.upstreamAuth]).toEqual([
    ['tasks.example.org'],
    '30s',
    'remote-user',
    { kind: 'basic', name: 'admin' },
  ]);
  await page.reload();
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('Task queue');
  expect(await page.content()).not.toContain('only once');

  await form.getByLabel('Let requests through to it').uncheck();
  await save.click();
  await expect(page.locator('.page__head')).toContainText('Disabled');
});

test('an app on the dashboard’s address is trusted only where somebody says so', async ({ page, server, watch }) => {
  watch.allow(422);
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks/settings');
  const form = page.getByRole('region', { name: 'Settings', exact: true });
  const save = form.getByRole('button', { name: 'Save settings' });
  await expect(form.getByText('Its scripts can do all that you can')).toHaveCount(0);
  await form.getByLabel('Path on the dashboard’s address').fill('/admin/tasks');
  await expect(form.getByText('Its scripts can do all that you can')).toBeVisible();
  await save.click();
  await expect(form.getByText(/say so: trusted\.$/)).toBeVisible();
  await form.getByLabel('Its scripts may do what the dashboard’s may').check();
  await save.click();
  await expect(report(page, 'Task queue is saved')).toBeVisible();
  await expect(form.getByLabel('Path on the dashboard’s address')).toHaveValue('/admin/tasks');
  await expect(form.getByLabel('Its scripts may do what the dashboard’s may')).toBeChecked();
  const app = (await server.api('GET', '/apps/tasks')).definition;
  expect([app.path, app.trusted]).toEqual(['/admin/tasks', true]);
  expect((await page.request.get('/admin/tasks/')).status()).toBe(200);
  await form.getByLabel('Path on the dashboard’s address').fill('/settings/x');
  await save.click();
  await expect(form.getByLabel('Path on the dashboard’s address')).toHaveAttribute('aria-invalid', 'true');
});

test('the certificate authority of an upstream is a certificate, and is shown again', async ({ page, server, watch }) => {
  watch.allow(422);
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks/settings');
  const form = page.getByRole('region', { name: 'Settings', exact: true });
  const authority = form.getByLabel('Its certificate authority');
  const save = form.getByRole('button', { name: 'Save settings' });
  await authority.fill('-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----');
  await save.click();
  await expect(authority).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByText('There is a private key in it')).toBeVisible();
  await authority.fill(CERTIFICATE);
  await form.getByLabel('Upstream', { exact: true }).fill('https://127.0.0.1:1');
  await save.click();
  await expect(report(page, 'Task queue is saved')).toBeVisible();
  await expect(authority).toHaveValue(CERTIFICATE);
  expect((await server.api('GET', '/apps/tasks')).definition.upstreamCa).toBe(CERTIFICATE);
  await page.reload();
  await expect(authority).toHaveValue(CERTIFICATE);
});

test('an app is deleted once its name is typed', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/apps/tasks/settings');
  await page.getByRole('button', { name: 'Delete the app' }).click();
  const question = page.getByRole('dialog', { name: 'Delete Task queue?' });
  await expect(question.getByRole('button', { name: 'Delete Task queue' })).toBeDisabled();
  await question.getByRole('textbox').fill('Task queue');
  await question.getByRole('button', { name: 'Delete Task queue' }).click();
  await at(page, '/apps');
  await expect(report(page, 'Task queue is deleted')).toBeVisible();
  await expect(page.getByText('No apps yet')).toBeVisible();
  expect((await server.ask('GET', '/api/v1/apps/tasks', undefined, { authorization: `Bearer ${server.token}` })).status).toBe(404);
});

test('a viewer sees the apps that are open to them, and how to reach them', async ({ page, server, watch }) => {
  watch.allow(403, 404);
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await server.api('POST', '/apps', { slug: 'inner', name: 'Inner', upstream: address, rules: [{ allow: 'apps' }] });
  await server.add({ username: 'vera' });
  await enter(page, { username: 'vera' });
  await open(page, '/apps');
  await expect(row(page, 'Task queue')).toContainText('Viewer');
  await expect(row(page, 'Inner')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Add an app' })).toHaveCount(0);
  await row(page, 'Task queue').getByRole('link', { name: 'Task queue', exact: true }).click();
  await at(page, '/apps/tasks');
  const tabs = page.getByRole('navigation', { name: 'Task queue' });
  await expect(tabs.getByRole('link')).toHaveText(['Overview', 'Connect']);
  await expect(page.getByRole('main')).not.toContainText(address);
  await tabs.getByRole('link', { name: 'Connect' }).click();
  await expect(page.getByRole('region', { name: 'Behind your own proxy' })).toHaveCount(0);
  for (const path of ['/apps/new', '/apps/tasks/rules', '/apps/tasks/settings']) {
    expect((await open(page, path)).status()).toBe(403);
    await expect(heading(page, 'Your role doesn’t open this page')).toBeVisible();
  }
  await open(page, '/apps/inner');
  await expect(heading(page, 'There is no such app')).toBeVisible();
});

test('keys and the palette lead to apps', async ({ page, server }) => {
  await server.api('POST', '/apps', { ...TASKS, upstream: address });
  await enter(page);
  await open(page, '/');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(heading(page, 'Apps')).toBeVisible();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  await palette.getByRole('combobox').fill('task queue');
  await expect(palette.getByRole('option', { name: /Task queue/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await at(page, '/apps/tasks');
  await page.keyboard.press('Control+k');
  await palette.getByRole('combobox').fill('add an app');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Add an app' })).toBeVisible();
});

test.describe('from the configuration', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'doorward-apps-')), 'doorward.yaml');
  writeFileSync(file, 'apps:\n  taskflow:\n    name: Task queue\n    upstream: http://127.0.0.1:1\n    preset: flower\n');
  test.use({ flags: ['--config', file] });

  test('an app is marked, and only read', async ({ page }) => {
    await enter(page);
    await open(page, '/apps');
    await expect(row(page, 'Task queue')).toContainText('From the configuration');
    await open(page, '/apps/taskflow/rules');
    await expect(page.getByText('These rules are in the configuration file')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Save rules' })).toHaveCount(0);
    await page.getByRole('region', { name: 'Try a request' }).getByLabel('Path').fill('/healthcheck');
    await expect(page.getByRole('region', { name: 'Try a request' }).getByRole('status').first()).toContainText('Let through by rule 1');
    await open(page, '/apps/taskflow/settings');
    await expect(page.getByText('This app is in the configuration file')).toBeVisible();
    await expect(page.getByRole('button', { name: /Save|Delete/ })).toHaveCount(0);
  });
});

test.describe('from a configuration that changes', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'doorward-reload-')), 'doorward.yaml');
  const apps = (...slugs: string[]) => `apps:\n${slugs.map((slug) => `  ${slug}:\n    upstream: http://127.0.0.1:1\n`).join('')}`;
  writeFileSync(file, apps('tasks'));
  test.use({ flags: ['--config', file] });

  test('the list follows the file, and Settings says when it is not in force', async ({ page, server }) => {
    await enter(page);
    await open(page, '/apps');
    await expect(row(page, 'tasks')).toBeVisible();
    writeFileSync(file, apps('wiki'));
    await expect(row(page, 'wiki')).toContainText('From the configuration');
    await expect(row(page, 'tasks')).toHaveCount(0);
    writeFileSync(file, 'apps:\n  wiki:\n    upstraem: http://127.0.0.1:1\n');
    await expect.poll(async () => (await server.api('GET', '/settings')).configuration.problem ?? '').toContain('did you mean upstream?');
    await open(page, '/settings/general');
    const card = page.getByRole('region', { name: 'Server', exact: true });
    await expect(card).toContainText('Changed since, and not in force');
    await expect(card).toContainText('apps.wiki.upstraem: there is no such key; did you mean upstream?');
    await open(page, '/apps');
    await expect(row(page, 'wiki')).toBeVisible();
    // What comes after each file of tests starts a server by it once more.
    writeFileSync(file, apps('tasks'));
  });
});
