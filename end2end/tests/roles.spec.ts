// Settings, Roles: the table of permissions, and the life of a role that is made here.
import { enter, expect, heading, open, test } from '../fixtures';

test('the table says what each role may do, and who has it', async ({ page, server }) => {
  await server.add({ username: 'elif', role: 'viewer' });
  await enter(page);
  await open(page, '/settings/roles');
  await expect(heading(page, 'Roles')).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Start and stop' });
  await expect(row.getByRole('cell')).toHaveText(['No', 'Yes', 'Yes', 'Yes', 'Yes']);
  await page.getByRole('link', { name: '1 person' }).first().click();
  await expect(page).toHaveURL('/settings/users?role=viewer');
  await expect(page.getByRole('row').filter({ hasText: 'elif' })).toBeVisible();
});

test('a role is made, given, changed, and goes with a replacement', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/roles');
  await page.getByRole('link', { name: 'Make a role' }).click();
  const drawer = page.getByRole('dialog', { name: 'Make a role' });
  await drawer.getByRole('textbox', { name: 'Name' }).fill('On Call');
  await drawer.getByRole('checkbox', { name: 'Start and stop' }).check();
  await drawer.getByRole('button', { name: 'Make the role' }).click();
  await expect(drawer.getByRole('textbox', { name: 'Name' })).toHaveAttribute('aria-invalid', 'true');
  await drawer.getByRole('textbox', { name: 'Name' }).fill('on-call');
  await drawer.getByRole('button', { name: 'Make the role' }).click();
  await expect(page).toHaveURL('/settings/roles');
  await expect(page.getByRole('columnheader').filter({ hasText: 'On-call' })).toBeVisible();

  await open(page, '/settings/users/new');
  const add = page.getByRole('dialog', { name: 'Add a user' });
  await add.getByRole('textbox', { name: 'Username' }).fill('elif');
  await add.getByRole('radio', { name: /On-call/ }).check({ force: true });
  await add.getByRole('button', { name: 'Invite elif' }).click();
  await expect(page.getByRole('heading', { name: 'Invitation for elif' })).toBeVisible();
  const { items } = await server.api('GET', '/users?role=on-call');
  expect(items.map((user: { username: string }) => user.username)).toEqual(['elif']);

  await open(page, '/settings/roles/on-call');
  const edit = page.getByRole('dialog', { name: 'Role on-call' });
  await edit.getByRole('checkbox', { name: 'Read the audit log' }).check();
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Read the audit log' }).getByRole('cell').last()).toHaveText('Yes');

  await page.getByRole('link', { name: 'Change the role on-call' }).click();
  await edit.getByRole('button', { name: 'Delete' }).click();
  const question = page.getByRole('dialog', { name: 'Delete the role on-call?' });
  await question.getByLabel('1 person will get the role').selectOption('operator');
  await question.getByRole('button', { name: 'Delete the role' }).click();
  await expect(page.getByRole('columnheader').filter({ hasText: 'On-call' })).toHaveCount(0);
  const after = await server.api('GET', '/users?role=operator');
  expect(after.items.map((user: { username: string }) => user.username)).toEqual(['elif']);
});
