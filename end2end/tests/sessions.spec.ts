// The screen of sessions: one's own, everybody's, and ending them.
import { ADMIN, at, enter, expect, heading, open, report, row, test, tokenOf } from '../fixtures';

const ELIF = { username: 'elif', displayName: 'Elif Kaya', role: 'viewer' };

test('one ends a session of one’s own on another device', async ({ page, another, watch }) => {
  watch.allow(401);
  const device = await another({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' });
  await enter(device);
  await open(device, '/');
  await tokenOf(device);
  await enter(page);
  await open(page, '/settings/sessions');
  const other = row(page, 'Firefox on Linux');
  await expect(other).toContainText(ADMIN.displayName);
  await expect(other).toContainText('127.0.0.1');
  await other.getByRole('button', { name: /^End/ }).click();
  await expect(report(page, 'has ended')).toBeVisible();
  await expect(other).toHaveCount(0);
  await device.reload();
  await at(device, '/login');
});

test('the session at hand is marked, and is not ended by the way', async ({ page }) => {
  await enter(page);
  await open(page, '/settings/sessions');
  const here = row(page, 'This device');
  await expect(here).toHaveCount(1);
  await expect(here.getByRole('button', { name: /^End/ })).toHaveCount(0);
});

test('all others of one’s own end by one button', async ({ page, server }) => {
  for (let n = 0; n < 3; n += 1) await server.login(ADMIN.username);
  await enter(page);
  await open(page, '/settings/sessions');
  // The three, and the one that set the server up.
  await expect(page.getByRole('rowheader')).toHaveCount(5);
  await page.getByRole('button', { name: 'End my other sessions' }).click();
  await expect(report(page, '4 other sessions ended')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('rowheader')).toHaveCount(1);
});

test('what is refused in passing says by which number one finds out why', async ({ page, server, watch }) => {
  watch.allow(403);
  await server.login(ADMIN.username);
  await enter(page);
  await open(page, '/settings/sessions');
  const decisionId = '01890000-0000-7000-8000-000000000000';
  await page.route('**/_call/sign_out_others', (route) =>
    route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      json: { type: '/problems/forbidden', title: 'Your role does not allow this', status: 403, detail: 'Not today. Ask Ada.', code: 'forbidden', requestId: 'r', decisionId },
    }),
  );
  await page.getByRole('button', { name: 'End my other sessions' }).click();
  const toast = report(page, 'Your other sessions go on');
  await expect(toast).toContainText('Not today. Ask Ada.');
  await expect(toast.getByRole('link', { name: decisionId })).toHaveAttribute('href', `/settings/audit/${decisionId}`);
});

test('signing out everywhere asks first', async ({ page, another, watch }) => {
  watch.allow(401);
  const device = await another();
  await enter(device);
  await open(device, '/');
  await enter(page);
  await open(page, '/settings/sessions');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  await dialog.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await at(page, '/login');
  await device.goto('/');
  await expect(device).toHaveURL('/login');
});

test('an admin sees everybody’s, and ends one', async ({ page, server, another }) => {
  const id = await server.add(ELIF);
  const theirs = await another();
  await enter(theirs, ELIF);
  await enter(page);
  await open(page, '/settings/sessions');
  await expect(row(page, 'Elif Kaya')).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Whose sessions' }).getByRole('link', { name: 'Everyone' }).click();
  await expect(page).toHaveURL('/settings/sessions?user=all');
  await row(page, 'Elif Kaya').getByRole('button', { name: /^End/ }).click();
  await expect(row(page, 'Elif Kaya')).toHaveCount(0);
  await theirs.goto('/');
  await expect(theirs).toHaveURL('/login');
  await open(page, `/settings/sessions?user=${id}`);
  await expect(page.getByRole('heading', { name: 'No open sessions' })).toBeVisible();
});

test('others see their own alone', async ({ page, server, watch }) => {
  await server.add(ELIF);
  await enter(page, ELIF);
  await open(page, '/settings/sessions');
  await expect(heading(page, 'Sessions')).toBeVisible();
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Whose sessions' })).toHaveCount(0);
  watch.allow(404);
  const response = await open(page, '/settings/sessions?user=all');
  expect(await response.text()).not.toContain(ADMIN.displayName);
  await expect(page.getByText(ADMIN.displayName)).toHaveCount(0);
});
