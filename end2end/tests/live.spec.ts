// The dashboard by itself: sessions that end elsewhere, lists that move, channels, and a server that goes
// away and comes back.
import { execFileSync } from 'node:child_process';
import { ADMIN, NO_ANSWER, PASSWORD, enter, expect, heading, open, report, row, test, tokenOf, type Page } from '../fixtures';

const ELIF = { username: 'elif', displayName: 'Elif Kaya', role: 'viewer' };

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Sign in to go on' });
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });

/** Waits until what happens comes to the page of a channel. */
async function live(page: Page): Promise<void> {
  await expect(messages(page).getByRole('status').filter({ hasText: 'Live' })).toBeVisible();
}

test('who is disabled is told within a second, by whom, and what was typed stays', async ({ page, server, another, watch }) => {
  watch.allow(401);
  await server.add(ELIF);
  const theirs = await another();
  const frames: string[] = [];
  theirs.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await enter(theirs, ELIF);
  await open(theirs, '/profile');
  await tokenOf(theirs);
  await expect.poll(() => frames.join()).toContain('subscribed');
  const name = theirs.getByRole('textbox', { name: /^Name/ });
  await name.fill('Elif the Second');
  await enter(page);
  await open(page, '/settings/users');
  await page.getByRole('button', { name: 'Actions for Elif Kaya' }).click();
  await page.locator('.menu:popover-open').getByText('Disable', { exact: true }).click();
  await expect(report(page, 'Elif Kaya is disabled')).toBeVisible();
  await expect(dialog(theirs)).toBeVisible({ timeout: 2_000 });
  await expect(dialog(theirs)).toContainText('Your session was ended by an admin.');
  await expect(name).toHaveValue('Elif the Second');
});

test('a session that one ends from elsewhere says so, and goes on after signing in', async ({ page, server, watch }) => {
  watch.allow(401);
  await enter(page);
  await open(page, '/settings/users');
  await tokenOf(page);
  await expect(row(page, ADMIN.displayName)).toBeVisible();
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  await expect(dialog(page)).toContainText('You have ended this session from elsewhere.');
  await dialog(page).getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog(page).getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog(page)).toBeHidden();
  await server.add(ELIF);
  await expect(row(page, 'Elif Kaya')).toBeVisible();
});

test('lists move by themselves, of nobody’s doing', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/users');
  await expect(row(page, ADMIN.displayName)).toBeVisible();
  const asked = page.waitForRequest((request) => request.url().endsWith('/_call/list_users') && request.headers()['x-doorward-background'] === '1');
  await server.add(ELIF);
  await asked;
  await expect(row(page, 'Elif Kaya')).toBeVisible();
  await open(page, '/settings/api-keys');
  await server.api('POST', '/api-keys', { name: 'ci-deploy', role: 'operator' });
  await expect(row(page, 'ci-deploy')).toBeVisible();
  await open(page, '/settings/workspaces');
  await server.api('POST', '/workspaces', { slug: 'billing', name: 'Billing' });
  await expect(page.getByRole('heading', { name: 'Billing' })).toBeVisible();
  await open(page, '/settings/sessions?user=all');
  await server.login(ELIF.username);
  await expect(row(page, 'Elif Kaya')).toBeVisible();
  await open(page, '/apps');
  await server.api('POST', '/apps', { slug: 'tasks', upstream: 'http://127.0.0.1:1' });
  await expect(row(page, 'tasks')).toBeVisible();
});

test('a list stays where it is while somebody points at it', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/users');
  await row(page, ADMIN.displayName).hover();
  await server.add(ELIF);
  await page.waitForTimeout(1_500);
  await expect(row(page, 'Elif Kaya')).toHaveCount(0);
  await heading(page, 'Users').hover();
  await expect(row(page, 'Elif Kaya')).toBeVisible();
});

