// Settings, API keys, and one's own in the profile: made and shown once, found, changed, given another
// secret, revoked.
import { execFileSync } from 'node:child_process';
import { ADMIN, PASSWORD, act, axe, enter, expect, heading, open, report, row, test, type Page } from '../fixtures';
import { KEYS } from '../pages';
import { type Server } from '../server';

const ELIF = { username: 'elif', displayName: 'Elif Kaya', role: 'developer' };
const TEXT = /^dw_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$/;

/** The names that the list shows, from the top. */
const names = (page: Page) => page.getByRole('rowheader').locator('b').allTextContents().then((all) => all.map((name) => name.trim()));

async function fill(server: Server): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const key of KEYS) ids[key.name] = (await server.api('POST', '/api-keys', key)).apiKey.id;
  await server.api('DELETE', `/api-keys/${ids['old-runner']}`);
  return ids;
}

/** What the server says to whoever comes with this key. */
const whoIs = (server: Server, key: string) => server.ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${key}` });

/** Reads the text that is shown once, and closes the dialog, which stays until then. */
async function take(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Copy your new key' });
  const text = (await dialog.locator('.secret code').textContent())!;
  expect(text).toMatch(TEXT);
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog, 'it stays until the key was taken').toBeVisible();
  await dialog.getByLabel('I’ve copied it').check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  return text;
}

test('a key is made, is shown once, and its line works as pasted', async ({ page, server }) => {
  await enter(page);
  await open(page, '/settings/api-keys');
  await expect(page.getByRole('heading', { name: 'No API keys yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Create a key' }).first().click();
  await expect(page).toHaveURL('/settings/api-keys/new');
  await expect(page).toHaveTitle('Create an API key · Doorward');
  const dialog = page.getByRole('dialog', { name: 'Create an API key' });
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await dialog.getByRole('textbox', { name: 'Name' }).fill('ci-deploy');
  await dialog.getByLabel('Role', { exact: true }).selectOption('operator');
  await expect(dialog.getByText(/^Until /)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Allowed addresses' }).fill('127.0.0.0/8');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Remove 127.0.0.0/8' })).toBeVisible();
  await dialog.getByRole('textbox', { name: /^Description/ }).fill('Deploys.');
  await dialog.getByRole('button', { name: 'Create key' }).click();

  const shown = page.getByRole('dialog', { name: 'Copy your new key' });
  await expect(report(page, 'The key ci-deploy is made')).toBeVisible();
  await expect(shown.getByRole('definition').filter({ hasText: '127.0.0.0/8' })).toBeVisible();
  const line = (await shown.getByLabel('Try it').textContent())!;
  expect(line).toMatch(/^curl -H "Authorization: Bearer dw_\S+" http:\/\/127\.0\.0\.1:\d+\/api\/v1\/auth\/me$/);
  const answer = JSON.parse(execFileSync('sh', ['-c', `${line} -s`], { encoding: 'utf8' }));
  expect(answer.apiKey.name).toBe('ci-deploy');
  await axe(page, 'a key that is shown');

  const text = await take(page);
  await expect(page).toHaveURL('/settings/api-keys');
  await expect(row(page, 'ci-deploy')).toContainText('Operator');
  await expect(row(page, 'ci-deploy')).toContainText('Active');
  await expect(row(page, 'ci-deploy')).toContainText('Service');
  await expect(row(page, 'ci-deploy')).toContainText(`${text.slice(0, 11)}…`);
  const { items } = await server.api('GET', '/api-keys');
  expect(items[0]).toMatchObject({ name: 'ci-deploy', role: 'operator', description: 'Deploys.', allowedIps: ['127.0.0.0/8'] });
  expect(Date.parse(items[0].expiresAt) - Date.now()).toBeGreaterThan(89 * 86_400_000);
  expect(await page.content(), 'nothing of the secret stays in the page').not.toContain(text.slice(12));
});

test('what is wrong with a new key is said at its field', async ({ page, watch }) => {
  watch.allow(422);
  await enter(page);
  await open(page, '/settings/api-keys/new');
  const dialog = page.getByRole('dialog', { name: 'Create an API key' });
  const name = dialog.getByRole('textbox', { name: 'Name' });
  await dialog.getByLabel('Expires', { exact: true }).selectOption('After a time');
  await dialog.getByRole('textbox', { name: 'Time' }).fill('soon');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByRole('alert')).toContainText('2 things need another look.');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(dialog.getByRole('textbox', { name: 'Time' })).toHaveAccessibleDescription(/number and a unit/);

  await name.fill('nightly');
  await dialog.getByLabel('Expires', { exact: true }).selectOption('On a day');
  await dialog.getByLabel('Last day').fill('2020-01-31');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByLabel('Last day')).toHaveAccessibleDescription(/This time is over/);

  await dialog.getByLabel('Last day').fill('2090-01-31');
  await dialog.getByRole('textbox', { name: 'Allowed addresses' }).fill('10.0.0.0/99');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Allowed addresses' })).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByRole('button', { name: 'Remove 10.0.0.0/99' }).click();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await take(page);
  await expect(row(page, 'nightly')).toContainText('31 Jan 2090');
});

test('an admin’s key is made once the password was given', async ({ page, watch }) => {
  watch.allow(403);
  await enter(page);
  await open(page, '/settings/api-keys/new');
  // A session that is older than ten minutes is asked; here the server's answer is put in its place.
  let asked = 0;
  await page.route('**/_call/create_api_key', async (route) => {
    asked += 1;
    if (asked > 1) return route.fallback();
    const failure = {
      type: '/problems/confirmation_required', title: 'Confirm it with your password', status: 403,
      detail: 'Give your password again, then repeat this within ten minutes.', code: 'confirmation_required', requestId: 'r',
    };
    await route.fulfill({ status: 403, contentType: 'application/problem+json', json: failure });
  });
  const dialog = page.getByRole('dialog', { name: 'Create an API key' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('root');
  await dialog.getByLabel('Role', { exact: true }).selectOption('admin');
  await dialog.getByLabel('Expires', { exact: true }).selectOption('Never');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await confirm.getByLabel('Your password').fill(PASSWORD);
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await take(page);
  await expect(row(page, 'root')).toContainText('Admin');
  await expect(row(page, 'root')).toContainText('Never');
});

test('the list is searched, narrowed, ordered, and split into one’s own and everybody’s', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/settings/api-keys');
  await expect(page.getByRole('status').filter({ hasText: '5 keys' }).first()).toBeVisible();
  await expect.poll(() => names(page)).toEqual(['backup-agent', 'ci-deploy', 'grafana-reader', 'mara-laptop', 'old-runner']);
  await expect(row(page, 'grafana-reader')).toContainText('Expires soon');
  await expect(row(page, 'grafana-reader')).toContainText('in 5 days');
  await expect(row(page, 'old-runner')).toContainText('Revoked');
  await expect(row(page, 'mara-laptop')).toContainText(`Personal ${ADMIN.displayName}`);

  const search = page.getByRole('searchbox', { name: 'Search API keys' });
  await search.fill('CI');
  await expect.poll(() => names(page)).toEqual(['ci-deploy']);
  await expect(page).toHaveURL('/settings/api-keys?query=CI');
  await search.fill('nothing at all');
  await expect(page.getByRole('heading', { name: 'No key matches “nothing at all”' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear search and filters' }).click();
  await expect(search).toHaveValue('');

  await page.getByLabel('Kind', { exact: true }).selectOption('Personal');
  await expect.poll(() => names(page)).toEqual(['mara-laptop']);
  await page.getByLabel('Kind', { exact: true }).selectOption('Any kind');
  await page.getByLabel('Role', { exact: true }).selectOption('Operator');
  await expect.poll(() => names(page)).toEqual(['ci-deploy', 'old-runner']);
  await page.getByLabel('Status', { exact: true }).selectOption('Revoked');
  await expect.poll(() => names(page)).toEqual(['old-runner']);
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(page).toHaveURL('/settings/api-keys');

  const expires = page.getByRole('columnheader', { name: 'Expires' });
  await expires.getByRole('button').click();
  await expect(expires).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => names(page).then((all) => all.slice(0, 3))).toEqual(['grafana-reader', 'mara-laptop', 'ci-deploy']);

  await page.getByRole('navigation', { name: 'Whose API keys' }).getByRole('link', { name: 'Mine' }).click();
  await expect(page).toHaveURL('/settings/api-keys?mine=true');
  await expect.poll(() => names(page)).toEqual(['mara-laptop']);
  await expect(page.getByLabel('Kind', { exact: true })).toHaveCount(0);
  await page.reload();
  await expect.poll(() => names(page)).toEqual(['mara-laptop']);
});

test('many keys come in pages', async ({ page, server }) => {
  const make = (n: number) => server.api('POST', '/api-keys', { name: `key-${String(n).padStart(2, '0')}`, role: 'viewer' });
  for (let n = 0; n < 52; n += 1) await make(n);
  await enter(page);
  await open(page, '/settings/api-keys');
  await expect(page.getByText('First 50 of 52 keys')).toBeVisible();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Next' }).click();
  await expect.poll(() => names(page)).toEqual(['key-50', 'key-51']);
  await pages.getByRole('link', { name: 'Previous' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(50);
});

test('a key is changed in a drawer that has an address', async ({ page, server }) => {
  const ids = await fill(server);
  await enter(page);
  await open(page, '/settings/api-keys?role=operator');
  await row(page, 'ci-deploy').getByRole('link', { name: 'ci-deploy' }).click();
  await expect(page).toHaveURL(`/settings/api-keys/${ids['ci-deploy']}?role=operator`);
  await expect(page).toHaveTitle('ci-deploy · Doorward');
  const drawer = page.getByRole('dialog', { name: 'ci-deploy' });
  await expect(drawer.getByRole('definition').filter({ hasText: 'Service' })).toBeVisible();
  await expect(drawer.getByRole('textbox', { name: /^Description/ })).toHaveValue('Deploys from the build machines.');
  await drawer.getByRole('textbox', { name: 'Name' }).fill('ci-release');
  await drawer.getByRole('textbox', { name: /^Description/ }).fill('');
  await drawer.getByLabel('Role', { exact: true }).selectOption('developer');
  await drawer.getByLabel('Expires', { exact: true }).selectOption('Never');
  await drawer.getByRole('button', { name: 'Remove 192.0.2.7' }).click();
  await drawer.getByRole('button', { name: 'Save changes' }).click();
  await expect(report(page, 'The key ci-release is changed')).toBeVisible();
  await expect(page).toHaveURL('/settings/api-keys?role=operator');
  await expect(row(page, 'ci-deploy')).toHaveCount(0);
  const key = await server.api('GET', `/api-keys/${ids['ci-deploy']}`);
  expect(key).toMatchObject({ name: 'ci-release', description: null, role: 'developer', allowedIps: ['10.20.0.0/16'], expiresAt: null });

  await open(page, `/settings/api-keys/${ids['old-runner']}`);
  const revoked = page.getByRole('dialog', { name: 'old-runner' });
  await expect(revoked).toContainText('This key was revoked');
  await expect(revoked.getByRole('button', { name: 'Save changes' })).toHaveCount(0);
  await revoked.getByRole('button', { name: 'Close' }).last().click();
  await expect(page).toHaveURL('/settings/api-keys');
});

test('an address that names no key says so', async ({ page, watch }) => {
  watch.allow(404);
  await enter(page);
  for (const id of ['00000000-0000-7000-8000-000000000000', 'nonsense']) {
    await open(page, `/settings/api-keys/${id}`);
    await expect(page.getByRole('dialog', { name: 'There is no such key' })).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/settings/api-keys');
});

test('a rotated key gets another text, and the old one ends as chosen', async ({ page, server }) => {
  const made = await server.api('POST', '/api-keys', { name: 'ci-deploy', role: 'operator' });
  await enter(page);
  await open(page, '/settings/api-keys');
  await act(page, 'ci-deploy', 'Rotate');
  const question = page.getByRole('dialog', { name: 'Rotate ci-deploy?' });
  await expect(question.getByLabel('The old one stays good')).toHaveValue('24h');
  await axe(page, 'rotate');
  await question.getByRole('button', { name: 'Rotate key' }).click();
  await expect(page.getByRole('dialog', { name: 'Copy your new key' })).toContainText('stays good for a day');
  const second = await take(page);
  expect(second).not.toBe(made.key);
  expect(second.slice(0, 12)).toBe(made.key.slice(0, 12));
  for (const key of [made.key, second]) expect((await whoIs(server, key)).status).toBe(200);

  // From the drawer, without a grace.
  await row(page, 'ci-deploy').getByRole('link', { name: 'ci-deploy' }).click();
  await page.getByRole('dialog', { name: 'ci-deploy' }).getByRole('button', { name: 'More' }).click();
  await page.locator('.menu:popover-open').getByText('Rotate', { exact: true }).click();
  await question.getByLabel('The old one stays good').selectOption('Not at all');
  await question.getByRole('button', { name: 'Rotate key' }).click();
  const third = await take(page);
  expect((await whoIs(server, third)).status).toBe(200);
  for (const key of [made.key, second]) expect((await whoIs(server, key)).status).toBe(401);
});

test('a revoked key is refused from its next request on', async ({ page, server }) => {
  const made = await server.api('POST', '/api-keys', { name: 'ci-deploy', role: 'operator' });
  expect((await whoIs(server, made.key)).status).toBe(200);
  await enter(page);
  await open(page, '/settings/api-keys');
  await act(page, 'ci-deploy', 'Revoke');
  const question = page.getByRole('dialog', { name: 'Revoke ci-deploy?' });
  await expect(question).toContainText('It can’t be brought back');
  await axe(page, 'revoke');
  await question.getByRole('button', { name: 'Revoke key' }).click();
  await expect(report(page, 'The key ci-deploy is revoked')).toBeVisible();
  await expect(row(page, 'ci-deploy')).toContainText('Revoked');
  expect((await whoIs(server, made.key)).status).toBe(401);
  await page.getByRole('button', { name: 'Actions for ci-deploy' }).click();
  await expect(page.locator('.menu:popover-open').getByText('Rotate')).toHaveCount(0);
  await expect(page.locator('.menu:popover-open').getByText('Revoke')).toHaveCount(0);
});

test('who may not manage keys has their own alone, with no more than their own role', async ({ page, server, watch }) => {
  watch.allow(404);
  const ids = await fill(server);
  await server.add(ELIF);
  await enter(page, ELIF);
  const response = await open(page, '/settings/api-keys');
  expect(await response.text()).not.toContain('ci-deploy');
  await expect(page.getByRole('navigation', { name: 'Whose API keys' })).toHaveCount(0);
  await expect(page.getByLabel('Kind', { exact: true })).toHaveCount(0);
  await page.getByRole('link', { name: 'Create a key' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create an API key' });
  await expect(dialog).toContainText('A key of your own.');
  await expect(dialog.getByRole('radio')).toHaveCount(0);
  await expect(dialog.getByLabel('Role', { exact: true }).getByRole('option')).toHaveText(['Viewer', 'Operator', 'Developer']);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('laptop');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const text = await take(page);
  await expect(row(page, 'laptop')).toContainText('Personal Elif Kaya');
  expect((await whoIs(server, text)).body.user.username).toBe('elif');

  await open(page, `/settings/api-keys/${ids['ci-deploy']}`);
  await expect(page.getByRole('dialog', { name: 'There is no such key' })).toBeVisible();
});

test('the profile shows the newest keys of one’s own, and leads to all', async ({ page, server }) => {
  await enter(page);
  await open(page, '/profile');
  const card = page.getByRole('region', { name: 'My API keys' });
  await expect(card).toContainText('None yet');
  await server.api('POST', '/api-keys', { name: 'ci-deploy', role: 'operator' });
  for (const name of ['first', 'second', 'third', 'fourth']) {
    await server.api('POST', '/api-keys', { name, role: 'viewer', kind: 'personal', expiresIn: '2160h' });
  }
  await page.reload();
  await expect(card.getByRole('listitem').locator('b')).toHaveText(['fourth', 'third', 'second']);
  await card.getByRole('link', { name: 'See all my keys' }).click();
  await expect(page).toHaveURL('/settings/api-keys?mine=true');
  await expect.poll(() => names(page)).toEqual(['first', 'fourth', 'second', 'third']);
  await page.getByRole('link', { name: 'Create a key' }).first().click();
  await expect(page.getByRole('dialog', { name: 'Create an API key' }).getByRole('radio', { name: /Myself/ })).toBeChecked();
});

test('markup in a key’s name is text', async ({ page, server }) => {
  const name = '<img src=x onerror=alert(1)>';
  await server.api('POST', '/api-keys', { name, role: 'viewer', description: name });
  await enter(page);
  await open(page, '/settings/api-keys');
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('dialog', { name })).toBeVisible();
  await expect(page.locator('main img, dialog img')).toHaveCount(0);
});

test.describe('while sign-in is off', () => {
  test.use({ stage: 'open' });

  test('keys of services can be made, and the page says that they do not count yet', async ({ page }) => {
    await open(page, '/settings/api-keys');
    await expect(heading(page, 'API keys')).toBeVisible();
    await expect(page.getByText('Sign-in is off, so keys are not looked at')).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Whose API keys' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Create a key' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Create an API key' });
    await expect(dialog).toContainText('A service key.');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('ci-deploy');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await take(page);
    await expect(row(page, 'ci-deploy')).toContainText('Service');
  });
});
