// BRW-191, with what fixtures.ts listens for: the tour violates no policy.
// The first day: from a server that nobody has set up to two people who come back after a crash.
import { ADMIN, ENTRY, NO_ANSWER, PASSWORD, at, expect, heading, hydrated, open, report, row, signIn, signOut, stored, submitSignIn, test } from '../fixtures';

test.use({ stage: 'fresh' });

test('the first day ends with two people, and a crash loses nothing', async ({ page, server, another, watch }) => {
  test.slow();
  watch.allow(NO_ANSWER);
  await test.step('an open door leads to the wizard', async () => {
    await open(page, '/');
    await at(page, '/setup');
    await page.getByRole('link', { name: 'Create the first admin' }).click();
    await expect(heading(page, 'Create the first admin')).toBeVisible();
    await page.getByLabel('Username').fill(ADMIN.username);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create admin and sign in' }).click();
    await at(page, '/setup/app');
    await page.getByRole('link', { name: 'Skip this step' }).click();
    await at(page, '/setup/done');
    await page.getByRole('link', { name: 'Go to Home' }).click();
    await at(page, '/');
  });

  await test.step('a colleague is added', async () => {
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByRole('link', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByLabel('Name', { exact: false }).first().fill('Elif Kaya');
    await dialog.getByLabel('Username').fill('elif');
    await dialog.getByText('Set a password').click();
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByLabel('They choose their own at the first sign-in').uncheck();
    await dialog.getByRole('button', { name: 'Add Elif Kaya' }).click();
    await expect(report(page, 'Elif Kaya is added')).toBeVisible();
    await expect(row(page, 'Elif Kaya')).toContainText('Viewer');
  });

  await test.step('one signs out, and in again, for this visit or for long', async () => {
    await signOut(page);
    await signIn(page);
    expect(Object.keys((await stored(page)).session)).toContain(ENTRY);
    await signOut(page);
    await signIn(page, ADMIN, true);
    expect(Object.keys((await stored(page)).local)).toContain(ENTRY);
  });

  await test.step('after a crash everything is there', async () => {
    await server.kill9();
    await server.begin();
    await page.reload();
    await hydrated(page);
    await expect(page).toHaveURL('/');
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await expect(row(page, 'Elif Kaya')).toBeVisible();
    const theirs = await another();
    await open(theirs, '/login');
    await submitSignIn(theirs, 'elif');
    await at(theirs, '/');
    await expect(theirs.getByRole('link', { name: 'Users', exact: true })).toHaveCount(0);
  });
});
