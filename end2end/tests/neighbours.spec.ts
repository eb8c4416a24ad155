// An app whose scripts turn against the dashboard that guards it: they are at another origin, and stay there.
import { createServer, type IncomingHttpHeaders, type Server as Upstream } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADMIN, PASSWORD, at, expect, heading, hydrated, submitSignIn, test, tokenOf } from '../fixtures';

let upstream: Upstream;
let address: string;
const seen: { url: string; headers: IncomingHttpHeaders }[] = [];

test.beforeAll(async () => {
  upstream = createServer((request, answer) => {
    seen.push({ url: request.url!, headers: request.headers });
    answer.setHeader('content-type', 'text/html').end('<title>Evil</title><p>good day</p>');
  });
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});

test.afterAll(() => {
  upstream.close();
});

// PRX-157
test('a script of an app reads no token, calls no interface and frames no page', async ({ page, context, server, watch }) => {
  watch.allow(401, 403, /CORS|ERR_|blocked|Refused|frame/i);
  await server.api('POST', '/apps', { slug: 'evil', name: 'Evil', upstream: address, rules: [{ allow: 'read' }] });
  const { port } = new URL(server.url);
  const [dashboard, app] = [`http://localhost:${port}`, `http://evil.localhost:${port}`];
  // Remembered, so that the token lies where it stays longest.
  await page.goto(`${dashboard}/login`);
  await hydrated(page);
  await submitSignIn(page, ADMIN.username, PASSWORD, true);
  await at(page, '/');
  const token = await tokenOf(page);

  const there = await context.newPage();
  await there.goto(`${app}/evil.html`);
  await there.waitForURL(`${app}/evil.html`);
  await expect(there.getByText('good day')).toBeVisible();
  const found = await there.evaluate(async (dashboard) => {
    const outcome = async (work: () => unknown) => {
      try {
        return String(await work());
      } catch {
        return 'refused';
      }
    };
    const frame = document.createElement('iframe');
    frame.src = `${dashboard}/`;
    const loaded = new Promise((done) => frame.addEventListener('load', done));
    document.body.append(frame);
    await loaded;
    const opened = window.open(`${dashboard}/`);
    const ask = (path: string, init: RequestInit = {}) => fetch(dashboard + path, { credentials: 'include', ...init }).then(({ status }) => status);
    return {
      stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
      framed: await outcome(() => frame.contentDocument!.body.innerText),
      opened: await outcome(async () => {
        // Until it is there it is an empty page of the app's own.
        for (let tries = 0; tries < 100 && !opened!.closed && opened!.document.URL === 'about:blank'; tries += 1) {
          await new Promise((later) => setTimeout(later, 100));
        }
        return opened!.document.body.innerText;
      }),
      read: await outcome(() => ask('/api/v1/users')),
      page: await outcome(() => ask('/settings/users')),
      renewed: await outcome(() => ask('/api/v1/auth/refresh', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })),
      called: await outcome(() => ask('/_call/refresh_session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })),
      own: await outcome(() => fetch('/api/v1/users').then((answer) => answer.text())),
    };
  }, dashboard);
  expect(found.stored).not.toContain(token);
  expect(found.stored).not.toContain('doorward');
  expect([found.framed, found.opened, found.read, found.page, found.renewed, found.called]).toEqual(Array(6).fill('refused'));
  // At its own host the whole path is the app's: what answers there is the app, and it is told no secret.
  expect(found.own).toContain('good day');
  expect(seen.map(({ url }) => url)).toEqual(expect.arrayContaining(['/evil.html', '/api/v1/users']));
  expect(JSON.stringify(seen)).not.toContain(token);
  for (const { headers } of seen) {
    expect(headers.cookie ?? '').not.toContain('doorward');
    expect(headers.authorization).toBeUndefined();
  }

  await page.reload();
  await hydrated(page);
  await expect(heading(page, 'Doorward')).toBeVisible();
  expect(await tokenOf(page)).toBe(token);
});
