// Real programs behind the door, opened by their own dashboards: a viewer looks, an operator runs.
import { NO_ANSWER, at, expect, hydrated, signOut, submitSignIn, test, type Page } from '../fixtures';
import type { Server } from '../server';
import { Upstream } from '../upstreams';

test.describe.configure({ timeout: 120_000 });

let upstream: Upstream | undefined;

test.afterEach(() => {
  upstream?.stop();
  upstream = undefined;
});

/** Where a browser on the server's own machine finds the dashboard. */
const dashboard = (server: Server) => `http://localhost:${new URL(server.url).port}`;

/** Where it finds an app. */
const app = (server: Server, slug: string) => `http://${slug}.localhost:${new URL(server.url).port}`;

/** Adds an app with the rules of the preset that it is recognised by. */
async function guard(server: Server, slug: string, preset: string): Promise<void> {
  const looked = await server.api('POST', '/apps/probe', { upstream: upstream!.url });
  expect([looked.reachable, looked.preset ?? 'generic']).toEqual([true, preset]);
  await server.api('POST', '/apps', { slug, name: slug, preset, upstream: upstream!.url });
}

/** Opens an address of an app in a browser that is not signed in, and signs in on the way. */
async function openAs(page: Page, username: string, address: string): Promise<void> {
  // Fonts that a dashboard takes from elsewhere, where these tests ask nobody.
  await page.context().route(/fonts\.(googleapis|gstatic)\.com/, (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  await page.goto(address);
  await at(page, '/login');
  await submitSignIn(page, username);
  await page.waitForURL(address);
}

/** The rows of the tab with all runs; another tab, which is not shown, has those that failed once more. */
const runs = (page: Page) => page.locator('#panel-view tr.row');

/** Presses the dashboard's own button that runs the failed task again; gives the status of the answer. */
async function retry(page: Page): Promise<number> {
  await runs(page).filter({ hasText: 'import_orders' }).filter({ hasText: /failed/i }).click();
  const answered = page.waitForResponse((response) => response.url().endsWith('/retry'));
  await page.getByRole('button', { name: 'Retry this task' }).click();
  return (await answered).status();
}

test('the task dashboard: a viewer sees it and can not run, an operator can, and sign-out ends it', async ({ server, watch, another }) => {
  watch.allow(401, 403, NO_ANSWER);
  upstream = await Upstream.taskflow();
  await guard(server, 'taskflow', 'fastapi-taskflow');
  await server.add({ username: 'vera' });
  await server.add({ username: 'otto', role: 'operator' });
  const address = `${app(server, 'taskflow')}/tasks/dashboard`;

  const viewer = await another();
  const said: string[] = [];
  viewer.on('dialog', (dialog) => {
    said.push(dialog.message());
    void dialog.accept();
  });
  await openAs(viewer, 'vera', address);
  await expect(viewer.locator('#live-label')).toHaveText(/live/i);
  await expect(runs(viewer)).toHaveCount(1);
  expect(await retry(viewer)).toBe(403);
  await expect.poll(() => said.join()).toContain('Could not retry task');
  await expect(runs(viewer)).toContainText(/failed/i);

  const operator = await another();
  await openAs(operator, 'otto', address);
  expect(await retry(operator)).toBe(200);
  // Both see at once what took its place, by the dashboard's own stream of events.
  for (const page of [operator, viewer]) {
    await expect(runs(page)).toHaveCount(1);
    await expect(runs(page)).toContainText(/success/i);
  }
  // To clear the history is neither's to do.
  expect(await operator.evaluate(() => fetch('/tasks/history?value=1&unit=day', { method: 'DELETE' }).then((answer) => answer.status))).toBe(403);

  const inDoorward = await operator.context().newPage();
  await inDoorward.goto(`${dashboard(server)}/`);
  await hydrated(inDoorward);
  await signOut(inDoorward);
  await expect(operator.locator('#live-label')).not.toHaveText(/live/i);
  expect(await operator.evaluate(() => fetch('/tasks').then((answer) => answer.status))).toBe(401);
  await operator.goto(address);
  await at(operator, '/login');
  await expect(viewer.locator('#live-label')).toHaveText(/live/i);
});

test('Flower: a viewer sees workers and tasks, an operator sends one', async ({ server, watch, another }) => {
  watch.allow(403);
  upstream = await Upstream.flower();
  await guard(server, 'flower', 'flower');
  await server.add({ username: 'vera' });
  await server.add({ username: 'otto', role: 'operator' });
  const send = (page: Page) =>
    page.evaluate(() => fetch('/api/task/send-task/tasks.add', { method: 'POST', body: '{"args":[1,2]}' }).then((answer) => answer.status));
  for (const [username, status] of [['vera', 403], ['otto', 200]] as const) {
    const page = await another();
    const refused: string[] = [];
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(response.url());
    });
    await openAs(page, username, `${app(server, 'flower')}/`);
    await expect(page).toHaveTitle(/Flower/);
    await expect(page.locator('#workers-table')).toBeVisible();
    await page.getByRole('link', { name: 'Tasks' }).click();
    await expect(page.locator('#tasks-table')).toBeVisible();
    expect(refused, 'to look takes nothing that only others may').toEqual([]);
    expect(await send(page)).toBe(status);
    expect(await page.evaluate(() => fetch('/healthcheck').then((answer) => answer.status))).toBe(200);
  }
});

test('a folder of files: a viewer walks it, and changes nothing', async ({ server, watch, another }) => {
  watch.allow(403, 404);
  upstream = await Upstream.files({ 'report.txt': 'All is well.' });
  await guard(server, 'files', 'generic');
  await server.add({ username: 'vera' });
  const page = await another();
  await openAs(page, 'vera', `${app(server, 'files')}/`);
  await page.getByRole('link', { name: 'report.txt' }).click();
  await expect(page.getByText('All is well.')).toBeVisible();
  expect(await page.evaluate(() => fetch('/report.txt', { method: 'HEAD' }).then((answer) => answer.headers.get('content-length')))).toBe('12');
  expect(await page.evaluate(() => fetch('/report.txt', { method: 'PUT', body: 'x' }).then((answer) => answer.status))).toBe(403);
});
