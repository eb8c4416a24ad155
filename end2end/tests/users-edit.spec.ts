// What an admin does about somebody's account: the drawer, the menu of the row, and what is refused.
import { ADMIN, PASSWORD, act, at, enter, expect, heading, open, report, row, submitSignIn, test, tokenOf } from '../fixtures';

const ELIF = { username: 'elif', displayName: 'Elif Kaya', email: 'elif@example.com', role: 'viewer' };

test('an account is changed in a drawer that has an address', async ({ page, server, another, watch }) => {
  watch.allow(401);
  const id = await server.add(ELIF);
  const theirs = await another();
  await enter(theirs, ELIF);
  await open(theirs, '/');
  await tokenOf(theirs);
  await enter(page);
  await open(page, '/settings/users');
  await row(page, 'Elif Kaya').getByRole('link', { name: 'Elif Kaya' }).click();
  await expect(page).toHaveURL(`/settings/users/${id}`);
  await expect(page).toHaveTitle('Elif Kaya · Doorward');
  const drawer = page.getByRole('dialog', { name: 'Elif Kaya' });
  await drawer.getByRole('textbox', { name: /^Name/ }).fill('Elif Kaya-Öz');
  await drawer.getByRole('textbox', { name: /^Email/ }).fill('');
  await drawer.getByLabel('Role').selectOption('Manager');
  await expect(drawer.getByText('Viewer to manager adds')).toBeVisible();
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(report(page, 'is changed')).toBeVisible();
  await expect(page).toHaveURL('/settings/users');
  await expect(row(page, 'Elif Kaya-Öz')).toContainText('Manager');
  await expect(row(page, 'Elif Kaya-Öz')).not.toContainText('elif@example.com');

  // Another role holds for the next request of a session that is open.
  await theirs.reload();
  await expect(theirs.getByRole('button', { name: 'Account menu' })).toContainText('Manager');
});

test('the drawer survives a reload and closes by Back and by Esc', async ({ page, server }) => {
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, '/settings/users?role=viewer');
  const link = row(page, 'Elif Kaya').getByRole('link', { name: 'Elif Kaya' });
  const drawer = page.getByRole('dialog', { name: 'Elif Kaya' });
  await link.click();
  await expect(drawer).toBeVisible();
  await page.goBack();
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL('/settings/users?role=viewer');
  await link.click();
  await page.reload();
  await expect(drawer).toBeVisible();
  await expect(page).toHaveURL(`/settings/users/${id}?role=viewer`);
  await expect(drawer.getByRole('textbox', { name: 'Username' })).toHaveValue('elif');
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await expect(page).toHaveURL('/settings/users?role=viewer');
});

test('an address that names nobody says so', async ({ page, watch }) => {
  watch.allow(404);
  await enter(page);
  for (const id of ['00000000-0000-7000-8000-000000000000', 'nonsense']) {
    await open(page, `/settings/users/${id}`);
    await expect(page.getByRole('dialog', { name: 'There is nobody here' })).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/settings/users');
});

test('a name that is taken is refused in the drawer', async ({ page, server, watch }) => {
  watch.allow(409);
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, `/settings/users/${id}`);
  const drawer = page.getByRole('dialog', { name: 'Elif Kaya' });
  await drawer.getByRole('textbox', { name: 'Username' }).fill(ADMIN.username);
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(drawer.getByRole('alert')).toContainText('One thing needs another look.');
  await expect(drawer.getByRole('textbox', { name: 'Username' })).toHaveValue(ADMIN.username);
});

test('who is disabled is signed out at once, and comes back once enabled', async ({ page, server, another, watch }) => {
  watch.allow(401);
  await server.add(ELIF);
  const theirs = await another();
  await enter(theirs, ELIF);
  await open(theirs, '/');
  await tokenOf(theirs);
  await enter(page);
  await open(page, '/settings/users');
  await act(page, 'Elif Kaya', 'Disable');
  await expect(report(page, 'Elif Kaya is disabled')).toBeVisible();
  await expect(row(page, 'Elif Kaya')).toContainText('Disabled');
  await theirs.reload();
  await at(theirs, '/login');
  await submitSignIn(theirs, ELIF.username);
  await expect(theirs.getByRole('alert').filter({ hasText: 'don’t match' })).toBeVisible();

  await act(page, 'Elif Kaya', 'Enable');
  await expect(row(page, 'Elif Kaya')).toContainText('Active');
  await submitSignIn(theirs, ELIF.username);
  await at(theirs, '/');
});

