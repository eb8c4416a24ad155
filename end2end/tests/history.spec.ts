// Address and page stay together, whichever way one came, and while the page is not awake yet.
import { at, enter, expect, heading, open, test } from '../fixtures';

test('a link to the page before, pressed after Back and Forward, takes its address along', async ({ page }) => {
  await enter(page);
  await open(page, '/');
  const ways = page.getByRole('navigation', { name: 'Main' });
  const go = async (name: string, path: string) => {
    await ways.getByRole('link', { name, exact: true }).click();
    await expect(heading(page, name)).toBeVisible();
    await expect(page).toHaveURL(path);
  };
  await go('Users', '/settings/users');
  await go('API keys', '/settings/api-keys');
  await page.goBack();
  await expect(heading(page, 'Users')).toBeVisible();
  await page.goForward();
  await expect(heading(page, 'API keys')).toBeVisible();
  await go('Users', '/settings/users');
  await page.reload();
  await expect(heading(page, 'Users')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL('/settings/api-keys');
  await expect(heading(page, 'API keys')).toBeVisible();
});

test('a link works before the page is awake, and the page that it leads to wakes', async ({ page }) => {
  await enter(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue().catch(() => undefined);
  });
  await page.goto('/settings/users', { waitUntil: 'commit' });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Roles', exact: true }).click();
  await page.waitForURL('/settings/roles', { waitUntil: 'commit' });
  await expect(heading(page, 'Roles')).toBeVisible();
  release();
  await at(page, '/settings/roles');
  await page.getByRole('link', { name: 'Make a role' }).click();
  await expect(page.getByRole('dialog', { name: 'Make a role' })).toBeVisible();
});
