// The dashboard without a mouse: the search, the shortcuts, and a tour by keys alone.
import { ADMIN, PASSWORD, at, enter, expect, heading, open, report, row, test, tokenOf } from '../fixtures';

test('the search finds pages, actions and people', async ({ page, server }) => {
  await server.add({ username: 'elif', displayName: 'Elif Kaya', email: 'elif@example.com' });
  await enter(page);
  await open(page, '/');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  const input = palette.getByRole('combobox');
  await expect(input).toBeFocused();
  const options = palette.getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.type('authent');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Authentication')).toBeVisible();
  await expect(palette).toBeHidden();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('elif@');
  await expect(options.filter({ hasText: 'Elif Kaya' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Elif Kaya' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/settings/users');

  await page.keyboard.press('Control+k');
  await expect(input, 'it begins empty').toHaveValue('');
  await page.keyboard.type('zzzzz');
  await expect(palette.getByText('Nothing matches. Try other words.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('the search does things, too', async ({ page }) => {
  await enter(page);
  await open(page, '/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('add a user');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Add a user' })).toBeVisible();
});

test('single keys lead to pages, unless one types or has switched them off', async ({ page }) => {
  await enter(page);
  await open(page, '/');
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await expect(heading(page, 'Users')).toBeVisible();
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search users' });
  await expect(search).toBeFocused();
  await page.keyboard.type('gh?');
  await expect(search).toHaveValue('gh?');
  await expect(page).toHaveURL(/\/settings\/users/);
  await search.fill('');
  await search.blur();

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(help).toContainText('Go to Users');
  await help.getByRole('switch', { name: 'Single keys are shortcuts' }).uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.reload();
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.keyboard.press('?');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Search or jump to' })).toBeVisible();
  await expect(help).toBeHidden();
  await expect(page).toHaveURL(/\/settings\/users/);
});

test('one signs in and adds somebody by keys alone', async ({ page }) => {
  await open(page, '/login');
  await expect(page.getByLabel('Username or email')).toBeFocused();
  await page.keyboard.type(ADMIN.username);
  const tabTo = async (name: string | RegExp) => {
    const isThere = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await isThere()).match(name)) return;
    }
    throw new Error(`${name} can not be reached by Tab`);
  };
  await page.getByLabel('Password', { exact: true }).focus();
  await page.keyboard.type(PASSWORD);
  await tabTo(/^Show/);
  await page.keyboard.press('Tab');
  await expect(page.getByLabel(/^Keep me signed in/)).toBeFocused();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await at(page, '/');

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await expect(heading(page, 'Users')).toBeVisible();
  await tabTo(/^Add a user/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  await expect(dialog.getByRole('textbox', { name: /^Name/ })).toBeFocused();
  await page.keyboard.type('Elif Kaya');
  await page.keyboard.press('Tab');
  await page.keyboard.type('elif');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('radio', { name: /Viewer/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: /Operator/ })).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: /Set a password/ })).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(report(page, 'Elif Kaya is added')).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(row(page, 'Elif Kaya')).toContainText('Operator');
});

test('the focus returns to where a dialog was opened', async ({ page, server }) => {
  await server.add({ username: 'elif', displayName: 'Elif Kaya' });
  await enter(page);
  await open(page, '/settings/sessions');
  await tokenOf(page);
  const opener = page.getByRole('button', { name: 'Sign out everywhere' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  // The dialog takes the focus once it is open; a key before that is the page's.
  await expect(dialog.getByRole('button', { name: 'Stay signed in' })).toBeVisible();
  await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});