test('an account is deleted once its name is typed', async ({ page, server }) => {
  await server.add(ELIF);
  await enter(page);
  await open(page, '/settings/users');
  await act(page, 'Elif Kaya', 'Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete Elif Kaya?' });
  const confirm = dialog.getByRole('button', { name: 'Delete Elif Kaya' });
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await expect(confirm).toBeDisabled();
  await dialog.getByRole('textbox').fill('elf');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await dialog.getByRole('textbox').fill('elif');
  await confirm.click();
  await expect(report(page, 'Elif Kaya is deleted')).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(row(page, 'Elif Kaya')).toHaveCount(0);
  expect((await server.tryLogin('elif', PASSWORD)).status).toBe(401);
});

for (const [call, what] of [['delete_user', 'deleting'], ['create_reset_link', 'a reset link']] as const) {
  test(`${what} asks for the password where it was given long ago, and goes on by itself`, async ({ page, server, watch }) => {
    watch.allow(403);
    await server.add(ELIF);
    await enter(page);
    await open(page, '/settings/users');
    // A session that is older than ten minutes is asked; here the server's answer is put in its place.
    let asked = 0;
    await page.route(`**/_call/${call}`, async (route) => {
      asked += 1;
      if (asked > 1) return route.fallback();
      const failure = {
        type: '/problems/confirmation_required', title: 'Confirm it with your password', status: 403,
        detail: 'Give your password again, then repeat this within ten minutes.', code: 'confirmation_required', requestId: 'r',
      };
      await route.fulfill({ status: 403, contentType: 'application/problem+json', json: failure });
    });
    if (call === 'delete_user') {
      await act(page, 'Elif Kaya', 'Delete');
      const dialog = page.getByRole('dialog', { name: 'Delete Elif Kaya?' });
      await dialog.getByRole('textbox').fill('elif');
      await dialog.getByRole('button', { name: 'Delete Elif Kaya' }).click();
    } else {
      await act(page, 'Elif Kaya', 'Make a reset link');
    }
    const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
    await confirm.getByLabel('Your password').fill(PASSWORD);
    await confirm.getByRole('button', { name: 'Confirm' }).click();
    await expect(confirm).toBeHidden();
    if (call === 'delete_user') await expect(report(page, 'Elif Kaya is deleted')).toBeVisible();
    else await expect(page.getByRole('dialog', { name: 'Reset link for Elif Kaya' })).toBeVisible();
    expect(asked).toBe(2);
  });
}

test('somebody is deleted from the drawer, too', async ({ page, server }) => {
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, `/settings/users/${id}`);
  await page.getByRole('dialog', { name: 'Elif Kaya' }).getByRole('button', { name: 'More' }).click();
  await page.locator('#edit-more').getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete Elif Kaya?' });
  await dialog.getByRole('textbox').fill('elif');
  await dialog.getByRole('button', { name: 'Delete Elif Kaya' }).click();
  await expect(report(page, 'Elif Kaya is deleted')).toBeVisible();
  await expect(page).toHaveURL('/settings/users');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the milder way is offered where somebody would be deleted', async ({ page, server }) => {
  await server.add(ELIF);
  await enter(page);
  await open(page, '/settings/users');
  await act(page, 'Elif Kaya', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable instead' }).click();
  await expect(report(page, 'Elif Kaya is disabled')).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(row(page, 'Elif Kaya')).toContainText('Disabled');
});

