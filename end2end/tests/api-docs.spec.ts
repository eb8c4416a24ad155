// The page of the API: every operation, to be read without script and tried with it.
import { ADMIN, at, axe, enter, expect, heading, hydrated, open, test, tokenOf, type Page } from '../fixtures';

const PATH = '/api/docs';
const VERA = { username: 'vera', displayName: 'Vera Viewer', role: 'viewer' };

/** The operation of this id, opened. */
async function unfold(page: Page, id: string) {
  const operation = page.locator(`details#${id}`);
  if ((await operation.getAttribute('open')) === null) await operation.locator('summary').click();
  return operation;
}

test('strangers sign in first, and come back', async ({ page }) => {
  await page.goto(PATH);
  await at(page, '/login');
  expect(new URL(page.url()).searchParams.get('next')).toBe(PATH);
});

test('the keys’ page leads here, and from here one gets back', async ({ page }) => {
  await enter(page);
  await open(page, '/settings/api-keys');
  await page.getByRole('link', { name: 'What a key can ask for: the API' }).click();
  await page.waitForURL(PATH);
  await hydrated(page);
  await expect(heading(page, 'API')).toBeVisible();
  await page.getByRole('link', { name: '← Doorward' }).click();
  await at(page, '/');
});

test('each operation of the document is there, with what it needs and answers', async ({ page, server }) => {
  await enter(page);
  await open(page, PATH);
  const { paths } = await server.api('GET', '/openapi.json');
  const ids = Object.values(paths).flatMap((item) => Object.values(item as Record<string, { operationId: string }>).map((one) => one.operationId));
  expect(await page.locator('details[data-words]').count()).toBe(ids.length);
  for (const id of ids) await expect(page.locator(`details#${id}`)).toBeAttached();
  const create = await unfold(page, 'create_user');
  await expect(create).toContainText('Needs the permission users');
  await expect(create.getByRole('heading', { name: 'Fields of the body' })).toBeVisible();
  await expect(create.getByLabel('Body', { exact: true })).toHaveValue(/"username": ""/);
  await create.getByRole('link', { name: 'NewUser' }).first().click();
  await expect(page.locator('details#type-NewUser')).toHaveAttribute('open', '');
});

test('an operation is tried as oneself', async ({ page, watch }) => {
  watch.allow(422);
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  await open(page, `${PATH}#get_me`);
  const me = page.locator('details#get_me');
  await expect(me).toHaveAttribute('open', '');
  await me.getByRole('button', { name: 'Send' }).click();
  await expect(me.locator('.code__head .badge')).toHaveText(/^200/);
  await expect(me.getByLabel('Answer', { exact: true })).toContainText(ADMIN.username);

  const users = await unfold(page, 'list_users');
  await users.getByRole('textbox', { name: /^limit/ }).fill('0');
  await users.getByRole('button', { name: 'Send' }).click();
  await expect(users.getByLabel('Answer', { exact: true })).toContainText('"limit"');
});

test('whoever comes by an address alone is signed in by the cookie’s next token', async ({ page }) => {
  await enter(page);
  await open(page, PATH);
  const me = await unfold(page, 'get_me');
  await me.getByRole('button', { name: 'Send' }).click();
  await expect(me.getByLabel('Answer', { exact: true })).toContainText(ADMIN.username);
});

test('an operation is tried with a key, which stays on the page alone', async ({ page, server, watch }) => {
  watch.allow(403, 401);
  const { key } = await server.api('POST', '/api-keys', { name: 'reader', role: 'viewer' });
  await enter(page);
  await open(page, PATH);
  await page.getByRole('radio', { name: 'A program with an API key' }).check();
  await page.getByLabel('API key', { exact: true }).fill(key);
  const users = await unfold(page, 'list_users');
  await users.getByRole('button', { name: 'Send' }).click();
  await expect(users.getByLabel('Answer', { exact: true })).toContainText('"forbidden"');
  await expect(users.getByLabel('Answer', { exact: true })).toContainText('decisionId');
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain(key);
  await page.reload();
  await page.getByRole('radio', { name: 'A program with an API key' }).check();
  await expect(page.getByLabel('API key', { exact: true })).toHaveValue('');

  await page.getByRole('radio', { name: 'Nobody' }).check();
  const me = await unfold(page, 'get_me');
  await me.getByRole('button', { name: 'Send' }).click();
  await expect(me.getByLabel('Answer', { exact: true })).toContainText('"unauthenticated"');
});

test('a search leaves what fits, by keyboard too', async ({ page, server }) => {
  await server.add(VERA);
  await enter(page, VERA);
  await open(page, PATH);
  await page.getByRole('searchbox', { name: 'Find an operation' }).fill('post keys rotate');
  await expect(page.locator('details[data-words]:visible')).toHaveCount(1);
  const rotate = page.locator('details#rotate_api_key');
  await rotate.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(rotate).toHaveAttribute('open', '');
  await rotate.getByRole('button', { name: 'Send' }).click();
  await expect(rotate.getByRole('textbox', { name: 'id', exact: true })).toBeFocused();
});

test('an opened operation fits a phone, and axe finds nothing in it', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await enter(page);
  await open(page, PATH);
  const operation = await unfold(page, 'create_api_key');
  await operation.getByRole('button', { name: 'Copy as curl' }).scrollIntoViewIfNeeded();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await axe(page, 'api-docs, one open');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('everything can be read', async ({ page }) => {
    await enter(page);
    await page.goto(PATH);
    await expect(heading(page, 'API')).toBeVisible();
    const users = page.locator('details#list_users');
    await users.locator('summary').click();
    await expect(users.getByRole('heading', { name: 'Answers' })).toBeVisible();
    await expect(users.getByRole('button', { name: 'Send' })).toBeHidden();
  });
});
