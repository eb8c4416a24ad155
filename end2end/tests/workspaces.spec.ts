// Settings, Workspaces; the switcher and what goes along with each call; grants on a user's page; keys
// that are good in one place.
import { PASSWORD, act, axe, enter, expect, heading, open, report, row, stored, test, tokenOf, type Page } from '../fixtures';
import { type Server } from '../server';

const HEADER = 'x-doorward-environment';
const ELIF = { username: 'elif', displayName: 'Elif Kaya', role: 'developer' };

/** Makes billing with three environments. */
async function fill(server: Server): Promise<void> {
  await server.api('POST', '/workspaces', { slug: 'billing', name: 'Billing' });
  for (const slug of ['staging', 'production']) await server.api('POST', '/workspaces/billing/environments', { slug });
}

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const switcher = (page: Page) => page.getByRole('button', { name: /^Switch workspace or environment/ });
const menu = (page: Page) => page.locator('#switcher-menu');

/** Chooses in the switcher; gives the place that goes along with the next call. */
async function choose(page: Page, name: string | RegExp): Promise<string | undefined> {
  await switcher(page).click();
  const item = menu(page).getByRole('button', { name, exact: true });
  await expect(item).toBeVisible();
  const asked = page.waitForRequest('**/_call/get_me');
  await item.click();
  await expect(menu(page)).toBeHidden();
  return (await asked).headers()[HEADER];
}

