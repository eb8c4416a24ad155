// The server goes away while the dashboard is open, and comes back.
import { ADMIN, NO_ANSWER, enter, expect, heading, open, report, row, test, tokenOf } from '../fixtures';

test.beforeEach(async ({ page, watch }) => {
  watch.allow(NO_ANSWER);
  await enter(page);
});

const banner = 'No answer from Doorward since';

test('a banner says so, what was typed stays, and it goes on by itself', async ({ page, server }) => {
  await open(page, '/profile');
  await tokenOf(page);
  const name = page.getByRole('textbox', { name: /^Name/ });
  await name.fill('Mara, later');
  await server.kill9();
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByRole('status').filter({ hasText: banner })).toBeVisible();
  await expect(page.getByRole('alert').filter({ hasText: 'Doorward does not answer.' })).toBeVisible();
  await expect(name).toHaveValue('Mara, later');

  await server.begin();
  await expect(page.getByText(banner)).toHaveCount(0);
  await expect(name).toHaveValue('Mara, later');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(report(page, 'Your profile is saved')).toBeVisible();
});

test('one who does not want to wait asks at once', async ({ page, server }) => {
  await open(page, '/profile');
  await tokenOf(page);
  await server.kill9();
  await page.getByRole('button', { name: 'Save profile' }).click();
  const away = page.getByRole('status').filter({ hasText: banner });
  // The third round waits for eight seconds.
  await expect(away).toContainText(/in [78] s/, { timeout: 15_000 });
  await server.begin();
  await away.getByRole('button', { name: 'Try now' }).click();
  await expect(away).toHaveCount(0, { timeout: 4_000 });
});

test('a list that could not be loaded is loaded once the server is back', async ({ page, server }) => {
  await open(page, '/settings/users');
  await tokenOf(page);
  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await expect(heading(page, 'Doorward')).toBeVisible();
  await server.kill9();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Couldn’t load the users' })).toBeVisible();
  await expect(page.getByText(banner)).toBeVisible();
  await server.begin();
  await expect(row(page, ADMIN.displayName)).toBeVisible();
  await expect(page.getByText(banner)).toHaveCount(0);
});

test('a page whose program was not loaded yet opens once the server is back', async ({ page, server, watch }) => {
  watch.allow(/Failed to fetch|dynamically imported module|import/i);
  await open(page, '/');
  await tokenOf(page);
  await server.kill9();
  await page.getByRole('link', { name: 'Sessions', exact: true }).click();
  await server.begin();
  // Whatever the first press came to: the dashboard is not broken by it.
  await expect(async () => {
    await page.getByRole('link', { name: 'Home', exact: true }).click({ timeout: 2_000 });
    await page.getByRole('link', { name: 'Sessions', exact: true }).click({ timeout: 2_000 });
    await expect(heading(page, 'Sessions')).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
});

test('a restart of the server goes unnoticed', async ({ page, server }) => {
  await open(page, '/');
  await tokenOf(page);
  await server.restart();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(row(page, ADMIN.displayName)).toBeVisible();
  await expect(page.getByText(banner)).toHaveCount(0);
});
