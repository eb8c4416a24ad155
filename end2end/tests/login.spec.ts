// Signing in: what is refused and in which words, slow guessing, and where it leads.
import { ADMIN, PASSWORD, at, enter, expect, heading, hydrated, open, signIn, submitSignIn, test } from '../fixtures';

const button = 'button[type=submit]';

test('the sign-in page gives nothing away', async ({ page, server }) => {
  const response = await open(page, '/login');
  await expect(heading(page, 'Sign in to Doorward')).toBeVisible();
  await expect(page.getByLabel('Username or email')).toBeFocused();
  const html = await response.text();
  const { version } = await server.api('GET', '/settings');
  for (const secret of [ADMIN.username, ADMIN.email, ADMIN.displayName, `"${version}"`]) expect(html).not.toContain(secret);
});

test('a wrong password and a wrong name are refused in the same words, and what was typed stays', async ({ page, watch }) => {
  watch.allow(401);
  await open(page, '/login');
  for (const [name, password] of [[ADMIN.username, 'not this one'], ['nobody', PASSWORD]]) {
    await submitSignIn(page, name, password, true);
    const summary = page.getByRole('alert').filter({ hasText: 'That name and password don’t match.' });
    await expect(summary).toBeFocused();
    await expect(summary).toContainText('Check both, and whether Caps Lock is on.');
    await expect(page.getByLabel('Username or email')).toHaveValue(name);
    await expect(page.getByLabel(/^Keep me signed in/)).toBeChecked();
    await expect(page).toHaveURL('/login');
    await page.getByLabel('Username or email').fill('');
  }
});

test('empty fields are named', async ({ page }) => {
  await open(page, '/login');
  await page.locator(button).click();
  await expect(page.getByRole('alert').filter({ hasText: '2 things need another look.' })).toBeVisible();
  await expect(page.getByText('Enter your username or email address.')).toBeVisible();
  await expect(page.getByText('Enter your password.')).toBeVisible();
});

test('the address signs in just as the username does', async ({ page }) => {
  await open(page, '/login');
  await submitSignIn(page, ADMIN.email.toUpperCase());
  await at(page, '/');
});

// BRW-201
test('a password manager finds the fields, and what is pasted counts', async ({ page }) => {
  await open(page, '/login');
  const [name, password] = [page.getByLabel('Username or email'), page.getByLabel('Password', { exact: true })];
  await expect(name).toHaveAttribute('autocomplete', 'username');
  await expect(password).toHaveAttribute('type', 'password');
  await expect(password).toHaveAttribute('autocomplete', 'current-password');
  for (const field of [name, password]) {
    const isTaken = await field.evaluate((node) => node.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true })));
    expect(isTaken).toBe(true);
  }
  await name.focus();
  await page.keyboard.insertText(ADMIN.username);
  await password.focus();
  await page.keyboard.insertText(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await at(page, '/');
  await open(page, '/change-password');
  await expect(page.locator('input[type=password][autocomplete=current-password]')).toHaveCount(1);
  await expect(page.locator('input[type=password][autocomplete=new-password]')).not.toHaveCount(0);
});

// BRW-201
test('the password can be looked at', async ({ page }) => {
  await open(page, '/login');
  const password = page.getByLabel('Password', { exact: true });
  await password.fill('abc');
  await page.getByRole('button', { name: 'Show password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  await expect(password).toHaveAttribute('type', 'password');
});

test('many wrong tries are slowed down by a countdown, but not on a device that is known', async ({ page, another, server, watch }) => {
  watch.allow(429);
  const known = await another();
  await signIn(known);
  await open(page, '/login');
  // The eleventh wrong try and each after it doubles the wait.
  let wrong = 0;
  await expect(async () => {
    while ((await server.tryLogin(ADMIN.username, 'guess')).status === 401) wrong += 1;
    expect(wrong).toBeGreaterThanOrEqual(13);
  }).toPass({ intervals: [250] });
  await submitSignIn(page, ADMIN.username);
  await expect(page.getByRole('alert').filter({ hasText: 'Too many attempts.' })).toBeVisible();
  await expect(page.locator(button)).toBeDisabled();
  const left = async () => Number(/in (\d+) s/.exec((await page.locator(button).textContent())!)?.[1] ?? 0);
  const first = await left();
  expect(first).toBeGreaterThan(0);
  await expect.poll(left).toBeLessThan(first);

  await open(known, '/login');
  await submitSignIn(known, ADMIN.username);
  await at(known, '/');

  // Once the wait is over, what was typed is still there to be sent.
  await expect(page.locator(button)).toBeEnabled({ timeout: 15_000 });
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await at(page, '/');
});

test('one comes back to the page that was asked for', async ({ page }) => {
  await page.goto('/settings/users?role=admin&sort=createdAt');
  await expect(page).toHaveURL(/\/login\?next=/);
  await hydrated(page);
  await submitSignIn(page, ADMIN.username);
  await at(page, /^\/settings\/users\?role=admin&sort=createdAt$/);
  await expect(page.getByLabel('Role', { exact: true })).toHaveValue('admin');
});

const ELSEWHERE = [
  '//evil.example', '///evil.example', '/\\evil.example', '\\evil.example', '\\\\evil.example', 'https:evil.example', 'https://evil.example',
  '/\t/evil.example', '/\r\n/evil.example', '/./\\evil.example', '/a/..//evil.example', 'https://127.0.0.1@evil.example', 'javascript:alert(1)',
  'data:text/html,x', '〱evil.example', '/%5cevil.example/..//x', '/login', '/logout',
];

test('nobody is sent to another site after signing in', async ({ page, context, server }) => {
  for (const next of ELSEWHERE) {
    const form = { username: ADMIN.username, password: PASSWORD, next };
    const answer = await context.request.post('/login', { form, maxRedirects: 0 });
    expect(answer.headers().location, next).toBe('/');
  }
  await context.clearCookies();
  for (const next of ['//evil.example', '/\\evil.example', 'https:evil.example', '/\t/evil.example']) {
    await open(page, `/login?next=${encodeURIComponent(next)}`);
    await expect(page.locator('input[name=next]')).toHaveValue('/');
  }
  await submitSignIn(page, ADMIN.username);
  await at(page, '/');
  expect(new URL(page.url()).origin).toBe(server.url);
  for (const next of ELSEWHERE) {
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await expect(page.getByRole('link', { name: /^Go on as/ })).toHaveAttribute('href', '/');
  }
});

test('who is signed in goes on without a password', async ({ page }) => {
  await enter(page);
  await open(page, '/login?next=/profile');
  await page.getByRole('link', { name: 'Go on as Mara Lindqvist' }).click();
  await at(page, '/profile');
});

test('who forgot the password is told whom to ask', async ({ page, server }) => {
  await server.api('PATCH', '/settings', { helpContact: 'Ada, extension 4410' });
  await open(page, '/login');
  await expect(page.getByText('Help: Ada, extension 4410')).toBeVisible();
  await page.getByRole('link', { name: 'Forgot it?' }).click();
  await expect(heading(page, 'Forgot your password?')).toBeVisible();
  await expect(page.getByText('Ada, extension 4410').first()).toBeVisible();
  await expect(page.getByText('doorward user reset-password NAME')).toBeVisible();
  await page.getByRole('link', { name: 'Back to sign-in' }).click();
  await expect(heading(page, 'Sign in to Doorward')).toBeVisible();
});
