// The dashboard below a prefix: whatever it asks for, leads to and keeps is its own, and the site around
// it is left alone.
import { at, expect, heading, open, row, stored, submitSignIn, test as base, type Page } from '../fixtures';
import { NESTED, Nested, PREFIX } from '../nested';

const test = base.extend<{ nested: Nested }>({
  nested: async ({}, use, info) => {
    const nested = await Nested.start();
    await use(nested);
    if (info.status !== info.expectedStatus) {
      await info.attach('server', { body: nested.said, contentType: 'text/plain' });
    }
    await nested.stop();
  },
  baseURL: async ({ nested }, use) => use(nested.url),
});

/** Notes the paths of all that a page asks for. */
function asked(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => paths.push(new URL(socket.url()).pathname));
  return paths;
}

async function signIn(page: Page, isRemembered = false): Promise<void> {
  await open(page, `${PREFIX}/login`);
  await submitSignIn(page, NESTED.username, NESTED.password, isRemembered);
  await at(page, PREFIX);
}

const main = (page: Page) => page.getByRole('navigation', { name: 'Main' });

test('the site leads to the sign-in page and gets its visitor back', async ({ page, watch }) => {
  // The site itself has no icon.
  watch.allow(404);
  await page.goto('/tasks');
  await at(page, `${PREFIX}/login`);
  await page.getByRole('link', { name: 'Forgot it?' }).click();
  await at(page, `${PREFIX}/forgot`);
  await page.goBack();
  await at(page, `${PREFIX}/login`);
  await submitSignIn(page, NESTED.username, NESTED.password);
  await page.waitForURL('/tasks');
  await expect(page.getByText('No tasks for admin')).toBeVisible();
});

test('pages, Back, a reload and the search stay below the prefix, and so does all that is asked for', async ({ page, watch }) => {
  watch.allow(404);
  const paths = asked(page);
  await signIn(page);
  await main(page).getByRole('link', { name: 'Users', exact: true }).click();
  await expect(heading(page, 'Users')).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/users`);
  await expect(main(page).getByRole('link', { name: 'Users', exact: true })).toHaveAttribute('aria-current', 'page');
  await main(page).getByRole('link', { name: 'API keys', exact: true }).click();
  await expect(heading(page, 'API keys')).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/api-keys`);
  await page.goBack();
  await expect(heading(page, 'Users')).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/users`);
  await page.reload();
  await at(page, `${PREFIX}/settings/users`);

  await page.getByRole('link', { name: 'Add a user' }).click();
  await expect(page.getByRole('dialog', { name: 'Add a user' })).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/users/new`);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(`${PREFIX}/settings/users`);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('workspaces');
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Workspaces')).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/workspaces`);
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Settings' }).click();
  await expect(heading(page, 'General')).toBeVisible();
  await expect(page).toHaveURL(`${PREFIX}/settings/general`);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(PREFIX);
  await open(page, `${PREFIX}/nowhere`);
  await page.getByRole('main').getByRole('link', { name: 'Go to Home' }).click();
  await at(page, PREFIX);
  await expect(main(page).getByRole('link', { name: 'Home', exact: true })).toHaveAttribute('aria-current', 'page');

  await expect.poll(() => paths.includes(`${PREFIX}/api/v1/live/ws`), 'the line is laid').toBe(true);
  expect(paths.some((path) => path.endsWith('.wasm')) && paths.some((path) => path.includes('/_call/'))).toBe(true);
  expect(paths.filter((path) => path !== PREFIX && !path.startsWith(`${PREFIX}/`))).toEqual([]);
});

test('what happens comes by itself', async ({ page }) => {
  await signIn(page);
  await open(page, `${PREFIX}/settings/users`);
  await expect(row(page, 'admin')).toBeVisible();
  const entry = await page.evaluate((name) => sessionStorage[name], `doorward.session${PREFIX}`);
  const answer = await page.request.post(`${PREFIX}/api/v1/users`, {
    headers: { authorization: `Bearer ${JSON.parse(entry).token}` },
    data: { username: 'bo', displayName: 'Bo Sand', role: 'viewer', password: 'three-quiet-otters-sing' },
  });
  expect(answer.status()).toBe(201);
  await expect(row(page, 'Bo Sand')).toBeVisible();
});

test('what the browser keeps is named after the prefix, and signing out forgets the token', async ({ page, context }) => {
  await signIn(page, true);
  await open(page, `${PREFIX}/profile`);
  await page.getByRole('radiogroup', { name: 'Theme' }).getByText('Dark').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const kept = await stored(page);
  expect(Object.keys({ ...kept.local, ...kept.session }).sort()).toEqual([`doorward.session${PREFIX}`, `doorward.theme${PREFIX}`]);
  await page.reload();
  await at(page, `${PREFIX}/profile`);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  const other = await context.newPage();
  await open(other, `${PREFIX}/settings/users`);
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await at(page, `${PREFIX}/login`);
  await at(other, `${PREFIX}/login`);
  expect(Object.keys((await stored(page)).local)).toEqual([`doorward.theme${PREFIX}`]);
  await page.goto('/tasks');
  await at(page, `${PREFIX}/login`);
});

test('the page of the interface tries its operations below the prefix', async ({ page }) => {
  await signIn(page);
  const paths = asked(page);
  await open(page, `${PREFIX}/api/docs#get_me`);
  const me = page.locator('details#get_me');
  await expect(me).toHaveAttribute('open', '');
  await me.getByRole('button', { name: 'Send' }).click();
  await expect(me.locator('.code__head .badge')).toHaveText(/^200/);
  expect(paths.filter((path) => !path.startsWith(`${PREFIX}/`))).toEqual([]);
  await page.getByRole('link', { name: '← Doorward' }).click();
  await at(page, PREFIX);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('one signs in, looks around and signs out', async ({ page }) => {
    await page.goto(PREFIX);
    await expect(page).toHaveURL(`${PREFIX}/login`);
    await page.getByLabel('Username or email').fill(NESTED.username);
    await page.getByLabel('Password', { exact: true }).fill(NESTED.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page).toHaveURL(PREFIX);
    await main(page).getByRole('link', { name: 'Roles', exact: true }).click();
    await expect(heading(page, 'Roles')).toBeVisible();
    await expect(page).toHaveURL(`${PREFIX}/settings/roles`);
    await page.goto(`${PREFIX}/logout`);
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(`${PREFIX}/login`);
  });
});