test('another role shows at once', async ({ page, server, watch }) => {
  watch.allow(401, 403);
  const id = await server.add({ ...ELIF, role: 'admin' });
  await enter(page, ELIF);
  await open(page, '/settings/users');
  await expect(row(page, 'Elif Kaya')).toBeVisible();
  await tokenOf(page);
  await server.api('PATCH', `/users/${id}`, { role: 'viewer' });
  await expect(heading(page, 'Your role doesn’t open this page')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Account menu' })).toContainText('Viewer');
});

test('Home shows what happens as it happens, and waits when it is told to', async ({ page, server }) => {
  await enter(page);
  await open(page, '/');
  const latest = page.getByRole('region', { name: 'Latest events' });
  await expect(latest).toContainText('Live');
  await server.add(ELIF);
  await expect(latest).toContainText(/added elif/);
  await expect(page.locator('.stat').filter({ hasText: 'People' })).toContainText('2');
  const pause = latest.getByRole('button', { name: 'Pause the latest events' });
  await pause.click();
  await expect(pause).toHaveAttribute('aria-pressed', 'true');
  await server.add({ username: 'kim' });
  await expect(latest).toContainText(/Paused, 1 event waits/);
  await expect(latest).not.toContainText('added kim');
  await pause.click();
  await expect(latest).toContainText('added kim');
});

test('a channel shows what a program publishes with its key, and is searched and paused', async ({ page, server }) => {
  const { key } = await server.api('POST', '/api-keys', { name: 'builder', role: 'developer' });
  const publish = (type: string, data: object) =>
    JSON.parse(
      execFileSync('curl', ['-sS', '-H', `X-API-Key: ${key}`, '-H', 'Content-Type: application/json', '-d', JSON.stringify({ type, data }), `${server.url}/api/v1/channels/status:build/messages`]).toString(),
    );
  publish('build.begun', { number: 41 });
  await enter(page);
  await open(page, '/activity/channels');
  await expect(heading(page, 'Channels')).toBeVisible();
  await expect(row(page, 'door:changes')).toContainText('watch');
  await row(page, 'status:build').getByRole('link').click();
  await expect(page).toHaveURL('/activity/channels/status%3Abuild');
  await expect(heading(page, 'status:build')).toBeVisible();
  await expect(row(page, 'build.begun'), 'what is kept comes first').toContainText('{"number":41}');
  await live(page);
  publish('build.done', { number: 42 });
  await expect(row(page, 'build.done')).toContainText('{"number":42}');

  await page.getByRole('button', { name: 'Pause' }).click();
  publish('build.begun', { number: 43 });
  await expect(messages(page)).toContainText('Paused, 1 message waits');
  await expect(messages(page)).not.toContainText('{"number":43}');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(messages(page)).toContainText('{"number":43}');

  await page.getByLabel('Type of message').selectOption('build.done');
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await page.getByLabel('Type of message').selectOption('');
  await page.getByLabel('Search messages').fill('41');
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await page.getByLabel('Search messages').fill('nowhere');
  await expect(page.getByRole('heading', { name: 'No message matches' })).toBeVisible();
});

test('a test message is sent by hand; what is no JSON is said at its field', async ({ page }) => {
  await enter(page);
  await open(page, '/activity/channels');
  await page.getByLabel('Channel', { exact: true }).fill('status');
  await page.getByRole('button', { name: 'Watch' }).click();
  await expect(page.getByText('This is no channel')).toBeVisible();
  await page.getByLabel('Channel', { exact: true }).fill('status:hand');
  await page.getByRole('button', { name: 'Watch' }).click();
  await expect(heading(page, 'status:hand')).toBeVisible();
  await live(page);
  const send = page.getByRole('region', { name: 'Send a test message' });
  await send.getByLabel('Type').fill('hello');
  await send.getByLabel(/^Data/).fill('{');
  await send.getByRole('button', { name: 'Send' }).click();
  await expect(send.getByLabel(/^Data/)).toHaveAttribute('aria-invalid', 'true');
  await send.getByLabel(/^Data/).fill('{"to":"all"}');
  await send.getByRole('button', { name: 'Send' }).click();
  await expect(report(page, 'is published')).toBeVisible();
  await expect(row(page, 'hello')).toContainText('{"to":"all"}');
});

test('a channel that is not one’s own is not shown', async ({ page, server, watch }) => {
  watch.allow(404);
  await server.add(ELIF);
  await enter(page, ELIF);
  await open(page, '/activity/channels/audit%3Adefault');
  await expect(page.getByText('This channel is not yours to watch')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Send a test message' })).toHaveCount(0);
  await open(page, '/activity/channels/door%3Achanges');
  await live(page);
  await expect(page.getByText('This channel is not yours to watch')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Send a test message' })).toHaveCount(0);
});

test('after a restart of the server it goes on where it was', async ({ page, server, watch }) => {
  watch.allow(NO_ANSWER);
  const say = (number: number) => server.api('POST', '/channels/status:build/messages', { type: 'build.done', data: { number } });
  await say(1);
  await enter(page);
  await open(page, '/activity/channels/status%3Abuild');
  await tokenOf(page);
  await live(page);
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await server.kill9();
  const banner = page.getByText('No answer from Doorward since');
  await expect(banner).toBeVisible({ timeout: 15_000 });
  await server.begin();
  await say(2);
  await expect(row(page, '{"number":2}')).toBeVisible({ timeout: 20_000 });
  await expect(banner).toHaveCount(0);
  await expect(page.getByText('Messages are missing here')).toHaveCount(0);
  await say(3);
  await expect(row(page, '{"number":3}')).toBeVisible();
  await expect(page.getByRole('rowheader')).toHaveCount(3);
});

test('where nothing comes by itself, the page says so', async ({ page, server, watch }) => {
  watch.allow(/net::ERR_FAILED/);
  await page.routeWebSocket('**/api/v1/live/ws', (socket) => void socket.close());
  await page.route(/\/api\/v1\/live\?/, (route) => void route.abort());
  await enter(page);
  await open(page, '/settings/users');
  await expect(page.getByText('Live updates are interrupted since')).toBeVisible({ timeout: 15_000 });
  await server.add(ELIF);
  await page.reload();
  await expect(row(page, 'Elif Kaya')).toBeVisible();
});

test('where no WebSocket comes through, a stream of events does', async ({ page, server, watch }) => {
  watch.allow(401);
  await page.addInitScript(() => {
    // As behind a proxy that refuses the upgrade.
    class Refused extends EventTarget {
      constructor() {
        super();
        setTimeout(() => this.dispatchEvent(new Event('close')), 20);
      }
      send() {}
      close() {}
    }
    Object.assign(window, { WebSocket: Refused });
  });
  await server.api('POST', '/channels/status:build/messages', { type: 'build.done', data: { number: 1 } });
  await enter(page);
  const stream = page.waitForRequest(/\/api\/v1\/live\?channel=/);
  await open(page, '/settings/users');
  await stream;
  await expect(row(page, ADMIN.displayName)).toBeVisible();
  await server.add(ELIF);
  await expect(row(page, 'Elif Kaya')).toBeVisible();
  await expect(page.getByText('Live updates are interrupted since')).toHaveCount(0);
  // Another page watches other channels; what was kept on them comes too.
  await open(page, '/activity/channels/status%3Abuild');
  await live(page);
  await expect(row(page, '{"number":1}')).toBeVisible();
  await server.api('POST', '/channels/status:build/messages', { type: 'build.done', data: { number: 2 } });
  await expect(row(page, '{"number":2}')).toBeVisible();
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  await expect(dialog(page)).toBeVisible();
});

test('an open drawer takes over what is changed elsewhere, and leaves what was typed', async ({ page, server, watch }) => {
  watch.allow(404);
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, `/settings/users/${id}`);
  const drawer = page.getByRole('dialog');
  const [name, email] = [drawer.getByRole('textbox', { name: /^Name/ }), drawer.getByRole('textbox', { name: /^Email/ })];
  await expect(name).toHaveValue('Elif Kaya');
  await name.fill('Elif the Second');
  await server.api('PATCH', `/users/${id}`, { displayName: 'Elif Öz', email: 'elif@example.com', role: 'operator' });
  await expect(drawer.getByText('This was changed elsewhere just now.')).toBeVisible();
  await expect(email).toHaveValue('elif@example.com');
  await expect(drawer.getByLabel('Role')).toHaveValue('operator');
  await expect(name, 'what was typed stays').toHaveValue('Elif the Second');
  await server.api('PATCH', `/users/${id}`, { isDisabled: true });
  await expect(drawer.getByText('Disabled', { exact: true })).toBeVisible();
  await server.api('DELETE', `/users/${id}`);
  await expect(drawer.getByText('This account is gone')).toBeVisible();
  await expect(name).toHaveValue('Elif the Second');
});

test('a key that is revoked elsewhere can’t be changed any more in its open drawer', async ({ page, server }) => {
  const { apiKey } = await server.api('POST', '/api-keys', { name: 'ci-deploy', role: 'operator' });
  await enter(page);
  await open(page, `/settings/api-keys/${apiKey.id}`);
  const drawer = page.getByRole('dialog');
  const description = drawer.getByRole('textbox', { name: /^Description/ });
  await description.fill('Half a sent');
  await server.api('PATCH', `/api-keys/${apiKey.id}`, { name: 'ci-deploy-2' });
  await expect(page.getByRole('dialog', { name: 'ci-deploy-2' })).toBeVisible();
  await expect(description).toHaveValue('Half a sent');
  await server.api('DELETE', `/api-keys/${apiKey.id}`);
  await expect(drawer.getByText('This key was revoked')).toBeVisible();
  await expect(drawer.getByRole('button', { name: 'Save changes' })).toHaveCount(0);
});

test('one’s own keys and the list of channels move by themselves', async ({ page, server }) => {
  const personal = { name: 'laptop', role: 'viewer', kind: 'personal' };
  await enter(page);
  await open(page, '/profile');
  const card = page.getByRole('region', { name: 'My API keys' });
  await expect(card).toContainText('None yet');
  await server.api('POST', '/api-keys', personal);
  await expect(card).toContainText('laptop');
  await open(page, '/activity/channels');
  await expect(row(page, 'door:changes')).toBeVisible();
  await expect(row(page, 'status:build')).toHaveCount(0);
  await server.api('POST', '/channels/status:build/messages', { type: 'build.done', data: {} });
  await expect(row(page, 'status:build')).toBeVisible({ timeout: 12_000 });
});
