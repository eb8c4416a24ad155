// Pictures: with SCREENSHOTS=1 those of the documentation, and all screens for a look; else only that
// the pages of the documentation stand.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { enter, expect, heading, hydrated, open, test, type Page } from '../fixtures';
import { FRESH, populate, type Screen } from '../pages';

const isTaken = !!process.env.SCREENSHOTS;
const DOCS = join(__dirname, '../../docs/images');
const ALL = join(__dirname, '../../target/shots');

async function show(page: Page, screen: Screen): Promise<void> {
  await open(page, screen.path);
  await expect(heading(page, screen.heading)).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

/** The screens of the documentation, without a caret and at the top. */
async function portray(page: Page, screen: Screen): Promise<void> {
  await show(page, screen);
  if (isTaken) await page.screenshot({ path: join(DOCS, `${screen.name}.png`), animations: 'disabled' });
}

test('the pages of the documentation stand', async ({ page, server }) => {
  const screens = await populate(server);
  const of = (name: string) => screens.find((screen) => screen.name === name)!;
  await portray(page, of('login'));
  await enter(page);
  await portray(page, of('home'));
  await portray(page, of('users'));
});

test.describe('fresh', () => {
  test.use({ stage: 'fresh' });

  test('so does the wizard', async ({ page }) => {
    await portray(page, { ...FRESH[1], name: 'setup' });
  });
});

const SIZES = [['desk', 1280], ['phone', 390]] as const;

for (const [size, width] of isTaken ? SIZES : []) {
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
