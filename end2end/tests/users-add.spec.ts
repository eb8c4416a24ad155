// Adding somebody: by a link that they choose a password with, or with a password.
import { ADMIN, PASSWORD, at, enter, expect, heading, open, report, row, submitSignIn, test } from '../fixtures';

test('somebody is invited by a link that is shown once, and works once', async ({ page, another }) => {
  await enter(page);
  await open(page, '/settings/users');
  await page.getByRole('link', { name: 'Add a user' }).click();
  await expect(page).toHaveURL('/settings/users/new');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('textbox', { name: /^Name/ })).toBeFocused();
  await dialog.getByRole('textbox', { name: /^Name/ }).fill('Yuki Mori');
  await dialog.getByRole('textbox', { name: 'Username' }).fill('yuki');
  await dialog.getByRole('textbox', { name: /^Email/ }).fill('yuki@example.com');
  await dialog.getByRole('radio', { name: /Developer/ }).check();
  await dialog.getByRole('button', { name: 'Invite Yuki Mori' }).click();

  await expect(dialog.getByRole('heading', { name: 'Invitation for Yuki Mori' })).toBeVisible();
  await expect(report(page, 'Yuki Mori is invited')).toBeVisible();
  const link = (await dialog.locator('.secret code').textContent())!;
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog, 'it stays until the link was taken').toBeVisible();
  await dialog.getByLabel('I’ve copied it').check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL('/settings/users');
  await expect(row(page, 'Yuki Mori')).toContainText('Invited');
  await expect(row(page, 'Yuki Mori')).toContainText('Developer');

  const theirs = await another();
  await open(theirs, link);
  await expect(heading(theirs, 'Welcome: set your password')).toBeVisible();
  await expect(theirs.getByLabel('Username')).toHaveValue('yuki');
  await theirs.getByLabel('Password', { exact: true }).fill('brass lantern tide');
  await theirs.getByRole('button', { name: 'Set password' }).click();
  await expect(heading(theirs, 'Your password is set')).toBeVisible();
  await theirs.getByRole('link', { name: 'Sign in' }).click();
  await at(theirs, '/login');
  await submitSignIn(theirs, 'yuki', 'brass lantern tide');
  await at(theirs, '/');
  await expect(theirs.getByRole('button', { name: 'Account menu' })).toContainText('Yuki Mori');

  await open(theirs, link);
  await expect(heading(theirs, 'This link is no longer good')).toBeVisible();
  await page.reload();
  await expect(row(page, 'Yuki Mori')).toContainText('Active');
});

test('somebody is added with a password that they replace at the first sign-in', async ({ page, another }) => {
  await enter(page);
  await open(page, '/settings/users/new?role=operator');
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  await expect(dialog.getByRole('radio', { name: /Operator/ })).toBeChecked();
  await dialog.getByRole('textbox', { name: 'Username' }).fill('noor');
  await dialog.getByText('Set a password').click();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Add noor' }).click();
  await expect(report(page, 'noor is added')).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await expect(row(page, 'noor')).toContainText('Operator');

  const theirs = await another();
  await open(theirs, '/login');
  await submitSignIn(theirs, 'noor');
  await at(theirs, '/change-password');
  await theirs.goto('/');
  await expect(theirs, 'nothing else opens before').toHaveURL('/change-password');
  await open(theirs, '/change-password');
  await theirs.getByLabel('Current password').fill(PASSWORD);
  await theirs.getByLabel('New password').fill('brass lantern tide');
  await theirs.getByRole('button', { name: 'Save password and go on' }).click();
  await at(theirs, '/');
  await expect(heading(theirs, 'Doorward')).toBeVisible();
});

test('what is wrong is said at its field, and what was typed stays', async ({ page, watch }) => {
  watch.allow(409, 422);
  await enter(page);
  await open(page, '/settings/users/new');
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  const username = dialog.getByRole('textbox', { name: 'Username' });
  await username.fill('<img src=x>');
  await dialog.getByRole('textbox', { name: /^Email/ }).fill('nonsense');
  await dialog.getByRole('button', { name: /^Invite/ }).click();
  await expect(dialog.getByRole('alert')).toContainText('2 things need another look.');
  await expect(username).toHaveAccessibleDescription(/can't contain/);
  await expect(username).toHaveValue('<img src=x>');

  await username.fill(ADMIN.username.toUpperCase());
  await dialog.getByRole('textbox', { name: /^Email/ }).fill('');
  await dialog.getByRole('button', { name: /^Invite/ }).click();
  await expect(dialog.getByRole('alert')).toContainText('One thing needs another look.');
  await expect(username).toHaveAccessibleDescription(/taken|belongs|already/);

  await username.fill('elif');
  await dialog.getByText('Set a password').click();
  await dialog.getByLabel('Password', { exact: true }).fill('password1');
  await dialog.getByRole('button', { name: /^Add/ }).click();
  await expect(dialog.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: /^Add/ }).click();
  await expect(report(page, 'elif is added')).toBeVisible();
});

test('the dialog has an address, keeps the list as it was, and closes by Esc', async ({ page, server }) => {
  await server.add({ username: 'elif', displayName: 'Elif Kaya' });
  await enter(page);
  await open(page, '/settings/users?role=viewer');
  await page.getByRole('link', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL('/settings/users?role=viewer');
  await expect(row(page, 'Elif Kaya')).toBeVisible();

  await page.getByRole('link', { name: 'Add a user' }).click();
  await page.reload();
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
});

test('where the password is wanted once more, the action goes on by itself after it', async ({ page, watch }) => {
  watch.allow(403);
  await enter(page);
  await open(page, '/settings/users/new?role=admin');
  // A session that is older than ten minutes is asked; here the server's answer is put in its place.
  let asked = 0;
  await page.route('**/_call/invite_user', async (route) => {
    asked += 1;
    if (asked > 1) return route.fallback();
    const failure = {
      type: '/problems/confirmation_required', title: 'Confirm it with your password', status: 403,
      detail: 'Give your password again, then repeat this within ten minutes.', code: 'confirmation_required', requestId: 'r',
    };
    await route.fulfill({ status: 403, contentType: 'application/problem+json', json: failure });
  });
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  await dialog.getByRole('textbox', { name: 'Username' }).fill('jonas');
  await dialog.getByRole('button', { name: 'Invite jonas' }).click();
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await expect(confirm.getByLabel('Your password')).toBeFocused();
  await confirm.getByLabel('Your password').fill('not this one');
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await expect(confirm.getByLabel('Your password')).toHaveAttribute('aria-invalid', 'true');
  await confirm.getByLabel('Your password').fill(PASSWORD);
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { name: 'Invitation for jonas' })).toBeVisible();
});
