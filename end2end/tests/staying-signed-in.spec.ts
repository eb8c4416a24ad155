// What the browser keeps of a session, and how it is carried on: by one tab, by several, by none.
import { ADMIN, ENTRY, expect, heading, hydrated, open, signIn, stored, test, tokenOf, type Page } from '../fixtures';

/** Waits until the access token of the page has ended. */
async function hasEnded(page: Page): Promise<void> {
  await page.waitForFunction((entry) => {
    const kept = localStorage[entry] ?? sessionStorage[entry];
    return kept && JSON.parse(kept).expiresAt < Date.now();
  }, ENTRY);
}

async function cookieOf(page: Page) {
  const cookies = await page.context().cookies();
  return cookies.find((cookie) => cookie.name === 'doorward');
}

/** That no secret is where script can read it. */
async function holdsNoSecret(page: Page): Promise<void> {
  const { local, session } = await stored(page);
  const all = JSON.stringify({ local, session, cookie: await page.evaluate(() => document.cookie) });
  const [, binding, refresh] = (await cookieOf(page))!.value.split('.');
  for (const secret of ['three-quiet-otters-sing', binding, refresh, 'dwr_', 'refreshToken']) expect(all).not.toContain(secret);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
}

// REF-072
test('without Remember me the token and the cookie end with the browser', async ({ page }) => {
  await signIn(page);
  const { local, session } = await stored(page);
  expect(Object.keys(session)).toEqual([ENTRY]);
  expect(Object.keys(local)).toEqual([]);
  expect(Object.keys(JSON.parse(session[ENTRY])).sort()).toEqual(['expiresAt', 'renewAt', 'token']);
  expect(await cookieOf(page)).toMatchObject({ expires: -1, httpOnly: true, sameSite: 'Lax', path: '/' });
  await holdsNoSecret(page);
});

// REF-072
test('with Remember me both outlive it', async ({ page }) => {
  await signIn(page, ADMIN, true);
  const { local, session } = await stored(page);
  expect(Object.keys(local)).toEqual([ENTRY]);
  expect(Object.keys(session)).toEqual([]);
  const cookie = (await cookieOf(page))!;
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const days = (cookie.expires - Date.now() / 1000) / 86_400;
  expect(days).toBeGreaterThan(29);
  expect(days).toBeLessThan(31);
  await holdsNoSecret(page);
});

test('the later choice counts', async ({ page }) => {
  await signIn(page, ADMIN, true);
  await signIn(page, ADMIN, false);
  const { local, session } = await stored(page);
  expect(Object.keys(session)).toEqual([ENTRY]);
  expect(Object.keys(local)).toEqual([]);
});

// REF-072
test('a remembered session is there in a browser that was closed in between', async ({ page, another }) => {
  await signIn(page, ADMIN, true);
  const later = await another({ storageState: await page.context().storageState() });
  await open(later, '/profile');
  await expect(heading(later, 'Mara Lindqvist')).toBeVisible();
});

// REF-072
test('a session that is not remembered is gone with the browser', async ({ page, another }) => {
  await signIn(page);
  // Of what a browser keeps beyond its end, nothing lets anybody in: the cookie is one of the session.
  const { cookies, origins } = await page.context().storageState();
  const later = await another({ storageState: { cookies: cookies.filter(({ expires }) => expires !== -1), origins } });
  await later.goto('/profile');
  await expect(later).toHaveURL(/\/login\?next=/);
});

// BRW-199
test('the token is in no global, in no database and not on the console', async ({ page }) => {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await signIn(page);
  const token = await tokenOf(page);
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(heading(page, 'Users')).toBeVisible();
  const globals = await page.evaluate(() =>
    Object.getOwnPropertyNames(window).map((name) => {
      try {
        const value = (window as unknown as Record<string, unknown>)[name];
        const isPlain = typeof value === 'object' && value !== null && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
        return isPlain ? JSON.stringify(value) : String(value);
      } catch {
        return '';
      }
    }).join('\n'),
  );
  expect(globals).not.toContain(token);
  expect(said.join('\n')).not.toContain(token);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  await holdsNoSecret(page);
});