test('a reset link is shown once and sets another password', async ({ page, server, another }) => {
  await server.add(ELIF);
  await enter(page);
  await open(page, '/settings/users');
  await act(page, 'Elif Kaya', 'Make a reset link');
  const dialog = page.getByRole('dialog', { name: 'Reset link for Elif Kaya' });
  const link = (await dialog.locator('.secret code').textContent())!;
  await dialog.getByLabel('I’ve copied it').check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();

  const theirs = await another();
  await open(theirs, link);
  await expect(heading(theirs, 'Set a new password')).toBeVisible();
  await theirs.getByLabel('Password', { exact: true }).fill('brass lantern tide');
  await theirs.getByRole('button', { name: 'Set password' }).click();
  await expect(heading(theirs, 'Your password is set')).toBeVisible();
  expect((await server.tryLogin('elif', PASSWORD)).status).toBe(401);
  expect((await server.tryLogin('elif', 'brass lantern tide')).status).toBe(200);
});

test('an admin sets a password that has to be replaced', async ({ page, server, another, watch }) => {
  watch.allow(422);
  await server.add(ELIF);
  await enter(page);
  await open(page, '/settings/users');
  await act(page, 'Elif Kaya', 'Set a password');
  const dialog = page.getByRole('dialog', { name: 'Set a password for Elif Kaya' });
  await expect(dialog.getByLabel('New password')).toBeFocused();
  await dialog.getByLabel('New password').fill('elifelif');
  await dialog.getByRole('button', { name: 'Set password' }).click();
  await expect(dialog.getByRole('alert')).toContainText('One thing needs another look.');
  await dialog.getByLabel('New password').fill('brass lantern tide');
  await dialog.getByRole('button', { name: 'Set password' }).click();
  await expect(report(page, 'The password of Elif Kaya is set')).toBeVisible();
  await expect(dialog).toBeHidden();

  const theirs = await another();
  await open(theirs, '/login');
  await submitSignIn(theirs, ELIF.username, 'brass lantern tide');
  await at(theirs, '/change-password');
});

test('nobody disables, deletes or demotes their own account', async ({ page, server, watch }) => {
  watch.allow(409);
  await server.add({ ...ELIF, role: 'admin' });
  await enter(page);
  await open(page, '/settings/users');
  const refused = page.getByRole('dialog', { name: 'This has to be done by somebody else' });
  await act(page, ADMIN.displayName, 'Disable');
  await expect(refused).toContainText('Somebody else has to disable your account.');
  await refused.getByRole('button', { name: 'Close' }).last().click();
  await expect(refused).toBeHidden();

  await act(page, ADMIN.displayName, 'Delete');
  await page.getByRole('dialog').getByRole('textbox').fill(ADMIN.username);
  await page.getByRole('button', { name: `Delete ${ADMIN.displayName}` }).click();
  await expect(refused).toContainText('Somebody else has to delete your account.');
  await refused.getByRole('button', { name: 'Close' }).last().click();

  await row(page, ADMIN.displayName).getByRole('link', { name: ADMIN.displayName }).click();
  const drawer = page.getByRole('dialog', { name: ADMIN.displayName });
  await drawer.getByLabel('Role', { exact: true }).selectOption('Viewer');
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(refused).toContainText('Somebody else has to change your role.');
  await refused.getByRole('link', { name: 'Go to my profile' }).click();
  await expect(page).toHaveURL('/profile');
});

test.describe('while sign-in is off', () => {
  test.use({ stage: 'open' });

  test('the last admin stays, whoever asks', async ({ page, server, watch }) => {
    watch.allow(409);
    await open(page, '/settings/users');
    await act(page, ADMIN.displayName, 'Disable');
    await expect(page.getByRole('dialog', { name: `${ADMIN.displayName} is the last one who can sign in` })).toBeVisible();
    await page.keyboard.press('Escape');

    await server.add(ELIF);
    await page.reload();
    await act(page, ADMIN.displayName, 'Disable');
    const refused = page.getByRole('dialog', { name: `${ADMIN.displayName} is the last active admin` });
    await expect(refused).toContainText('Make someone else an admin first');
    await refused.getByRole('link', { name: 'See all admins' }).click();
    await at(page, /^\/settings\/users\?role=admin$/);
    await expect(row(page, ADMIN.displayName)).toContainText('Active');
  });
});
