// The wizard of the first run: the first admin, the first app, what can be typed wrong, and the way around it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADMIN, ENTRY, PASSWORD, at, expect, heading, open, setUp, stored, test } from '../fixtures';

test.use({ stage: 'fresh' });

test('every page leads to setup until it is done, and then none does', async ({ page }) => {
  for (const path of ['/', '/login', '/settings/users', '/nowhere']) {
    await page.goto(path);
    await expect(page).toHaveURL('/setup');
  }
  await expect(heading(page, 'Set up Doorward')).toBeVisible();
  await setUp(page);
  await expect(heading(page, 'Sign-in is on')).toBeVisible();
  await expect(page.getByText('doorward user reset-password mara')).toBeVisible();
  for (const path of ['/setup', '/setup/admin']) {
    await page.goto(path);
    await expect(page).toHaveURL('/');
  }
});

test('the welcome page goes on to the account and Back returns', async ({ page }) => {
  await open(page, '/setup');
  await expect(page.getByText('so none is asked for')).toBeVisible();
  await page.getByRole('link', { name: 'Create the first admin' }).click();
  await expect(page.getByLabel('Username')).toBeFocused();
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(heading(page, 'Set up Doorward')).toBeVisible();
});

test('the first admin is signed in for this visit', async ({ page }) => {
  await setUp(page);
  const { local, session } = await stored(page);
  expect(Object.keys(session)).toEqual([ENTRY]);
  expect(Object.keys(local)).toEqual([]);
});

test('the first app is looked at, and added', async ({ page, server, watch }) => {
  watch.allow(422);
  const upstream = createServer((_, answer) => answer.end('<title>Prefect Server</title>'));
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  try {
    await open(page, '/setup/admin');
    await page.getByLabel('Username').fill('mara');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create admin and sign in' }).click();
    await at(page, '/setup/app');
    await expect(heading(page, 'Guard your first app')).toBeVisible();
    await page.getByLabel('Upstream').fill('prefect');
    await page.getByRole('button', { name: 'Add the app' }).click();
    await expect(page.getByLabel('Upstream')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel('Upstream')).toHaveValue('prefect');
    await page.getByLabel('Upstream').fill(address);
    await page.getByRole('button', { name: /^Check/ }).click();
    await expect(page.getByText('There are ready rules for it: prefect.')).toBeVisible();
    await page.getByLabel('Name').fill('Flows');
    await page.getByRole('button', { name: 'Add the app' }).click();
    await at(page, '/setup/done');
    server.token = await server.login('mara');
    const app = await server.api('GET', '/apps/flows');
    expect([app.name, app.definition.preset, app.definition.upstream]).toEqual(['Flows', 'prefect', address]);
  } finally {
    upstream.close();
  }
});

test('a weak password is refused and what was typed stays', async ({ page, watch }) => {
  watch.allow(422);
  await open(page, '/setup/admin');
  await page.getByLabel('Username').fill('mara');
  await page.getByLabel('Email').fill('mara@example.com');
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('mara2024');
  await expect(page.locator('.strength')).toContainText('Easy to guess');
  await page.getByRole('button', { name: 'Create admin and sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'One thing needs another look.' })).toBeFocused();
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveAccessibleDescription(/\w/);
  await expect(page.getByLabel('Username')).toHaveValue('mara');
  await expect(page.getByLabel('Email')).toHaveValue('mara@example.com');
  await expect(password).toHaveValue('mara2024');

  await password.fill(PASSWORD);
  await expect(page.locator('.strength')).toContainText(/Good|Strong/);
  await page.getByRole('button', { name: 'Create admin and sign in' }).click();
  await at(page, '/setup/app');
});

test('wrong fields are named, and a link leads to each', async ({ page }) => {
  await open(page, '/setup/admin');
  await page.getByLabel('Username').fill('Mara Lindqvist');
  await page.getByLabel('Email').fill('mara');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Create admin and sign in' }).click();
  const summary = page.getByRole('alert').filter({ hasText: '3 things need another look.' });
  await expect(summary).toBeVisible();
  await expect(page.getByText("Usernames can't contain spaces. Try mara.lindqvist.")).toBeVisible();
  await expect(page.getByText('This is not an email address.')).toBeVisible();
  await expect(page.getByText('A password has at least 8 characters.')).toBeVisible();
  await summary.getByRole('link', { name: 'Email' }).click();
  await expect(page.getByLabel('Email')).toBeFocused();
});

test('setup is skipped after a warning, every page says so, and sign-in is turned on from there', async ({ page, watch }) => {
  watch.allow(404);
  await open(page, '/setup');
  await page.getByRole('button', { name: 'Skip setup' }).click();
  const dialog = page.getByRole('dialog', { name: 'Skip setup and leave sign-in off?' });
  await expect(dialog.getByText('Anyone who can reach this address gets full admin access.').first()).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Skip setup' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Skip setup' })).toBeFocused();

  await page.getByRole('button', { name: 'Skip setup' }).click();
  await dialog.getByLabel('I accept that everyone who reaches this address gets full admin access').check();
  await dialog.getByRole('button', { name: 'Skip setup' }).click();
  await at(page, '/');

  const banner = page.getByRole('alert').filter({ hasText: 'Sign-in is off.' });
  for (const path of ['/', '/settings/general', '/settings/users', '/nowhere']) {
    await page.goto(path);
    await expect(banner, path).toBeVisible();
    await expect(banner.getByRole('button'), 'it can not be dismissed').toHaveCount(0);
  }
  await open(page, '/');
  await banner.getByRole('link', { name: 'Turn sign-in on' }).click();
  await expect(page).toHaveURL('/settings/authentication');
  await page.getByLabel('Username').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create admin and turn sign-in on' }).click();
  await expect(page.getByRole('heading', { name: 'Sign-in is on' })).toBeVisible();
  await expect(banner).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Account menu' })).toContainText('mara');
});

test('of two who set it up at once one wins, and the other is told', async ({ page, another, watch }) => {
  watch.allow(409);
  const late = await another();
  await open(late, '/setup/admin');
  await late.getByLabel('Username').fill('late');
  await late.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await setUp(page);
  await late.getByRole('button', { name: 'Create admin and sign in' }).click();
  await expect(late.getByRole('alert').filter({ hasText: 'Setup is done.' })).toBeVisible();
  await expect(late.getByLabel('Username')).toHaveValue('late');
});

test('from another machine setup asks for the code that the server printed', async ({ another, server, watch }) => {
  watch.allow(403);
  const page = await another({ extraHTTPHeaders: { 'x-forwarded-for': '10.1.2.3' } });
  await open(page, '/setup');
  await expect(page.getByText('The server printed one when it started')).toBeVisible();
  await page.getByRole('link', { name: 'Create the first admin' }).click();
  await page.getByLabel('Username').fill('mara');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const code = page.getByLabel('Setup code');
  const create = page.getByRole('button', { name: 'Create admin and sign in' });
  await create.click();
  await expect(code).toHaveAttribute('aria-invalid', 'true');
  await code.fill('00000000000000000000');
  await create.click();
  await expect(code).toHaveAccessibleDescription(/wrong|not/i);
  await code.fill(server.setupCode);
  await create.click();
  await at(page, '/setup/app');
});
