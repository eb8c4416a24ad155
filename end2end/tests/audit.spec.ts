// Settings, Audit log: narrowing the list, following it, one event, saving it, and finding out why.
import { readFileSync } from 'node:fs';
import { ADMIN, enter, expect, heading, hydrated, open, type Page, row, test } from '../fixtures';
import { type Server } from '../server';

/** A few deeds: leo is added, gets another role, is refused once, and is disabled. */
async function deeds(server: Server): Promise<string> {
  const leo = await server.add({ username: 'leo', displayName: 'Leo Berg' });
  await server.api('PATCH', `/users/${leo}`, { role: 'operator' });
  await server.ask('GET', '/api/v1/users', undefined, { authorization: `Bearer ${await server.login('leo')}` });
  await server.api('PATCH', `/users/${leo}`, { isDisabled: true });
  return leo;
}

/** What the rows say was done, from the top. */
const done = (page: Page) => page.getByRole('cell').locator('.row > .strong').allTextContents();

test('the list says who did what to whom, and how it ended', async ({ page, server }) => {
  await deeds(server);
  await enter(page);
  await open(page, '/settings/audit');
  await expect(heading(page, 'Audit log')).toBeVisible();
  await expect(row(page, 'changed the role of')).toContainText('viewer to operator');
  await expect(row(page, 'changed the role of')).toContainText('Done');
  await expect(row(page, 'was turned away from')).toContainText('needs users');
  await expect(row(page, 'was turned away from')).toContainText('Denied');
});

test('the filters stand in the address', async ({ page, server }) => {
  const leo = await deeds(server);
  await enter(page);
  await open(page, '/settings/audit');
  await page.getByLabel('Action', { exact: true }).selectOption('user.role');
  await expect(page).toHaveURL('/settings/audit?action=user.role');
  await expect.poll(() => done(page)).toEqual(['changed the role of']);
  await page.getByLabel('Action', { exact: true }).selectOption({ label: 'All about users' });
  await expect.poll(() => done(page)).toEqual(['disabled', 'changed the role of', 'added', 'changed their profile']);
  await page.getByLabel('Action', { exact: true }).selectOption('');
  await page.getByLabel('Result', { exact: true }).selectOption('Denied');
  await expect.poll(() => done(page)).toEqual(['was turned away from']);
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(page).toHaveURL('/settings/audit');

  await row(page, 'changed the role of').getByRole('link', { name: 'leo', exact: true }).click();
  await expect(page).toHaveURL(`/settings/audit?target=${leo}`);
  const chip = page.getByRole('link', { name: 'Done to leo: take this filter back' });
  await expect(chip).toBeVisible();
  await expect.poll(() => done(page)).not.toContain('was turned away from');
  await page.goBack();
  await expect(page).toHaveURL('/settings/audit');
  await expect.poll(() => done(page)).toContain('was turned away from');
  await page.goForward();
  await expect(page).toHaveURL(`/settings/audit?target=${leo}`);
  await expect.poll(() => done(page)).not.toContain('was turned away from');
  await chip.click();
  await expect(page).toHaveURL('/settings/audit');

  const search = page.getByRole('searchbox', { name: 'Search the audit log' });
  await search.fill('leo');
  await expect(page).toHaveURL('/settings/audit?query=leo');
  await search.fill('127.0.0.1');
  await expect(page).toHaveURL('/settings/audit?ip=127.0.0.1');
  await search.fill('nobody at all');
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear search and filters' }).click();
  await expect(search).toHaveValue('');
});

test('the list is of a time, also of one that moves along', async ({ page, server }) => {
  await deeds(server);
  await enter(page);
  await open(page, '/settings/audit');
  const time = page.getByLabel('Time', { exact: true });
  await time.selectOption('Last 7 days');
  await expect(page).toHaveURL(/[?&]from=.*&when=7d$/);
  await expect(row(page, 'changed the role of')).toBeVisible();
  await open(page, '/settings/audit?from=2020-01-01T00:00:00.000Z&when=7d');
  await expect(page).not.toHaveURL(/2020/);
  await expect(time).toHaveValue('7d');
  await time.selectOption('Between two days');
  await page.getByLabel('From this day').fill('2020-03-01');
  await page.getByLabel('To this day').fill('2020-03-02');
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('From this day')).toHaveValue('2020-03-01');
  await expect(page.getByLabel('To this day')).toHaveValue('2020-03-02');
});

