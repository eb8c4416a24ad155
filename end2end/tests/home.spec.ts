// Home: what is left to do, who comes and goes, what happened last.
import { ADMIN, enter, expect, heading, open, test } from '../fixtures';
import { populate } from '../pages';

test('a fresh installation says what is left to do, until it is done', async ({ page, server }) => {
  await enter(page);
  await open(page, '/');
  const steps = page.getByRole('region', { name: 'Finish setting up' });
  await expect(steps).toContainText('1 of 5');
  await expect(steps.getByText('Done: Turn sign-in on')).toBeVisible();
  await steps.getByRole('link', { name: 'Add a user' }).click();
  await expect(page.getByRole('dialog', { name: 'Add a user' })).toBeVisible();
  await page.goBack();
  await steps.getByRole('link', { name: 'Add an admin' }).click();
  await expect(page.getByRole('dialog').getByRole('radio', { name: /Admin/ })).toBeChecked();

  await server.add({ username: 'jonas', role: 'admin' });
  await server.api('POST', '/apps', { slug: 'tasks', upstream: 'http://127.0.0.1:1' });
  await server.api('PATCH', '/settings', { helpContact: 'Ada' });
  await expect(async () => {
    await open(page, '/');
    await expect(heading(page, 'Doorward')).toBeVisible();
    await expect(steps).toHaveCount(0, { timeout: 100 });
  }).toPass();
});

test('the numbers are those of the server', async ({ page, server }) => {
  await populate(server);
  await enter(page);
  await open(page, '/');
  const figure = (label: string) => page.locator('.stat').filter({ has: page.getByText(label, { exact: true }) });
  await expect(figure('Refused sign-ins')).toContainText('1');
  await expect(figure('People')).toContainText('1 disabled');
  await expect(page.getByRole('region', { name: 'Sign-ins of the last 24 hours' })).toBeVisible();
  const who = page.getByRole('region', { name: 'Who is signed in' });
  await expect(who).toContainText(`${ADMIN.displayName}, this device`);
  await expect(who).toContainText('Elif Kaya');
  const latest = page.getByRole('region', { name: 'Latest events' });
  await expect(latest).toContainText('samir.patel could not sign in');
  await who.getByRole('link', { name: 'See all' }).click();
  await expect(page).toHaveURL('/settings/sessions?user=all');
});

test('the apps that one may open stand there, with how they are', async ({ page, server }) => {
  await populate(server);
  await enter(page);
  await open(page, '/');
  const apps = page.getByRole('region', { name: 'Guarded apps' });
  await expect(apps.getByRole('row').filter({ hasText: 'Task queue' })).toContainText('tasks.example.com');
  await expect(apps.getByRole('row').filter({ hasText: 'Wiki' })).toContainText('Disabled');
  await apps.getByRole('link', { name: 'Task queue' }).click();
  await expect(page).toHaveURL('/apps/taskflow');
  await expect(heading(page, 'Task queue')).toBeVisible();
});

test('the chart can be read as a table', async ({ page, server }) => {
  await populate(server);
  await enter(page);
  await open(page, '/');
  const chart = page.getByRole('region', { name: 'Sign-ins of the last 24 hours' });
  await chart.getByText('Show as a table').click();
  await expect(chart.getByRole('columnheader', { name: 'refused' })).toBeVisible();
});

test('a viewer sees no names of others', async ({ page, server }) => {
  await populate(server);
  await server.add({ username: 'vera', displayName: 'Vera Viewer' });
  await enter(page, { username: 'vera' });
  const response = await open(page, '/');
  await expect(heading(page, 'Doorward')).toBeVisible();
  const html = await response.text();
  for (const name of [ADMIN.displayName, 'Elif Kaya', 'elif.kaya']) expect(html).not.toContain(name);
  await expect(page.getByRole('region', { name: 'Finish setting up' })).toHaveCount(0);
});
