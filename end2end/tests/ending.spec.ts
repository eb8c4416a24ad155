// How sessions end: by signing out, in another tab, by an admin elsewhere, by another person.
import { ADMIN, PASSWORD, at, enter, expect, heading, hydrated, mute, open, report, row, signIn, signOut, stored, submitSignIn, test, tokenOf } from '../fixtures';

const COLLEAGUE = { username: 'elif', displayName: 'Elif Kaya', role: 'admin' };

// BRW-198, BRW-199
test('signing out leaves nothing behind', async ({ page, server }) => {
  await signIn(page);
  const token = await tokenOf(page);
  const cookie = (await page.context().cookies()).find(({ name }) => name === 'doorward')!;
  const [answer] = await Promise.all([page.waitForResponse('**/_call/sign_out'), signOut(page)]);
  // The browser shows this header in its raw list alone.
  expect(await answer.allHeaders()).toMatchObject({ 'clear-site-data': '"cache"', 'cache-control': 'no-store' });
  expect(await stored(page)).toEqual({ local: {}, session: {} });
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name }) => name)).not.toContain('doorward');
  const again = await server.ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${token}`, cookie: `doorward=${cookie.value}` });
  expect(again.status).toBe(401);
  await page.goto('/settings/users');
  await at(page, '/login');
});

test('the theme of this device stays when one signs out', async ({ page }) => {
  await signIn(page);
  await page.evaluate(() => { localStorage['doorward.theme'] = 'dark'; });
  await signOut(page);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

// BRW-199
for (const isRemembered of [false, true]) {
  test(`signing out in one tab signs out the others, ${isRemembered ? 'remembered' : 'not remembered'}`, async ({ page, context }) => {
    await signIn(page, ADMIN, isRemembered);
    const other = await context.newPage();
    await open(other, '/settings/users');
    await tokenOf(other);
    await signOut(page);
    await at(other, '/login');
    expect(await stored(other)).toEqual({ local: {}, session: {} });
  });
}

// BRW-198
test('Back shows nothing after signing out', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: ADMIN.displayName })).toBeVisible();
  await signOut(page);
  await page.evaluate(() => history.go(-1));
  await at(page, /^\/login\?next=/);
  await expect(page.getByText(ADMIN.displayName)).toHaveCount(0);
});

test('the page to sign out does so only at the press of its button', async ({ page }) => {
  await enter(page);
  await open(page, '/logout');
  await expect(page.getByText('You’re signed in as Mara Lindqvist on this device.')).toBeVisible();
  await page.getByRole('link', { name: 'Stay signed in' }).click();
  await expect(heading(page, 'Doorward')).toBeVisible();
  await open(page, '/logout');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await at(page, '/login');
  await page.goto('/');
  await at(page, '/login');
});

test('a session that an admin ends asks for the password over the page, and what was typed stays', async ({ page, server, watch }) => {
  watch.allow(401);
  await mute(page);
  await signIn(page);
  await open(page, '/profile');
  await tokenOf(page);
  const name = page.getByRole('textbox', { name: /^Name/ });
  await name.fill('Mara the Second');
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  await page.getByRole('button', { name: 'Save profile' }).click();

  const dialog = page.getByRole('dialog', { name: 'Sign in to go on' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByLabel('Username')).toHaveValue(ADMIN.username);
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog, 'it can not be closed').toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill('not this one');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('That name and password don’t match.');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  await expect(name).toHaveValue('Mara the Second');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(report(page, 'Your profile is saved')).toBeVisible();
  await expect(heading(page, 'Mara the Second')).toBeVisible();
});

test('a list that could not be loaded is loaded once one is signed in again', async ({ page, server, watch }) => {
  watch.allow(401);
  await mute(page);
  await signIn(page);
  await open(page, '/settings/users');
  await tokenOf(page);
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  await page.getByRole('link', { name: 'Sessions', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in to go on' });
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expect(row(page, 'This device')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

// REF-077
test('once the session is over nothing is asked again and again', async ({ page, server, watch }) => {
  watch.allow(401);
  await mute(page);
  await signIn(page);
  await open(page, '/settings/users');
  await tokenOf(page);
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  const asked: Record<string, number> = {};
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/_call/')) asked[pathname] = (asked[pathname] ?? 0) + 1;
  });
  // Home asks for several things at once.
  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Sign in to go on' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const settled = { ...asked };
  // Longer than the dashboard's own looks at the clock are apart.
  await page.waitForTimeout(7_000);
  expect(asked).toEqual(settled);
  const { '/_call/refresh_session': renewals, ...others } = asked;
  expect(renewals).toBeLessThanOrEqual(Object.keys(others).length);
  for (const [path, times] of Object.entries(others)) expect(times, path).toBeLessThanOrEqual(2);
  await page.reload();
  await at(page, '/login');
});

test('a session that has ended leads back to the page after a reload', async ({ page, server, watch }) => {
  watch.allow(401);
  await signIn(page);
  await open(page, '/settings/users?role=admin');
  await tokenOf(page);
  await server.endSessionsOf(await server.idOf(ADMIN.username));
  await page.reload();
  await at(page, /^\/login\?next=/);
  await submitSignIn(page, ADMIN.username);
  await at(page, /^\/settings\/users\?role=admin$/);
});

test('who is disabled while at work can not go on', async ({ page, server, watch }) => {
  watch.allow(401);
  await mute(page);
  const id = await server.add(COLLEAGUE);
  await enter(page, COLLEAGUE);
  await open(page, '/');
  await tokenOf(page);
  await server.api('PATCH', `/users/${id}`, { isDisabled: true });
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in to go on' });
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByRole('alert')).toContainText('That name and password don’t match.');
  await dialog.getByRole('link', { name: 'Sign in as someone else' }).click();
  await at(page, '/login');
});

test('who signs in as somebody else in another tab is that person in all tabs', async ({ page, context, server, watch }) => {
  // The tab that is behind asks with the token of before.
  watch.allow(/401/);
  await server.add(COLLEAGUE);
  await signIn(page);
  await open(page, '/profile');
  await expect(heading(page, ADMIN.displayName)).toBeVisible();
  const other = await context.newPage();
  await signIn(other, COLLEAGUE);
  await expect(heading(page, COLLEAGUE.displayName)).toBeVisible();
  await hydrated(page);
  await expect(page.getByRole('button', { name: 'Account menu' })).toContainText(COLLEAGUE.displayName);
});
