// What every test gets: a server of its own, and a browser that fails the test on anything that the
// console, the page or the Content-Security-Policy complains about.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type BrowserContextOptions, type Page, type Response } from '@playwright/test';
import { ADMIN, PASSWORD, Server, type Person } from './server';

export { ADMIN, PASSWORD, Server, expect };
export type { Page, Person };

/** The entry of the access token in Web Storage. */
export const ENTRY = 'doorward.session';

/** Collects complaints, of all pages of all contexts that it watches. */
export class Watch {
  private readonly complaints: string[] = [];
  private readonly allowed: RegExp[] = [];

  async on(context: BrowserContext): Promise<void> {
    context.on('weberror', (error) => this.complaints.push(`thrown: ${error.error().message}`));
    context.on('console', (message) => {
      const isAboutHydration = message.type() === 'warning' && /hydrat/i.test(message.text());
      if (message.type() === 'error' || isAboutHydration) {
        this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} in ${event.documentURI}`);
      });
    });
  }

  /** Says what this test brings about: a status that the browser reports, or words. */
  allow(...expected: (number | RegExp)[]): void {
    for (const what of expected) {
      this.allowed.push(typeof what === 'number' ? new RegExp(`Failed to load resource.* status of ${what}\\b`) : what);
    }
  }

  /** Everything that was not expected. */
  get unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.allowed.some((allowed) => allowed.test(complaint)));
  }
}

/** The browser's words for a server that is not there. */
export const NO_ANSWER = /net::ERR_(CONNECTION_\w+|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)/;

interface Options {
  /** More environment for the server. */
  env: Record<string, string>;
  /** More words for its command line. */
  flags: string[];
  /** Where the server listens, where somebody else has to know it before. */
  listen: string | undefined;
  /** How far the server has come when the test begins. */
  stage: 'fresh' | 'claimed' | 'open';
}

interface Fixtures {
  server: Server;
  watch: Watch;
  /** Another browser, with cookies and storage of its own. */
  another: (options?: BrowserContextOptions) => Promise<Page>;
}

export const test = base.extend<Options & Fixtures>({
  env: [{}, { option: true }],
  flags: [[], { option: true }],
  listen: [undefined, { option: true }],
  stage: ['claimed', { option: true }],
  server: async ({ env, flags, listen, stage }, use, info) => {
    const server = await Server.start(env, flags, listen);
    if (stage !== 'fresh') await server.claim();
    if (stage === 'open') await server.open();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server', { body: server.lines.join('\n'), contentType: 'text/plain' });
    }
    await server.remove();
  },
  baseURL: async ({ server }, use) => use(server.url),
  watch: [
    async ({ context }, use) => {
      const watch = new Watch();
      await watch.on(context);
      await use(watch);
      expect(watch.unexpected, 'nothing was complained about').toEqual([]);
    },
    { auto: true },
  ],
  another: async ({ browser, baseURL, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL, reducedMotion: 'reduce', locale: 'en-GB', ...options });
      contexts.push(context);
      await watch.on(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

/** Waits until the page answers. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await expect(page).not.toHaveTitle('');
}

/** Opens an address and waits until the page answers. */
export async function open(page: Page, path: string): Promise<Response> {
  const response = await page.goto(path);
  await hydrated(page);
  return response!;
}

/** Whether the page is at a path, whatever stands in the query. */
export async function at(page: Page, path: string | RegExp): Promise<void> {
  const fits = (url: URL) => (typeof path === 'string' ? url.pathname === path : path.test(url.pathname + url.search));
  await page.waitForURL(fits, { waitUntil: 'commit' });
  await hydrated(page);
}

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** Makes the first account in the wizard, and no app. */
export async function setUp(page: Page, who: Person = ADMIN): Promise<void> {
  await open(page, '/setup/admin');
  await page.getByLabel('Username').fill(who.username);
  if (who.email) await page.getByLabel('Email').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password ?? PASSWORD);
  await page.getByRole('button', { name: 'Create admin and sign in' }).click();
  await at(page, '/setup/app');
  await page.getByRole('link', { name: 'Skip this step' }).click();
  await at(page, '/setup/done');
}

/** Fills the sign-in form of the page and sends it. */
export async function submitSignIn(page: Page, username: string, password = PASSWORD, isRemembered = false): Promise<void> {
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel(/^Keep me signed in/).setChecked(isRemembered);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs in by the form. */
export async function signIn(page: Page, who: Person = ADMIN, isRemembered = false): Promise<void> {
  await open(page, '/login');
  await submitSignIn(page, who.username, who.password ?? PASSWORD, isRemembered);
  await at(page, '/');
}

/** Signs in without the form's page, for tests that are about something else. */
export async function enter(page: Page, who: Person = ADMIN): Promise<void> {
  const form = { username: who.username, password: who.password ?? PASSWORD };
  const answer = await page.context().request.post('/login', { form, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
}

/** Signs out by the account's menu. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Account menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await at(page, '/login');
}

/** What the page's Web Storage holds, local and of the session. */
export function stored(page: Page): Promise<{ local: Record<string, string>; session: Record<string, string> }> {
  return page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage } }));
}

/** The access token that the page works with, once it has one. */
export async function tokenOf(page: Page): Promise<string> {
  const read = () => page.evaluate((entry) => JSON.parse(localStorage[entry] ?? sessionStorage[entry] ?? '{}').token ?? '', ENTRY);
  await expect.poll(read).not.toBe('');
  return read();
}

/** Fails on what a screen reader, a keyboard or bad eyes would stumble over; by these rules, or by all. */
export async function axe(page: Page, where = page.url(), rules?: string[]): Promise<void> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.target} ${node.failureSummary?.split('\n').pop()?.trim()}`).join('\n  ')}`);
  expect(found, where).toEqual([]);
}

/** A row of a table, by the name in it. */
export const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name });

/** Chooses an action in the menu of somebody's row. */
export async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.locator('.menu:popover-open').getByText(action, { exact: true }).click();
}

/** A short report at the edge. */
export const report = (page: Page, words: string | RegExp) => page.locator('.toast').filter({ hasText: words });

/** Keeps what happens from coming by itself, for tests that are about the next request; before the page opens. */
export const mute = (page: Page) => page.routeWebSocket('**/api/v1/live/ws', () => {});
