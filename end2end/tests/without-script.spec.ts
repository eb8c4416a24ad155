// The pages before the door in a browser that runs no script: their forms are plain forms.
import { ADMIN, PASSWORD, expect, heading, test, type Page } from '../fixtures';

test.use({ javaScriptEnabled: false });

/** Signs in by the plain form. */
async function signIn(page: Page, username = ADMIN.username, password = PASSWORD): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test.describe('fresh', () => {
  test.use({ stage: 'fresh' });

  test('setup works, and what is wrong is said with what was typed', async ({ page, watch }) => {
    watch.allow(422);
    await page.goto('/');
    await expect(page).toHaveURL('/setup');
    await page.getByRole('link', { name: 'Create the first admin' }).click();
    await page.getByLabel('Username').fill('mara');
    await page.getByLabel('Email').fill('mara@example.com');
    await page.getByLabel('Password', { exact: true }).fill('password1');
    const [response] = await Promise.all([page.waitForResponse('**/setup/admin'), page.getByRole('button', { name: 'Create admin and sign in' }).click()]);
    expect(response.status()).toBe(422);
    await expect(page.getByRole('alert').filter({ hasText: 'One thing needs another look.' })).toBeVisible();
    await expect(page.getByLabel('Username')).toHaveValue('mara');
    await expect(page.getByLabel('Email')).toHaveValue('mara@example.com');
    await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
    await expect(page.getByRole('button', { name: 'Show password' })).toBeHidden();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create admin and sign in' }).click();
    await expect(page).toHaveURL('/setup/app');
    await page.getByLabel('Upstream').fill('tasks');
    await page.getByRole('button', { name: 'Check the address' }).click();
    await expect(page.getByLabel('Upstream')).toHaveValue('tasks');
    await expect(page.getByLabel('Upstream')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Upstream').fill('http://127.0.0.1:1');
    await page.getByRole('button', { name: 'Check the address' }).click();
    await expect(page.getByText('It can be added all the same.')).toBeVisible();
    await page.getByLabel('Name').fill('Task queue');
    await page.getByRole('button', { name: 'Add the app' }).click();
    await expect(page).toHaveURL('/setup/done');
    await expect(heading(page, 'Sign-in is on')).toBeVisible();
    await page.getByRole('link', { name: 'Go to Home' }).click();
    await expect(heading(page, 'Doorward')).toBeVisible();
  });

  test('setup is skipped after the warning folds open', async ({ page }) => {
    await page.goto('/setup');
    const skip = page.getByRole('button', { name: 'Skip setup and leave sign-in off' });
    await expect(skip).toBeHidden();
    await page.locator('summary').click();
    await expect(page.getByText('Anyone who can reach this address gets full admin access.').first()).toBeVisible();
    await skip.click();
    await expect(page).toHaveURL('/');
    await expect(page.getByRole('alert').filter({ hasText: 'Sign-in is off.' })).toBeVisible();
  });
});

test('signing in works, and a refusal keeps the name', async ({ page, watch }) => {
  watch.allow(401);
  await signIn(page, ADMIN.username, 'not this one');
  await expect(page.getByRole('alert').filter({ hasText: 'That name and password don’t match.' })).toBeVisible();
  await expect(page.getByLabel('Username or email')).toHaveValue(ADMIN.username);
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/');
  await expect(heading(page, 'Doorward')).toBeVisible();
});

test('one comes back to the page that was asked for, even after a refusal', async ({ page, watch }) => {
  watch.allow(401);
  await page.goto('/settings/users?role=admin');
  for (const password of ['not this one', PASSWORD]) {
    await page.getByLabel('Username or email').fill(ADMIN.username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  await expect(page).toHaveURL('/settings/users?role=admin');
  await expect(page.getByRole('row').filter({ hasText: ADMIN.displayName })).toBeVisible();
});

test('Remember me keeps the cookie', async ({ page, context }) => {
  await page.goto('/login');
  await page.getByLabel('Username or email').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel(/^Keep me signed in/).check();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/');
  const cookie = (await context.cookies()).find(({ name }) => name === 'doorward')!;
  expect(cookie.expires).toBeGreaterThan(Date.now() / 1000 + 20 * 86_400);
});

test('the pages behind the door are whole', async ({ page, server }) => {
  await server.add({ username: 'elif', displayName: 'Elif Kaya' });
  const { apiKey } = await server.api('POST', '/api-keys', { name: 'nightly', role: 'viewer', kind: 'personal', expiresIn: '24h' });
  await signIn(page);
  for (const [path, words] of [
    ['/', 'Sign-ins of the last 24 hours'],
    ['/settings/general', 'Installation'],
    ['/settings/authentication', 'Lifetimes and passwords'],
    ['/settings/users', 'Elif Kaya'],
    ['/settings/sessions', 'This device'],
    ['/settings/api-keys', 'Expires soon'],
    [`/settings/api-keys/${apiKey.id}`, 'Expires soon'],
    ['/profile', 'nightly'],
  ]) {
    await page.goto(path);
    await expect(page.getByRole('main').getByText(words).first(), path).toBeVisible();
    await expect(page.getByText('Loading'), path).toHaveCount(0);
  }
});

test('signing out works', async ({ page }) => {
  await signIn(page);
  await page.goto('/logout');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/login');
  await page.goto('/');
  await expect(page).toHaveURL('/login');
});

test('a password is set by a one-time link', async ({ page, server, watch }) => {
  watch.allow(422, 410);
  const id = await server.add({ username: 'elif' });
  const link = await server.api('POST', `/users/${id}/reset-link`);
  await page.goto(link.url);
  await page.getByLabel('Password', { exact: true }).fill('password1');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'One thing needs another look.' })).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill('brass lantern tide');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page).toHaveURL('/login');
  await signIn(page, 'elif', 'brass lantern tide');
  await expect(page).toHaveURL('/');
  await page.goto(link.url);
  await expect(heading(page, 'This link is no longer good')).toBeVisible();
});

test('a password that has to be replaced is replaced', async ({ page, server, watch }) => {
  watch.allow(403);
  await server.add({ username: 'elif', mustChangePassword: true });
  await signIn(page, 'elif');
  await expect(page).toHaveURL('/change-password');
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('brass lantern tide');
  await page.getByRole('button', { name: 'Save password and go on' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'One thing needs another look.' })).toBeVisible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('brass lantern tide');
  await page.getByRole('button', { name: 'Save password and go on' }).click();
  await expect(page).toHaveURL('/');
});

test('a session that began without script goes on with it', async ({ page, another }) => {
  await signIn(page);
  const awake = await another({ javaScriptEnabled: true, storageState: await page.context().storageState() });
  await awake.goto('/settings/users');
  await expect(awake.locator('html[data-hydrated]')).toBeAttached();
  await awake.getByRole('link', { name: 'Sessions', exact: true }).click();
  await expect(awake.getByRole('row').filter({ hasText: 'This device' })).toBeVisible();
});
