// What a role opens and what it does not: in the sidebar, by address, in the page's source, by call.
import { ADMIN, at, enter, expect, heading, mute, open, row, test, tokenOf } from '../fixtures';

const VERA = { username: 'vera', displayName: 'Vera Viewer', role: 'viewer' };

test('a viewer is told which permission is missing and whom to ask, and gets no data', async ({ page, server, watch }) => {
  watch.allow(403);
  await server.add(VERA);
  await server.add({ username: 'elif', displayName: 'Elif Kaya', email: 'elif@example.com' });
  await server.api('PATCH', '/settings', { helpContact: 'Ada, extension 4410' });
  await enter(page, VERA);
  for (const path of ['/settings/users', '/settings/users/new', `/settings/users/${await server.idOf('elif')}`]) {
    const response = await open(page, path);
    expect(response.status(), path).toBe(403);
    await expect(heading(page, 'Your role doesn’t open this page')).toBeVisible();
    await expect(page.getByText('It needs the permission users in all workspaces: to manage users and their sessions.')).toBeVisible();
    await expect(page.getByRole('definition').filter({ hasText: 'Admin' }).first()).toBeVisible();
    await expect(page.getByRole('definition').filter({ hasText: `${ADMIN.displayName} · Ada, extension 4410` })).toBeVisible();
    const html = await response.text();
    for (const secret of ['Elif', 'elif@example.com', ADMIN.email]) expect(html, path).not.toContain(secret);
  }
  for (const path of ['/settings/general', '/settings/authentication']) {
    const response = await open(page, path);
    expect(response.status(), path).toBe(403);
    await expect(page.getByText('It needs the permission settings in all workspaces: to change the settings.')).toBeVisible();
    expect(await response.text()).not.toContain('access_ttl');
  }
});

test('the sidebar, the keys and the search lead only where the role does', async ({ page, server }) => {
  await server.add(VERA);
  await enter(page, VERA);
  await open(page, '/');
  const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  await expect(links).toHaveText(['Home', 'Apps', 'Channels', 'API keys', 'Sessions']);
  await expect(heading(page, 'Doorward')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Latest events' })).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('user');
  await expect(page.getByRole('listbox')).not.toContainText('Users');
  await expect(page).toHaveURL('/');
});

test('what the dashboard hides the server refuses', async ({ page, server, watch }) => {
  watch.allow(403, 401);
  await server.add(VERA);
  await enter(page, VERA);
  await open(page, '/');
  const token = await tokenOf(page);
  const call = (name: string, body: object, authorization?: string) =>
    page.evaluate(
      async ([address, text, bearer]) => {
        const headers: Record<string, string> = { 'content-type': 'application/json' };
        if (bearer) headers.authorization = bearer;
        const response = await fetch(address, { method: 'POST', headers, body: text });
        return [response.status, await response.text()] as const;
      },
      [`/_call/${name}`, JSON.stringify(body), authorization ?? ''],
    );
  for (const [name, body] of [
    ['list_users', { query: {} }],
    ['get_settings', {}],
    ['update_auth_settings', { patch: { enabled: false } }],
    ['create_user', { new: { username: 'x', password: 'three-quiet-otters-sing', role: 'admin' } }],
  ] as const) {
    const [status, text] = await call(name, body, `Bearer ${token}`);
    expect(status, `${name}: ${text}`).toBe(403);
    const [without] = await call(name, body);
    expect(without, `${name} by cookie alone`).toBe(401);
  }
});

test('a role that is taken away holds for the next thing that is done', async ({ page, server, watch }) => {
  watch.allow(401, 403);
  await mute(page);
  const id = await server.add({ username: 'jonas', displayName: 'Jonas Weber', role: 'admin' });
  await enter(page, { username: 'jonas' });
  await open(page, '/settings/users');
  await expect(row(page, 'Jonas Weber')).toBeVisible();
  await tokenOf(page);
  await server.api('PATCH', `/users/${id}`, { role: 'viewer' });
  await page.getByRole('columnheader', { name: 'Added' }).getByRole('button').click();
  await expect(heading(page, 'Your role doesn’t open this page')).toBeVisible();
  await expect(page.getByText(ADMIN.displayName)).toHaveCount(0);
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link')).toHaveText(['Home', 'Apps', 'Channels', 'API keys', 'Sessions']);
});

test('an address without a page says so', async ({ page, watch }) => {
  watch.allow(404);
  await enter(page);
  for (const path of ['/nowhere', '/settings/nowhere', '/settings/users/a/b']) {
    const response = await open(page, path);
    expect(response.status()).toBe(404);
    await expect(heading(page, `There’s no page at ${path}`)).toBeVisible();
    await expect(page).toHaveTitle('No such page · Doorward');
  }
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'Search or jump to' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('main').getByRole('link', { name: 'Go to Home' }).click();
  await expect(heading(page, 'Doorward')).toBeVisible();
});

test('a stranger does not learn which pages there are', async ({ page }) => {
  for (const path of ['/settings/users', '/nowhere', '/profile']) {
    await page.goto(path);
    await at(page, '/login');
    expect(new URL(page.url()).searchParams.get('next')).toBe(path);
  }
});

test.describe('while sign-in is off', () => {
  test.use({ stage: 'open' });

  test('what belongs to an account opens for nobody', async ({ page, watch }) => {
    watch.allow(403);
    for (const path of ['/profile', '/settings/sessions']) {
      const response = await open(page, path);
      expect(response.status()).toBe(403);
      await expect(heading(page, 'This page needs an account')).toBeVisible();
    }
  });
});

test.describe('with --dev', () => {
  test.use({ stage: 'fresh', flags: ['--dev'] });

  test('everything is open, and every page says so', async ({ page }) => {
    await open(page, '/settings/users');
    await expect(page.getByRole('status').filter({ hasText: 'Dev mode.' })).toBeVisible();
    await expect(page.getByRole('complementary', { name: 'Main' }).getByText('Dev mode')).toBeVisible();
    await page.getByRole('link', { name: 'Add a user' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a user' });
    await dialog.getByRole('textbox', { name: 'Username' }).fill('elif');
    await dialog.getByRole('button', { name: 'Invite elif' }).click();
    await expect(page.getByRole('heading', { name: 'Invitation for elif' })).toBeVisible();
    await open(page, '/settings/authentication');
    await expect(page.getByText('The server was started with --dev.')).toBeVisible();
  });
});
