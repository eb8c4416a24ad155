// Settings: the installation's name and contact, and whether one has to sign in.
import { ADMIN, NO_ANSWER, PASSWORD, at, enter, expect, heading, hydrated, open, report, row, submitSignIn, test } from '../fixtures';

test('the first page of Settings is the one that the role opens', async ({ page, server, watch }) => {
  watch.allow(401);
  await enter(page);
  await page.goto('/settings');
  await expect(page).toHaveURL('/settings/general');
  await expect(heading(page, 'General')).toBeVisible();
  const viewer = { username: 'vera' };
  await server.add(viewer);
  await enter(page, viewer);
  await page.goto('/settings');
  await expect(page).toHaveURL('/settings/api-keys');
});

test('name and help contact are shown where people sign in', async ({ page, another }) => {
  await enter(page);
  await open(page, '/settings/general');
  await page.getByRole('textbox', { name: 'Name' }).fill('Harbour <Lab>');
  await page.getByRole('textbox', { name: /^Help contact/ }).fill('Ada, extension 4410');
  await page.getByRole('button', { name: 'Save installation' }).click();
  await expect(report(page, 'The installation’s name and help contact are saved')).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toContainText('Harbour <Lab>');
  const stranger = await another();
  await open(stranger, '/login');
  await expect(heading(stranger, 'Sign in to Harbour <Lab>')).toBeVisible();
  await expect(stranger.getByText('Help: Ada, extension 4410')).toBeVisible();
});

test('a name that is none is refused at its field', async ({ page }) => {
  await enter(page);
  await open(page, '/settings/general');
  const name = page.getByRole('textbox', { name: 'Name' });
  await name.fill('  ');
  await page.getByRole('button', { name: 'Save installation' }).click();
  await expect(name).toHaveAccessibleDescription('The name has 1 to 60 characters.');
  await name.fill('x'.repeat(61));
  await page.getByRole('button', { name: 'Save installation' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'One thing needs another look.' })).toBeVisible();
});

test('what the server runs on is told', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/general');
  const { version } = await server.api('GET', '/settings');
  await expect(page.getByRole('definition').filter({ hasText: version })).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'SQLite' })).toBeVisible();
});

test('sign-in is turned off with the password, opens everything, and is turned on again', async ({ page, server, another, watch }) => {
  watch.allow(401, 403, NO_ANSWER);
  await enter(page);
  await open(page, '/settings/authentication');
  await expect(page.getByRole('heading', { name: 'Sign-in is on' })).toBeVisible();
  await page.getByRole('button', { name: 'Turn sign-in off' }).click();
  const dialog = page.getByRole('dialog', { name: 'Turn sign-in off?' });
  await expect(dialog).toContainText(new URL(server.url).host);
  await expect(dialog).toContainText('gets full admin access');
  await expect(dialog.getByRole('button', { name: 'Turn sign-in off' })).toBeDisabled();
  await dialog.getByLabel('Your password').fill('not this one');
  await dialog.getByRole('button', { name: 'Turn sign-in off' }).click();
  await expect(dialog.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Your password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Turn sign-in off' }).click();
  const banner = page.getByRole('alert').filter({ hasText: 'Sign-in is off.' });
  await expect(banner).toBeVisible();
  await hydrated(page);
  await expect(page.getByRole('heading', { name: 'Sign-in is off' })).toBeVisible();

  const stranger = await another();
  await open(stranger, '/settings/users');
  await expect(row(stranger, ADMIN.displayName)).toBeVisible();
  await expect(stranger.getByRole('button', { name: 'Account menu' })).toContainText('Anyone');
  await server.restart();
  await stranger.reload();
  await expect(row(stranger, ADMIN.displayName)).toBeVisible();

  await page.locator('#sign-in').getByRole('button', { name: 'Turn sign-in on' }).click();
  await at(page, /^\/login\?next=\/settings\/authentication$/);
  await submitSignIn(page, ADMIN.username);
  await at(page, '/settings/authentication');
  await expect(page.getByRole('heading', { name: 'Sign-in is on' })).toBeVisible();
  await expect(banner).toHaveCount(0);
  // Whoever has no account is shown the door at once.
  await expect(stranger).toHaveURL(/\/login/);
});

test('a page that is open while sign-in is turned on elsewhere sends its reader to sign in', async ({ page, server, watch }) => {
  watch.allow(401);
  await server.open();
  await open(page, '/settings/users');
  await server.api('PATCH', '/settings/auth', { enabled: true });
  await at(page, /^\/login/);
});

test('the lifetimes of the configuration are shown with their keys', async ({ page }) => {
  await enter(page);
  await open(page, '/settings/authentication');
  const lifetimes = page.getByRole('region', { name: 'Lifetimes and passwords' });
  for (const key of ['auth.access_ttl', 'auth.browser_ttl', 'auth.refresh_ttl', 'auth.session_max', 'auth.idle_ttl', 'auth.password_min']) {
    await expect(lifetimes.getByText(key)).toBeVisible();
  }
  for (const words of ['1 hour', '12 hours', '30 days', '90 days', 'Never']) await expect(lifetimes.getByText(words, { exact: true })).toBeVisible();
});