/** What counts in a place, for whoever has the token. */
const standing = async (server: Server, token: string, place: string) =>
  (await server.ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${token}`, [HEADER]: place })).body.scope;

test('a workspace is made, extended, changed and deleted', async ({ page, server, watch }) => {
  watch.allow(409);
  await enter(page);
  await open(page, '/settings/workspaces');
  await expect(heading(page, 'Workspaces')).toBeVisible();
  await expect(switcher(page), 'there is nothing to choose').toHaveCount(0);
  await page.getByRole('link', { name: 'Create a workspace' }).click();
  await expect(page).toHaveURL('/settings/workspaces/new');
  const create = page.getByRole('dialog', { name: 'Create a workspace' });
  const slug = create.getByRole('textbox', { name: 'Slug' });
  await expect(slug).toBeFocused();
  await slug.fill('Bad Slug');
  await create.getByRole('textbox', { name: /^Name/ }).fill('Billing');
  await create.getByRole('button', { name: 'Create workspace' }).click();
  await expect(slug).toHaveAttribute('aria-invalid', 'true');
  await expect(slug, 'what was typed stays').toHaveValue('Bad Slug');
  await axe(page, 'a slug that is wrong');
  await slug.fill('default');
  await create.getByRole('button', { name: 'Create workspace' }).click();
  await expect(slug).toHaveAccessibleDescription(/There is a workspace of this slug already/);
  await slug.fill('billing');
  await create.getByRole('button', { name: 'Create workspace' }).click();
  await expect(report(page, 'The workspace Billing is made')).toBeVisible();
  await expect(page).toHaveURL('/settings/workspaces');
  await expect(card(page, 'Billing')).toContainText('env_billing_default');
  await expect(switcher(page)).toBeVisible();

  await card(page, 'Billing').getByRole('button', { name: 'Add an environment' }).click();
  const add = page.getByRole('dialog', { name: 'Add an environment to Billing' });
  await add.getByRole('textbox', { name: 'Slug' }).fill('staging');
  await page.keyboard.press('Enter');
  await expect(report(page, 'The environment staging is added')).toBeVisible();
  await expect(card(page, 'Billing')).toContainText('env_billing_staging');
  await card(page, 'Billing').getByRole('button', { name: 'Add an environment' }).click();
  await expect(add.getByRole('textbox', { name: 'Slug' }), 'it begins empty').toHaveValue('');
  await add.getByRole('textbox', { name: 'Slug' }).fill('staging');
  await add.getByRole('button', { name: 'Add environment' }).click();
  await expect(add.getByRole('textbox', { name: 'Slug' })).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Escape');
  await expect(add).toBeHidden();

  await page.getByRole('link', { name: 'Members and settings of Billing' }).click();
  await expect(page).toHaveURL('/settings/workspaces/billing');
  await expect(page).toHaveTitle('Billing · Doorward');
  const drawer = page.getByRole('dialog', { name: 'Billing', exact: true });
  await expect(drawer).toContainText('Nobody has a grant here');
  await drawer.getByRole('textbox', { name: 'Name' }).fill('Billing and books');
  await drawer.getByRole('checkbox', { name: /^Private/ }).check();
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(report(page, 'The workspace Billing and books is changed')).toBeVisible();
  await expect(card(page, 'Billing and books')).toContainText('Private');
  expect(await server.api('GET', '/workspaces/billing')).toMatchObject({ name: 'Billing and books', isPrivate: true, environments: ['default', 'staging'] });

  await act(page, 'billing/staging', 'Delete');
  const question = page.getByRole('dialog', { name: 'Delete the environment billing/staging?' });
  await expect(question).toContainText('API keys that are good there alone are revoked');
  await expect(question.getByRole('button', { name: 'Delete the environment' })).toBeDisabled();
  await question.getByRole('textbox').fill('billing/staging');
  await question.getByRole('button', { name: 'Delete the environment' }).click();
  await expect(report(page, 'The environment billing/staging is deleted')).toBeVisible();
  await expect(card(page, 'Billing and books')).not.toContainText('env_billing_staging');

  await page.getByRole('link', { name: 'Members and settings of Billing and books' }).click();
  await page.getByRole('dialog', { name: 'Billing and books' }).getByRole('button', { name: 'Delete' }).click();
  const last = page.getByRole('dialog', { name: 'Delete the workspace billing?' });
  await axe(page, 'delete a workspace');
  await last.getByRole('textbox').fill('billing');
  await page.keyboard.press('Enter');
  await expect(report(page, 'The workspace billing is deleted')).toBeVisible();
  await expect(card(page, 'Billing and books')).toHaveCount(0);
  await expect(switcher(page)).toHaveCount(0);
});

test('the default workspace stays, and is everybody’s', async ({ page }) => {
  await enter(page);
  await open(page, '/settings/workspaces/default');
  const drawer = page.getByRole('dialog', { name: 'Default' });
  await expect(drawer.getByRole('checkbox', { name: /^Private/ })).toBeDisabled();
  await expect(drawer.getByRole('button', { name: 'Delete' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/settings/workspaces');
  await page.getByRole('button', { name: 'Actions for default/default' }).click();
  await expect(page.locator('.menu:popover-open').getByText('Delete')).toHaveCount(0);
});

test('workspaces come in pages, and are searched', async ({ page, server, watch }) => {
  watch.allow(404);
  for (let n = 0; n < 21; n += 1) await server.api('POST', '/workspaces', { slug: `team-${String(n).padStart(2, '0')}` });
  await enter(page);
  await open(page, '/settings/workspaces');
  const names = () => page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents();
  await expect.poll(names).toContain('Default');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click();
  await expect.poll(names).toContain('team-20');
  await expect.poll(names).not.toContain('Default');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Previous' }).click();
  await expect.poll(names).toContain('Default');

  const search = page.getByRole('main').getByRole('searchbox', { name: 'Search workspaces' });
  await search.fill('Team-07');
  await expect(page).toHaveURL('/settings/workspaces?query=Team-07');
  await expect.poll(names).toContain('team-07');
  await expect.poll(names).not.toContain('team-08');
  await search.fill('zzz');
  await expect(page.getByRole('heading', { name: 'No workspace begins with “zzz”' })).toBeVisible();
  await page.getByRole('link', { name: 'See all workspaces' }).click();
  await expect(search).toHaveValue('');
  await open(page, '/settings/workspaces/nowhere');
  await expect(page.getByRole('dialog', { name: 'There is no such workspace' })).toBeVisible();
});

test('the members of a workspace lead to their pages', async ({ page, server }) => {
  await fill(server);
  const id = await server.add(ELIF);
  const grants = [{ workspace: 'billing', role: 'operator' }, { workspace: 'billing', environment: 'production', role: 'viewer' }];
  await server.api('PUT', `/users/${id}/grants`, { grants });
  await enter(page);
  await open(page, '/settings/workspaces');
  await expect(card(page, 'Billing')).toContainText('3 environments · 1 member');
  await open(page, '/settings/workspaces/billing');
  const members = page.getByRole('dialog', { name: 'Billing' }).getByRole('list', { name: 'Members' }).getByRole('listitem');
  await expect(members).toHaveCount(2);
  await expect(members.nth(0)).toContainText('All of it');
  await expect(members.nth(1)).toContainText('billing/production');
  await expect(members.nth(1)).toContainText('Viewer');
  await members.nth(0).getByRole('link', { name: 'Elif Kaya' }).click();
  await expect(page).toHaveURL(`/settings/users/${id}`);
});

test('what is chosen goes along with each call, is kept, and is the same in all tabs', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  await expect(switcher(page)).toContainText('Default');
  expect(await choose(page, 'Billing')).toBe('billing/default');
  await expect(report(page, 'You act in billing/default now')).toBeVisible();
  await expect(switcher(page)).toContainText('Billing');
  expect(await choose(page, /^staging/)).toBe('billing/staging');

  const listed = page.waitForRequest('**/_call/list_users');
  await page.getByRole('complementary', { name: 'Main' }).getByRole('link', { name: 'Users', exact: true }).click();
  expect((await listed).headers()[HEADER]).toBe('billing/staging');
  await expect(row(page, 'mara')).toBeVisible();
  expect((await stored(page)).local['doorward.scope']).toBe('billing/staging');

  await page.reload();
  await expect(switcher(page)).toContainText('Billing');
  await expect(switcher(page)).toContainText('staging');
  await open(page, '/settings/workspaces');
  await expect(card(page, 'Billing')).toContainText('Current');
  await expect(card(page, 'Billing').getByRole('listitem').filter({ hasText: 'env_billing_staging' })).toContainText('You act here');

  const other = await page.context().newPage();
  await open(other, '/');
  await expect(switcher(other)).toContainText('staging');
  expect(await choose(other, 'Default'), 'the default place is not named').toBeUndefined();
  await expect(switcher(page)).toContainText('Default');
  await expect(card(page, 'Default')).toContainText('Current');
  expect((await stored(page)).local['doorward.scope']).toBeUndefined();
});

test.describe('with another name for the header', () => {
  test.use({ env: { DOORWARD_SCOPE_HEADER: 'X-Ironflow-Environment' } });

  test('the dashboard uses it', async ({ page, server }) => {
    await fill(server);
    await enter(page);
    await open(page, '/');
    await switcher(page).click();
    const asked = page.waitForRequest('**/_call/get_me');
    await menu(page).getByRole('button', { name: 'Billing', exact: true }).click();
    expect((await asked).headers()['x-ironflow-environment']).toBe('billing/default');
  });
});

test('a place that is gone is dropped, and what was asked goes on', async ({ page, server, watch }) => {
  watch.allow(404);
  await fill(server);
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  await choose(page, 'Billing');
  await expect(switcher(page)).toContainText('Billing');
  await server.api('DELETE', '/workspaces/billing');
  await page.getByRole('complementary', { name: 'Main' }).getByRole('link', { name: 'Users', exact: true }).click();
  await expect(row(page, 'mara')).toBeVisible();
  await expect(report(page, 'You can’t act in billing/default any more')).toHaveCount(1);
  expect((await stored(page)).local['doorward.scope']).toBeUndefined();
  await page.reload();
  await expect(row(page, 'mara')).toBeVisible();
  await expect(report(page, 'any more')).toHaveCount(0);
});

test('a place that has become private to others is dropped, too', async ({ page, server, watch }) => {
  watch.allow(403, 404);
  await fill(server);
  await server.add(ELIF);
  await enter(page, ELIF);
  await open(page, '/');
  await tokenOf(page);
  await choose(page, 'Billing');
  await server.api('PATCH', '/workspaces/billing', { isPrivate: true });
  await page.getByRole('complementary', { name: 'Main' }).getByRole('link', { name: 'Sessions', exact: true }).click();
  await expect(heading(page, 'Sessions')).toBeVisible();
  await expect(report(page, 'You can’t act in billing/default any more')).toHaveCount(1);
  await expect(switcher(page), 'there is nothing left to choose').toHaveCount(0);
});

test('in a private workspace only the environments of a grant can be chosen', async ({ page, server }) => {
  await fill(server);
  const id = await server.add(ELIF);
  await server.api('PATCH', '/workspaces/billing', { isPrivate: true });
  await server.api('PUT', `/users/${id}/grants`, { grants: [{ workspace: 'billing', environment: 'staging', role: 'viewer' }] });
  await enter(page, ELIF);
  await open(page, '/');
  await tokenOf(page);
  expect(await choose(page, 'Billing')).toBe('billing/staging');
  await switcher(page).click();
  await expect(menu(page).getByRole('button', { name: /^staging/ })).toContainText('Viewer');
  await expect(menu(page).getByRole('button', { name: /^production/ })).toHaveCount(0);
  await expect(menu(page).getByRole('link', { name: 'Manage workspaces' })).toHaveCount(0);
});

test('one switches by keys alone, in the menu and in the search', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  await switcher(page).focus();
  await page.keyboard.press('Enter');
  const item = menu(page).getByRole('button', { name: 'Billing', exact: true });
  await expect(item).toBeVisible();
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('Tab');
    if (await item.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(item).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(switcher(page)).toContainText('Billing');

  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or jump to' });
  await expect(palette.getByRole('option').filter({ hasText: 'billing/production' })).toBeVisible();
  await page.keyboard.type('billing/st');
  await expect(palette.getByRole('option')).toHaveText(['billing/staging']);
  const asked = page.waitForRequest('**/_call/get_me');
  await page.keyboard.press('Enter');
  expect((await asked).headers()[HEADER]).toBe('billing/staging');
  await expect(switcher(page)).toContainText('staging');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('default/');
  await expect(palette.getByRole('option').filter({ hasText: 'default/default' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(switcher(page)).toContainText('Default');
});

test('many workspaces are searched on the server', async ({ page, server }) => {
  for (let n = 0; n < 12; n += 1) await server.api('POST', '/workspaces', { slug: `team-${String(n).padStart(2, '0')}` });
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  await switcher(page).click();
  await expect(menu(page).getByRole('button', { name: 'team-03', exact: true })).toBeVisible();
  await expect(menu(page).getByRole('button', { name: 'team-11', exact: true })).toHaveCount(0);
  await menu(page).getByRole('searchbox', { name: 'Search workspaces' }).fill('team-1');
  await expect(menu(page).getByRole('button', { name: 'team-03', exact: true })).toHaveCount(0);
  await axe(page, 'the switcher');
  await menu(page).getByRole('button', { name: 'team-11', exact: true }).click();
  await expect(switcher(page)).toContainText('team-11');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('the switcher stands in the menu, and nothing scrolls sideways', async ({ page, server }) => {
    await fill(server);
    await enter(page);
    await open(page, '/');
    await tokenOf(page);
    await page.getByRole('button', { name: 'Open menu' }).tap();
    await switcher(page).tap();
    await menu(page).getByRole('button', { name: 'Billing', exact: true }).tap();
    await expect(switcher(page)).toContainText('Billing');
    await open(page, '/settings/workspaces');
    await expect(card(page, 'Billing')).toBeVisible();
    const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(width).toBeLessThanOrEqual(room);
  });
});

test('grants are given, changed and removed on a user’s page, with the rights that come out', async ({ page, server, watch }) => {
  watch.allow(422);
  await fill(server);
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, `/settings/users/${id}`);
  const drawer = page.getByRole('dialog', { name: 'Elif Kaya', exact: true });
  const rights = drawer.getByRole('list', { name: 'Rights as they come out' }).getByRole('listitem');
  await expect(rights).toHaveText(['Developer everywhere.']);
  await drawer.getByRole('textbox', { name: /^Name/ }).fill('Elif K.');

  await drawer.getByRole('button', { name: 'Add a grant' }).click();
  const give = page.getByRole('dialog', { name: 'Give Elif Kaya a role in a workspace' });
  const workspace = give.getByLabel('Workspace', { exact: true });
  await expect(workspace).toBeFocused();
  await expect(give.getByLabel('Environment', { exact: true })).toBeDisabled();
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(workspace).toHaveAttribute('aria-invalid', 'true');
  await workspace.fill('nowhere');
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(workspace).toHaveAccessibleDescription(/There is no such workspace/);
  await expect(workspace, 'what was typed stays').toHaveValue('nowhere');
  await axe(page, 'a grant that is wrong');
  await workspace.fill('billing');
  await give.getByLabel('Environment', { exact: true }).selectOption('production');
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(report(page, 'The rights of Elif Kaya are changed').first()).toBeVisible();
  await expect(rights).toHaveText(['Developer, outside of the grants.', 'Viewer in billing/production.']);

  await drawer.getByRole('button', { name: 'Add a grant' }).click();
  await workspace.fill('billing');
  await give.getByLabel('Environment', { exact: true }).selectOption('production');
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(workspace).toHaveAccessibleDescription(/There is a grant for this place already/);
  await give.getByLabel('Environment', { exact: true }).selectOption('');
  await give.getByLabel('Role', { exact: true }).selectOption('operator');
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(rights).toHaveText(['Developer, outside of the grants.', 'Operator, from billing; viewer in billing/production.']);
  const elif = await server.login('elif');
  expect((await standing(server, elif, 'billing/staging')).role).toBe('operator');
  expect((await standing(server, elif, 'billing/production')).permissions).toEqual(['read', 'subscribe']);

  await drawer.getByRole('button', { name: 'Actions for the grant in billing', exact: true }).click();
  await page.locator('.menu:popover-open').getByText('Change', { exact: true }).click();
  const change = page.getByRole('dialog', { name: 'Change what Elif Kaya may do in billing' });
  await expect(change.getByLabel('Workspace', { exact: true })).toHaveValue('billing');
  await change.getByLabel('Role', { exact: true }).selectOption('manager');
  await change.getByRole('button', { name: 'Save grant' }).click();
  await expect(rights.last()).toHaveText('Manager, from billing; viewer in billing/production.');

  await drawer.getByRole('button', { name: 'Actions for the grant in billing', exact: true }).click();
  await page.locator('.menu:popover-open').getByText('Remove', { exact: true }).click();
  await expect(rights.last(), 'the grant for the environment stays').toHaveText('Viewer in billing/production.');
  expect(await server.api('GET', `/users/${id}/grants`)).toEqual({ grants: [{ workspace: 'billing', environment: 'production', role: 'viewer' }] });
  await expect(drawer.getByRole('textbox', { name: /^Name/ }), 'what was typed beside it stays').toHaveValue('Elif K.');
});

test('nobody gives a role that can do more than theirs, nor changes their own grants', async ({ page, server, watch }) => {
  watch.allow(403);
  await fill(server);
  const id = await server.add({ ...ELIF, role: 'viewer' });
  await server.api('POST', '/roles', { name: 'people', description: 'Manages people.', permissions: ['read', 'subscribe', 'users'] });
  const own = await server.add({ username: 'pat', displayName: 'Pat Moss', role: 'people' });
  await enter(page, { username: 'pat' });
  await open(page, `/settings/users/${id}`);
  await page.getByRole('dialog', { name: 'Elif Kaya', exact: true }).getByRole('button', { name: 'Add a grant' }).click();
  const give = page.getByRole('dialog', { name: 'Give Elif Kaya a role in a workspace' });
  await give.getByLabel('Workspace', { exact: true }).fill('billing');
  await give.getByLabel('Role', { exact: true }).selectOption('developer');
  await give.getByRole('button', { name: 'Save grant' }).click();
  await expect(give.getByLabel('Role', { exact: true })).toHaveAccessibleDescription(/can do more than yours/);
  expect(await server.api('GET', `/users/${id}/grants`)).toEqual({ grants: [] });

  await open(page, `/settings/users/${own}`);
  const drawer = page.getByRole('dialog', { name: 'Pat Moss' });
  await expect(drawer.getByRole('list', { name: 'Rights as they come out' })).toContainText('People everywhere.');
  await expect(drawer.getByRole('button', { name: 'Add a grant' })).toHaveCount(0);
});

test('a grant of admin is given once the password was', async ({ page, server, watch }) => {
  watch.allow(403);
  await fill(server);
  const id = await server.add(ELIF);
  await enter(page);
  await open(page, `/settings/users/${id}`);
  // A session that is older than ten minutes is asked; here the server's answer is put in its place.
  let asked = 0;
  await page.route('**/_call/put_grants', async (route) => {
    asked += 1;
    if (asked > 1) return route.fallback();
    const failure = {
      type: '/problems/confirmation_required', title: 'Confirm it with your password', status: 403,
      detail: 'Give your password again, then repeat this within ten minutes.', code: 'confirmation_required', requestId: 'r',
    };
    await route.fulfill({ status: 403, contentType: 'application/problem+json', json: failure });
  });
  const drawer = page.getByRole('dialog', { name: 'Elif Kaya', exact: true });
  await drawer.getByRole('button', { name: 'Add a grant' }).click();
  const give = page.getByRole('dialog', { name: 'Give Elif Kaya a role in a workspace' });
  await give.getByLabel('Workspace', { exact: true }).fill('billing');
  await give.getByLabel('Role', { exact: true }).selectOption('admin');
  await give.getByRole('button', { name: 'Save grant' }).click();
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await confirm.getByLabel('Your password').fill(PASSWORD);
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await expect(drawer.getByRole('list', { name: 'Rights as they come out' })).toContainText('Admin, from billing.');
});

test('a key is good in one place, and can be good elsewhere later', async ({ page, server, watch }) => {
  watch.allow(422);
  await fill(server);
  await enter(page);
  await open(page, '/settings/api-keys/new');
  const dialog = page.getByRole('dialog', { name: 'Create an API key' });
  await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('ci-deploy');
  await dialog.getByLabel('Role', { exact: true }).selectOption('operator');
  await dialog.getByLabel(/^Workspace/).fill('nowhere');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByLabel(/^Workspace/)).toHaveAccessibleDescription(/There is no such workspace/);
  await dialog.getByLabel(/^Workspace/).fill('billing');
  await dialog.getByLabel('Environment', { exact: true }).selectOption('staging');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const shown = page.getByRole('dialog', { name: 'Copy your new key' });
  await expect(shown.getByRole('definition').filter({ hasText: 'billing/staging' })).toBeVisible();
  const key = (await shown.locator('.secret code').textContent())!;
  expect((await standing(server, key, 'billing/staging')).permissions).toContain('run');
  await shown.getByLabel('I’ve copied it').check();
  await shown.getByRole('button', { name: 'Done' }).click();
  await expect(row(page, 'ci-deploy')).toContainText('in billing/staging');

  await row(page, 'ci-deploy').getByRole('link', { name: 'ci-deploy' }).click();
  const drawer = page.getByRole('dialog', { name: 'ci-deploy' });
  await expect(drawer.getByRole('definition').filter({ hasText: 'billing/staging' })).toBeVisible();
  await drawer.getByLabel('Environment', { exact: true }).selectOption('');
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(report(page, 'The key ci-deploy is changed').first()).toBeVisible();
  await expect(row(page, 'ci-deploy')).toContainText('in billing');
  await row(page, 'ci-deploy').getByRole('link', { name: 'ci-deploy' }).click();
  await drawer.getByLabel(/^Workspace/).fill('');
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(row(page, 'ci-deploy')).not.toContainText('billing');
  const { items } = await server.api('GET', '/api-keys');
  expect(items[0].scope).toEqual({});
});

test('the profile says what one may do where', async ({ page, server }) => {
  await fill(server);
  const id = await server.add(ELIF);
  await server.api('PUT', `/users/${id}/grants`, { grants: [{ workspace: 'billing', role: 'viewer' }] });
  await enter(page, ELIF);
  await open(page, '/profile');
  const rights = card(page, 'What you may do');
  await expect(rights.getByRole('list', { name: 'My rights as they come out' }).getByRole('listitem')).toHaveText([
    'Developer, outside of the grants.', 'Viewer, from billing.',
  ]);
  const places = rights.getByRole('list', { name: 'My rights in each place' }).getByRole('listitem');
  await expect(places.nth(0)).toContainText('Where you act: default/default');
  await expect(places.nth(1)).toContainText('read, subscribe');
  await tokenOf(page);
  await choose(page, 'Billing');
  await expect(places.nth(0)).toContainText('Where you act: billing/default');
});

test('a grant opens no page of Doorward itself', async ({ page, server, watch }) => {
  watch.allow(403);
  await fill(server);
  const id = await server.add(ELIF);
  await server.api('PUT', `/users/${id}/grants`, { grants: [{ workspace: 'billing', role: 'admin' }] });
  await enter(page, ELIF);
  await open(page, '/');
  await tokenOf(page);
  await choose(page, 'Billing');
  await expect(page.getByRole('complementary', { name: 'Main' }).getByRole('link', { name: 'Users', exact: true })).toHaveCount(0);
  const response = await open(page, '/settings/users');
  expect(response.status()).toBe(403);
});

test('markup in the name of a workspace is text', async ({ page, server }) => {
  const name = '<img src=x onerror=alert(1)>';
  await server.api('POST', '/workspaces', { slug: 'odd', name });
  await enter(page);
  await open(page, '/settings/workspaces');
  await expect(card(page, name)).toBeVisible();
  await switcher(page).click();
  await expect(menu(page).getByText(name, { exact: true })).toBeVisible();
  await open(page, '/settings/workspaces/odd');
  await expect(page.getByRole('dialog', { name })).toBeVisible();
  await expect(page.locator('main img, dialog img, .menu img')).toHaveCount(0);
});

test('who deletes the place where they act is back in the default one', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/settings/workspaces');
  await tokenOf(page);
  await act(page, 'billing/staging', 'Act here');
  await expect(report(page, 'You act in billing/staging now')).toBeVisible();
  await expect(switcher(page)).toContainText('staging');
  await act(page, 'billing/staging', 'Delete');
  await page.getByRole('dialog').getByRole('textbox').fill('billing/staging');
  await page.getByRole('button', { name: 'Delete the environment' }).click();
  await expect(report(page, 'The environment billing/staging is deleted')).toBeVisible();
  await expect(switcher(page)).toContainText('Default');
  await expect(report(page, 'any more')).toHaveCount(0);
});
