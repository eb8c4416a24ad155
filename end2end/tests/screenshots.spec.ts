// Pictures: with SCREENSHOTS=book those of the documentation, with SCREENSHOTS=1 all screens for a look as
// well; else only that the pages of the documentation stand.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_ANSWER, at, enter, expect, heading, hydrated, open, submitSignIn, test, type Page } from '../fixtures';
import { FRESH, populate, type Screen } from '../pages';
import type { Server } from '../server';
import { Upstream } from '../upstreams';

const isTaken = !!process.env.SCREENSHOTS;
const DOCS = join(__dirname, '../../docs/images');
const ALL = join(__dirname, '../../target/shots');

/** The screens that the book shows, besides the page to sign in and the wizard. */
const SHOWN = ['home', 'app', 'app-rules', 'app-connect', 'provider-new', 'users', 'users-edit', 'workspaces-edit', 'keys', 'audit-refusal'];

async function show(page: Page, screen: Screen): Promise<void> {
  await open(page, screen.path);
  await expect(heading(page, screen.heading)).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

/** Writes a picture of the documentation: WebP, which Playwright itself can not write. */
async function keep(page: Page, name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: 82 });
  writeFileSync(join(DOCS, `${name}.webp`), Buffer.from(data, 'base64'));
}

/** The screens of the documentation, without a caret and at the top. */
async function portray(page: Page, screen: Screen): Promise<void> {
  await show(page, screen);
  if (isTaken) await keep(page, screen.name);
}

/** Somebody opens the guarded app, and looks around in it for a while. */
async function work(page: Page, server: Server): Promise<void> {
  await page.context().route(/fonts\.(googleapis|gstatic)\.com/, (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  const address = `http://taskflow.localhost:${new URL(server.url).port}/tasks/dashboard`;
  await page.goto(address);
  await at(page, '/login');
  await submitSignIn(page, 'samir.patel');
  await page.waitForURL(address);
  await expect(page.locator('#panel-view tr.row')).toHaveCount(1);
  await page.evaluate(async () => {
    for (let round = 0; round < 40; round += 1) await fetch(round % 8 ? '/tasks' : '/tasks/nowhere');
    await fetch('/tasks/history?value=1&unit=day', { method: 'DELETE' });
  });
}

test('the pages of the documentation stand', async ({ page, server, watch, another }) => {
  const screens = await populate(server);
  const of = (name: string) => screens.find((screen) => screen.name === name)!;
  await portray(page, of('login'));
  let upstream: Upstream | undefined;
  if (isTaken) {
    test.slow();
    watch.allow(401, 403, 404, NO_ANSWER);
    upstream = await Upstream.taskflow();
    await server.api('PATCH', '/apps/taskflow', { upstream: upstream.url });
    const visitor = await another();
    await work(visitor, server);
    await keep(visitor, 'taskflow');
  }
  await enter(page);
  for (const name of SHOWN) await portray(page, of(name));
  upstream?.stop();
});

test.describe('fresh', () => {
  test.use({ stage: 'fresh' });

  test('so does the wizard', async ({ page }) => {
    await portray(page, { ...FRESH[1], name: 'setup' });
  });
});

const SIZES = [['desk', 1280], ['phone', 390]] as const;

for (const [size, width] of process.env.SCREENSHOTS === '1' ? SIZES : []) {
  for (const scheme of ['light', 'dark'] as const) {
    test.describe(`${size}, ${scheme}`, () => {
      test.use({ viewport: { width, height: width === 390 ? 844 : 800 }, colorScheme: scheme });

      const take = async (page: Page, name: string) => {
        mkdirSync(ALL, { recursive: true });
        await page.screenshot({ path: join(ALL, `${name}-${width}-${scheme}.png`), animations: 'disabled', fullPage: true });
      };

      test('every screen', async ({ page, server, watch }) => {
        test.slow();
        watch.allow(404, 410);
        const screens = await populate(server);
        for (const screen of screens) {
          if (screen.name === 'home') await enter(page);
          await show(page, screen);
          await take(page, screen.name);
        }
        await open(page, '/settings/users');
        await page.getByRole('button', { name: 'Actions for Samir Patel' }).click();
        await take(page, 'users-menu');
        await page.locator('.menu:popover-open').getByText('Delete').click();
        await take(page, 'users-delete');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Control+k');
        await take(page, 'palette');
      });

      test.describe('fresh', () => {
        test.use({ stage: 'fresh' });
        test('the wizard', async ({ page }) => {
          for (const screen of FRESH) {
            await show(page, screen);
            await take(page, screen.name);
          }
          await page.getByRole('button', { name: 'Create admin and sign in' }).click();
          await take(page, 'setup-errors');
          await open(page, '/setup');
          await page.getByRole('button', { name: 'Skip setup' }).click();
          await take(page, 'setup-skip');
        });
      });

      test.describe('open', () => {
        test.use({ stage: 'open' });
        test('sign-in is off', async ({ page }) => {
          await open(page, '/settings/authentication');
          await hydrated(page);
          await take(page, 'authentication-off');
        });
      });
    });
  }
}