test('many events come in pages', async ({ page, server }) => {
  for (let n = 0; n < 60; n++) await server.api('PATCH', '/settings', { helpContact: `extension ${n}` });
  await enter(page);
  await open(page, '/settings/audit?action=settings.');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await expect(page.getByRole('rowheader')).toHaveCount(50);
  await pages.getByRole('link', { name: 'Older' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(10);
  await expect(pages.getByRole('button', { name: 'Older' })).toBeDisabled();
  await pages.getByRole('link', { name: 'Newer' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(50);
});

test('new events appear on top while it is live', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/audit?action=user.');
  await expect(page.getByRole('heading', { name: 'No event matches' })).toBeVisible();
  const live = page.getByRole('switch', { name: /^Live/ });
  const asked = page.waitForRequest((request) => request.url().endsWith('/_call/list_events') && request.headers()['x-doorward-background'] === '1');
  await live.check();
  await asked;
  await server.add({ username: 'leo' });
  await expect(row(page, 'added')).toContainText('leo', { timeout: 10_000 });
  await expect(page.getByRole('heading', { name: 'No event matches' })).toHaveCount(0);
  await server.add({ username: 'kim' });
  await expect(page.getByRole('row').nth(1)).toContainText('kim', { timeout: 10_000 });
  await page.getByLabel('Result', { exact: true }).selectOption('Done');
  await expect(page.getByRole('rowheader')).toHaveCount(2);
  await expect(live).toBeChecked();
  await live.uncheck();
  await server.add({ username: 'noor' });
  await page.waitForTimeout(4_000);
  await expect(row(page, 'noor')).toHaveCount(0);
});

test('an event opens with before and after, and leads on', async ({ page, server }) => {
  const leo = await deeds(server);
  await enter(page);
  await open(page, '/settings/audit?action=user.');
  await page.getByRole('link', { name: 'Details: mara changed the role of leo' }).click();
  const drawer = page.getByRole('dialog', { name: 'mara changed the role of leo' });
  const change = drawer.getByRole('row').filter({ hasText: 'Role' });
  await expect(change.locator('del')).toHaveText('viewer');
  await expect(change.locator('ins')).toHaveText('operator');
  await expect(drawer.getByRole('button', { name: 'Copy request number' })).toBeVisible();
  await page.reload();
  await hydrated(page);
  await expect.poll(() => drawer.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/settings/audit?action=user.');
  await page.goBack();
  await drawer.getByRole('link', { name: 'Events of this session' }).click();
  await expect(page).toHaveURL(/[?&]session=/);
  await expect(page.getByRole('link', { name: /^In session/ })).toBeVisible();
  await expect(row(page, 'changed the role of')).toBeVisible();

  await open(page, `/settings/users/${leo}`);
  await page.getByRole('dialog', { name: 'Leo Berg' }).getByRole('button', { name: 'More' }).click();
  await page.locator('.menu:popover-open').getByText('What was done to them').click();
  await expect(page).toHaveURL(`/settings/audit?target=${leo}`);
});

test('what is shown is saved as a file', async ({ page, server }) => {
  await deeds(server);
  await enter(page);
  await open(page, '/settings/audit?action=user.');
  for (const [link, ending, lines] of [['Export CSV', '.csv', 4], ['Export JSON lines', '.jsonl', 3]] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
    expect(download.suggestedFilename()).toContain(ending);
    expect(download.url()).not.toContain('token');
    expect(readFileSync(await download.path(), 'utf8').trim().split('\n')).toHaveLength(lines);
  }
  await expect(heading(page, 'Audit log')).toBeVisible();
});

test('whoever is turned away gets a number, and an auditor finds out why', async ({ page, server, another, watch }) => {
  watch.allow(403);
  await server.add({ username: 'vera', role: 'viewer' });
  await enter(page, { username: 'vera' });
  await open(page, '/settings/users');
  await expect(heading(page, 'Your role doesn’t open this page')).toBeVisible();
  const id = await page.getByRole('definition').locator('code').innerText();
  await expect(page.getByRole('button', { name: 'Copy decision number' })).toBeVisible();

  const auditor = await another();
  await enter(auditor, ADMIN);
  await open(auditor, `/settings/audit/${id}`);
  const drawer = auditor.getByRole('dialog', { name: 'vera was turned away from /settings/users' });
  await expect(drawer.getByRole('listitem')).toHaveText([
    'Who asked user vera',
    'Their role viewer',
    'Where default/default',
    'What it allows read, subscribe',
    'Which page /settings/users needs users',
    'So denied',
  ]);
});

test('Home leads to the log', async ({ page, server }) => {
  await deeds(server);
  await enter(page);
  await open(page, '/');
  await page.getByRole('region', { name: 'Latest events' }).getByRole('link', { name: 'See all events' }).click();
  await expect(page).toHaveURL('/settings/audit');
  await expect(row(page, 'changed the role of')).toBeVisible();
});
