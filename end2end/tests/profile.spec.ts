// One's own account: the name to show, the address, the password, the look.
import { ADMIN, PASSWORD, at, enter, expect, heading, open, report, submitSignIn, test, tokenOf } from '../fixtures';

test('the name that is shown changes everywhere at once', async ({ page }) => {
  await enter(page);
  await open(page, '/profile');
  await page.getByRole('textbox', { name: /^Name/ }).fill('Mára L. Öz');
  await page.getByRole('textbox', { name: /^Email/ }).fill('m@example.org');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(report(page, 'Your profile is saved')).toBeVisible();
  await expect(heading(page, 'Mára L. Öz')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Account menu' })).toContainText('Mára L. Öz');
  await page.reload();
  await expect(heading(page, 'Mára L. Öz')).toBeVisible();
  await expect(page.getByRole('textbox', { name: /^Email/ })).toHaveValue('m@example.org');
});

test('an address that is none, or somebody else’s, is refused', async ({ page, server, watch }) => {
  watch.allow(409);
  await server.add({ username: 'elif', email: 'elif@example.com' });
  await enter(page);
  await open(page, '/profile');
  const email = page.getByRole('textbox', { name: /^Email/ });
  await email.fill('nonsense');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(email).toHaveAccessibleDescription(/not an email address/);
  await email.fill('ELIF@example.com');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(email).toHaveAccessibleDescription(/taken|belongs|already/i);
  await expect(email).toHaveValue('ELIF@example.com');
});

test('another password ends the other sessions, and this one stays', async ({ page, another, server, watch }) => {
  watch.allow(401, 403, 422);
  const device = await another();
  await enter(device);
  await open(device, '/');
  await tokenOf(device);
  await enter(page);
  await open(page, '/profile');
  const form = page.getByRole('region', { name: 'Password' });
  const [current, next] = [form.getByLabel('Current password'), form.getByLabel('New password')];
  await current.fill('not this one');
  await next.fill('brass lantern tide');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(current).toHaveAttribute('aria-invalid', 'true');
  await current.fill(PASSWORD);
  await next.fill('mara-mara-mara');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(next).toHaveAttribute('aria-invalid', 'true');
  await next.fill('brass lantern tide');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(report(page, 'Your password is changed')).toBeVisible();
  await expect(current).toHaveValue('');

  await device.goto('/');
  await expect(device).toHaveURL('/login');
  await page.reload();
  await expect(heading(page, ADMIN.displayName)).toBeVisible();
  expect((await server.tryLogin(ADMIN.username, PASSWORD)).status).toBe(401);
  await open(device, '/login');
  await submitSignIn(device, ADMIN.username, 'brass lantern tide');
  await at(device, '/');
});

test('with another password one’s API keys can go, too', async ({ page, server }) => {
  await server.api('POST', '/api-keys', { name: 'laptop', role: 'viewer', kind: 'personal' });
  await enter(page);
  await open(page, '/profile');
  const keys = page.getByRole('region', { name: 'My API keys' });
  await expect(keys.getByRole('listitem').filter({ hasText: 'laptop' })).not.toContainText('Revoked');
  const form = page.getByRole('region', { name: 'Password' });
  await form.getByLabel('Current password').fill(PASSWORD);
  await form.getByLabel('New password').fill('brass lantern tide');
  await form.getByRole('checkbox', { name: 'Revoke my API keys too' }).check();
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(report(page, 'Your password is changed')).toBeVisible();
  await expect(form.getByRole('checkbox', { name: 'Revoke my API keys too' })).not.toBeChecked();
  await expect(keys.getByRole('listitem').filter({ hasText: 'laptop' })).toContainText('Revoked');
});

test.describe('where personal keys are off', () => {
  test.use({ env: { DOORWARD_KEYS__PERSONAL: 'false' } });

  test('the card says so, and nothing offers to make one', async ({ page, server, watch }) => {
    // The token in the page is of whoever was signed in before.
    watch.allow(401);
    await enter(page);
    await open(page, '/profile');
    const keys = page.getByRole('region', { name: 'My API keys' });
    await expect(keys).toContainText('Personal keys are turned off here.');
    await expect(keys.getByRole('link', { name: 'Create a key' })).toHaveCount(0);
    await open(page, '/settings/api-keys/new');
    await expect(page.getByRole('dialog', { name: 'Create an API key' })).toContainText('A service key.');
    await server.add({ username: 'vera', role: 'viewer' });
    await enter(page, { username: 'vera' });
    await open(page, '/settings/api-keys');
    await expect(page.getByText('Personal keys are turned off here')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Create a key' })).toHaveCount(0);
  });
});

test('the theme is chosen here, holds at once and after a reload, and follows the device again', async ({ page, context }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await enter(page);
  await open(page, '/profile');
  const root = page.locator('html');
  const colour = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await colour();
  await page.getByRole('radiogroup', { name: 'Theme' }).getByText('Dark').click();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await expect.poll(colour).not.toBe(light);
  const dark = await colour();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await colour()).toBe(dark);

  const tab = await context.newPage();
  await open(tab, '/');
  await expect(tab.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('radiogroup', { name: 'Theme' }).getByText('System').click();
  await expect(root).not.toHaveAttribute('data-theme', /./);
  await expect.poll(colour).toBe(light);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(colour).toBe(dark);
});
