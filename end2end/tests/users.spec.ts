// The list of people: finding, narrowing, ordering and paging through it.
import { ADMIN, enter, expect, heading, open, row, test, type Page } from '../fixtures';
import { PEOPLE } from '../pages';
import { type Server } from '../server';

/** The names that the list shows, from the top. */
const names = (page: Page) => page.getByRole('rowheader').locator('b').allTextContents().then((all) => all.map((name) => name.replace(/\s*You$/, '').trim()));

async function fill(server: Server): Promise<void> {
  for (const person of PEOPLE) await server.add(person);
  await server.api('PATCH', `/users/${await server.idOf('grafana')}`, { isDisabled: true });
}

test('the list says who is there, with role and state', async ({ page, server }) => {
  await fill(server);
  await server.api('POST', '/users/invitations', { username: 'yuki', displayName: 'Yuki Mori', role: 'developer' });
  await enter(page);
  await open(page, '/settings/users');
  await expect(page.getByRole('status').filter({ hasText: '9 people' }).first()).toBeVisible();
  await expect(row(page, ADMIN.displayName)).toContainText('You');
  await expect(row(page, 'Inês Duarte')).toContainText('Manager');
  await expect(row(page, 'Inês Duarte')).toContainText('Active');
  await expect(row(page, 'grafana')).toContainText('Disabled');
  await expect(row(page, 'Yuki Mori')).toContainText('Invited');
  await expect(row(page, 'Noor Haddad')).toContainText('Never');
});

test('people are found by the beginning of name, username or address', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/settings/users');
  const search = page.getByRole('searchbox', { name: 'Search users' });
  for (const [typed, found] of [['inês', 'Inês Duarte'], ['jonas.w', 'Jonas Weber'], ['samir@', 'Samir Patel'], ['ELIF', 'Elif Kaya']]) {
    await search.fill(typed);
    await expect.poll(() => names(page), typed).toEqual([found]);
  }
  await expect(page).toHaveURL('/settings/users?query=ELIF');
  await page.reload();
  await expect(search).toHaveValue('ELIF');
  await expect.poll(() => names(page)).toEqual(['Elif Kaya']);

  await search.fill('nobody at all');
  await expect(page.getByRole('heading', { name: 'Nobody matches “nobody at all”' })).toBeVisible();
  await page.getByRole('link', { name: 'Clear search and filters' }).click();
  await expect(search).toHaveValue('');
  await expect(row(page, 'Elif Kaya')).toBeVisible();
});

test('the list is narrowed by role and by state, and Back undoes nothing else', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/');
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByLabel('Role', { exact: true }).selectOption('Developer');
  await expect.poll(() => names(page)).toEqual(['Elif Kaya', 'Samir Patel']);
  await page.getByLabel('Role', { exact: true }).selectOption('Any role');
  await page.getByLabel('Status', { exact: true }).selectOption('Disabled');
  await expect.poll(() => names(page)).toEqual(['grafana']);
  await expect(page).toHaveURL('/settings/users?status=disabled');
  await page.getByLabel('Role', { exact: true }).selectOption('Admin');
  await expect(page.getByRole('heading', { name: /^Nobody matches .*disabled admins/ })).toBeVisible();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(page).toHaveURL('/settings/users');
  await expect(row(page, 'Elif Kaya')).toBeVisible();
  await page.goBack();
  await expect(heading(page, 'Doorward')).toBeVisible();
});

test('the heads of the columns set the order', async ({ page, server }) => {
  await fill(server);
  await enter(page);
  await open(page, '/settings/users');
  const person = page.getByRole('columnheader', { name: 'Person' });
  await expect(person).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => names(page)).toEqual(['Elif Kaya', 'grafana', 'Inês Duarte', 'Jonas Weber', ADMIN.displayName, 'Noor Haddad', 'Samir Patel', 'Tomasz Zieliński']);
  await person.getByRole('button').click();
  await expect(person).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => names(page).then((all) => all[0])).toBe('Tomasz Zieliński');
  await expect(page).toHaveURL('/settings/users?order=desc');
  const added = page.getByRole('columnheader', { name: 'Added' });
  await added.getByRole('button').click();
  await expect(added).toHaveAttribute('aria-sort', 'ascending');
  await expect(person).not.toHaveAttribute('aria-sort', /./);
  await expect.poll(() => names(page).then((all) => all[0])).toBe(ADMIN.displayName);
  await page.goBack();
  await expect.poll(() => names(page).then((all) => all[0])).toBe('Tomasz Zieliński');
});

test('many people come in pages', async ({ page, server }) => {
  const add = (n: number) => server.add({ username: `person-${String(n).padStart(2, '0')}` });
  for (let first = 0; first < 60; first += 10) await Promise.all(Array.from({ length: 10 }, (_, n) => add(first + n)));
  await enter(page);
  await open(page, '/settings/users');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await expect(page.getByText('First 50 of 61 people')).toBeVisible();
  await expect(pages.getByRole('button', { name: 'Previous' })).toBeDisabled();
  await expect(page.getByRole('rowheader')).toHaveCount(50);
  await expect(row(page, 'person-48')).toBeVisible();

  await pages.getByRole('link', { name: 'Next' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(11);
  await expect(row(page, 'person-59')).toBeVisible();
  await expect(row(page, 'person-48')).toHaveCount(0);
  await expect(pages.getByRole('button', { name: 'Next' })).toBeDisabled();
  await page.reload();
  await expect(page.getByRole('rowheader')).toHaveCount(11);

  await pages.getByRole('link', { name: 'Previous' }).click();
  await expect(page.getByRole('rowheader')).toHaveCount(50);
  await expect(row(page, 'person-00')).toBeVisible();

  await page.getByRole('searchbox').fill('person-5');
  await expect(page.getByRole('rowheader')).toHaveCount(10);
  await expect(page.getByText('10 people').first()).toBeVisible();
});