test('a token that was copied out is worth nothing', async ({ page, server }) => {
  await signIn(page);
  const token = await tokenOf(page);
  const alone = await server.ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${token}` });
  expect(alone.status).toBe(401);
  const cookie = (await cookieOf(page))!;
  const both = await server.ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${token}`, cookie: `doorward=${cookie.value}` });
  expect(both.status).toBe(200);
  const cookieAlone = await server.ask('GET', '/api/v1/auth/me', undefined, { cookie: `doorward=${cookie.value}` });
  expect(cookieAlone.status).toBe(401);
});

test('a new tab is signed in, without a flash of the sign-in page', async ({ page, context }) => {
  await signIn(page);
  const tab = await context.newPage();
  const response = await open(tab, '/settings/users');
  expect(response.request().redirectedFrom()).toBeNull();
  await expect(heading(tab, 'Users')).toBeVisible();
  expect(await tokenOf(tab)).toBe(await tokenOf(page));
});

test.describe('with tokens of three seconds', () => {
  test.use({ env: { DOORWARD_AUTH_ACCESS_TTL: '3s' } });

  test('tabs that renew at once stay signed in', async ({ page, context, server, watch }) => {
    watch.allow(401);
    await signIn(page);
    const tabs = [page, await context.newPage(), await context.newPage()];
    await Promise.all(tabs.map((tab) => open(tab, '/')));
    await Promise.all(tabs.map(tokenOf));
    for (const [link, title] of [['Users', 'Users'], ['Sessions', 'Sessions'], ['General', 'General']]) {
      await Promise.all(tabs.map(hasEnded));
      await Promise.all(tabs.map((tab) => tab.getByRole('link', { name: link, exact: true }).click()));
      for (const tab of tabs) {
        await expect(heading(tab, title)).toBeVisible();
        await expect(tab.getByRole('alert')).toHaveCount(0);
        await expect(tab.getByRole('dialog')).toHaveCount(0);
      }
    }
    const { items } = await server.api('GET', '/sessions?user=all');
    expect(items.filter((session: { kind: string }) => session.kind === 'browser')).toHaveLength(1);
  });

  test('a duplicated tab works on, and so does the first', async ({ page, context, watch }) => {
    watch.allow(401);
    await signIn(page);
    const [twin] = await Promise.all([context.waitForEvent('page'), page.evaluate(() => void window.open(location.href))]);
    await hydrated(twin);
    expect(Object.keys((await stored(twin)).session)).toContain(ENTRY);
    for (const tab of [twin, page, twin]) {
      await hasEnded(tab);
      await tab.getByRole('link', { name: 'Users', exact: true }).click();
      await expect(tab.getByRole('row').filter({ hasText: ADMIN.displayName })).toBeVisible();
      await tab.getByRole('link', { name: 'Home', exact: true }).click();
      await expect(heading(tab, 'Doorward')).toBeVisible();
    }
  });

  test('what was typed is sent with the token that was renewed on the way', async ({ page, watch }) => {
    watch.allow(401);
    await signIn(page);
    await open(page, '/profile');
    await page.getByLabel('Name', { exact: false }).first().fill('Mara L.');
    await hasEnded(page);
    await page.getByRole('button', { name: 'Save profile' }).click();
    await expect(heading(page, 'Mara L.')).toBeVisible();
  });
});

test('a session renews itself in time, while somebody looks', async ({ page }) => {
  await signIn(page);
  const before = await tokenOf(page);
  await page.evaluate((entry) => {
    const kept = JSON.parse(sessionStorage[entry]);
    sessionStorage[entry] = JSON.stringify({ ...kept, renewAt: Date.now() });
  }, ENTRY);
  await expect.poll(() => tokenOf(page), { timeout: 15_000 }).not.toBe(before);
});

test('a token that was lost from storage is got again by the cookie', async ({ page }) => {
  await signIn(page);
  await page.evaluate(() => sessionStorage.clear());
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: ADMIN.displayName })).toBeVisible();
});

test('an entry that makes no sense is replaced', async ({ page }) => {
  await signIn(page);
  await page.evaluate((entry) => {
    sessionStorage[entry] = '{"token":7';
    localStorage[entry] = 'x';
  }, ENTRY);
  await page.reload();
  await hydrated(page);
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await expect(page.getByRole('row').filter({ hasText: ADMIN.displayName })).toBeVisible();
});
