// What holds for every screen: its address and title, its headers, a phone's width, both themes, and
// what axe finds.
import { axe, enter, expect, heading, open, test, type Page } from '../fixtures';
import { FRESH, populate, type Screen } from '../pages';

/** Opens one screen after the other, signed in where that is needed. */
async function each(page: Page, screens: Screen[], check: (screen: Screen) => Promise<void>): Promise<void> {
  let isInside = false;
  for (const screen of screens) {
    if (screen.isInside && !isInside) {
      await enter(page);
      isInside = true;
    }
    await test.step(screen.name, () => check(screen));
  }
}

const STATUS: Record<string, number> = { 'app-missing': 404, 'channel-closed': 404, 'provider-missing': 404, 'not-found': 404 };

test.describe('set up', () => {
  test('each page opens by its address, has its title, and survives a reload', async ({ page, server, watch }) => {
    test.slow();
    watch.allow(404, 410);
    await each(page, await populate(server), async (screen) => {
      const response = await open(page, screen.path);
      expect(response.status()).toBe(STATUS[screen.name] ?? 200);
      await expect(heading(page, screen.heading)).toBeVisible();
      await expect(page).toHaveTitle(`${screen.title} · Doorward`);
      expect(new URL(page.url()).pathname).toBe(screen.path.split('?')[0]);
      await page.reload();
      await expect(heading(page, screen.heading)).toBeVisible();
    });
  });

  test('each document forbids frames, foreign scripts and being kept', async ({ page, server, watch }) => {
    watch.allow(404, 410);
    await each(page, await populate(server), async (screen) => {
      const headers = (await page.goto(screen.path))!.headers();
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(policy).toMatch(/script-src [^;]*'nonce-[^']+'/);
      expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:/);
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers.server).toBeUndefined();
      expect(headers['x-request-id']).toMatch(/./);
    });
  });

  // The themes differ in colours, and in nothing else.
  for (const [scheme, rules] of Object.entries({ light: undefined, dark: ['color-contrast'] })) {
    test(`axe finds nothing, ${scheme}`, async ({ page, server, watch }) => {
      test.slow();
      watch.allow(404, 410);
      await page.emulateMedia({ colorScheme: scheme as 'light' | 'dark' });
      await each(page, await populate(server), async (screen) => {
        await open(page, screen.path);
        await expect(heading(page, screen.heading)).toBeVisible();
        await axe(page, screen.name, rules);
      });
    });
  }

  test('the two themes differ on each page, whichever the device has', async ({ page, server, watch }) => {
    watch.allow(404, 410);
    const colour = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await each(page, await populate(server), async (screen) => {
      await page.goto(screen.path);
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await colour();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await colour()).not.toBe(light);
    });
  });

  test('what opens over the pages passes axe, too', async ({ page, server }) => {
    test.slow();
    await populate(server);
    await enter(page);
    await open(page, '/settings/users');
    await page.getByRole('button', { name: 'Actions for Samir Patel' }).click();
    await axe(page, 'menu');
    await page.locator('.menu:popover-open').getByText('Delete').click();
    await expect(page.getByRole('dialog', { name: 'Delete Samir Patel?' })).toBeVisible();
    await axe(page, 'delete');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('listbox')).toBeVisible();
    await axe(page, 'palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await axe(page, 'shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Account menu' }).click();
    await axe(page, 'account');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Switch workspace or environment/ }).click();
    await expect(page.locator('#switcher-menu').getByText('Warehouse Lab')).toBeVisible();
    await axe(page, 'switcher');
    await page.keyboard.press('Escape');
    await open(page, '/settings/users/new');
    await page.getByRole('dialog').getByRole('button', { name: /^Invite/ }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    await axe(page, 'errors');
  });

  test.describe('on a phone', () => {
    test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

    test('no page is wider than the screen', async ({ page, server, watch }) => {
      watch.allow(404, 410);
      await each(page, await populate(server), async (screen) => {
        await open(page, screen.path);
        await expect(heading(page, screen.heading)).toBeVisible();
        await fits(page);
      });
    });

    test('the menu opens, leads on and closes', async ({ page, server }) => {
      await populate(server);
      await enter(page);
      await open(page, '/');
      const sidebar = page.getByRole('complementary', { name: 'Main' });
      await expect(sidebar).toBeHidden();
      await page.getByRole('button', { name: 'Open menu' }).tap();
      await expect(sidebar).toBeVisible();
      await axe(page, 'menu on a phone');
      await sidebar.getByRole('link', { name: 'Users', exact: true }).tap();
      await expect(heading(page, 'Users')).toBeVisible();
      await expect(sidebar).toBeHidden();
      await page.getByRole('button', { name: 'Open menu' }).tap();
      await sidebar.getByRole('button', { name: 'Close menu' }).tap();
      await expect(sidebar).toBeHidden();
      await page.getByRole('button', { name: 'Actions for Samir Patel' }).tap();
      await page.locator('.menu:popover-open').getByText('Edit').tap();
      await expect(page.getByRole('dialog', { name: 'Samir Patel' })).toBeVisible();
      await fits(page);
    });
  });
});

/** That nothing scrolls sideways. */
async function fits(page: Page): Promise<void> {
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(width).toBeLessThanOrEqual(room);
}

test.describe('fresh', () => {
  test.use({ stage: 'fresh' });

  for (const scheme of ['light', 'dark'] as const) {
    test(`the wizard has addresses and titles, fits a phone, and axe finds nothing, ${scheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme as 'light' | 'dark' });
      await each(page, FRESH, async (screen) => {
        await open(page, screen.path);
        await expect(heading(page, screen.heading)).toBeVisible();
        await expect(page).toHaveTitle(`${screen.title} · Doorward`);
        await axe(page, screen.name);
        await page.setViewportSize({ width: 390, height: 844 });
        await fits(page);
        await page.setViewportSize({ width: 1280, height: 800 });
      });
      await open(page, '/setup');
      await page.getByRole('button', { name: 'Skip setup' }).click();
      await axe(page, 'skip');
    });
  }
});

test.describe('open', () => {
  test.use({ stage: 'open' });

  test('axe finds nothing while sign-in is off', async ({ page, watch }) => {
    watch.allow(403);
    for (const path of ['/', '/settings/authentication', '/profile', '/login']) {
      await open(page, path);
      await axe(page, path);
    }
  });
});
