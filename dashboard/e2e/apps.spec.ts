// Apps, their settings, and who may work on them.
import { expect, test } from './fixtures';

test('an app is made, and a name that is taken is refused in words', async ({ page, ui, server, shop }) => {
  await page.goto(server.dashboard);
  await ui.field('New app').fill('demo');
  await ui.button('Create').click();
  await expect(ui.alert('demo')).toBeVisible();
  await ui.field('New app').fill(`${shop.name}-2`);
  await ui.button('Create').click();
  await ui.sees('No scripts yet');
  await ui.looks('app-empty');
  await ui.tab('Executions');
  await ui.sees('Nothing has run yet');
  await ui.looks('nothing-ran');
  await shop.api('DELETE', `/apps/${shop.name}-2`);
});

test('settings are kept', async ({ page, ui, shop }) => {
  await page.goto(shop.at('/settings'));
  const hosts = page.getByLabel('Own hosts');
  await hosts.fill('not a host!');
  await ui.button('Save settings').click();
  await expect(page.getByRole('alert')).toBeVisible();
  await hosts.fill(`a.${shop.name}.example.org\nb.${shop.name}.example.org`);
  await ui.field('Show a script’s own errors to its callers').check();
  await ui.button('Save settings').click();
  await ui.sees('Saved.');
  await page.reload();
  await expect(hosts).toHaveValue(`a.${shop.name}.example.org\nb.${shop.name}.example.org`);
  await expect(ui.field('Show a script’s own errors to its callers')).toBeChecked();
  await ui.looks('settings');
});

test('an app goes when its name is typed', async ({ page, ui, server, shop }) => {
  await shop.api('POST', '/apps', { name: `${shop.name}-3` });
  await page.goto(`${server.dashboard}/apps/${shop.name}-3/settings`);
  await page.getByRole('button', { name: `Delete the app ${shop.name}-3` }).click();
  const confirmation = page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true });
  await expect(confirmation).toBeDisabled();
  await page.getByLabel(`Type “${shop.name}-3” to confirm`).fill(`${shop.name}-3`);
  await ui.looks('delete');
  await confirmation.click();
  await expect(page.getByRole('heading', { name: 'Apps' })).toBeVisible();
  await expect(ui.link(`${shop.name}-3`)).toHaveCount(0);
});

test('a token is shown once, and is revoked', async ({ page, ui, shop }) => {
  await page.goto(shop.at('/tokens'));
  await page.getByLabel('New token').fill('the robot');
  await page.getByLabel('Role').selectOption('viewer');
  await ui.button('Create').click();
  const secret = await page.getByTestId('secret').innerText();
  expect(secret).toMatch(/^pic_/);
  await ui.looks('token');
  await page.reload();
  await expect(ui.cell('the robot')).toBeVisible();
  await expect(page.getByTestId('secret')).toHaveCount(0);
  await page.getByRole('button', { name: /^Revoke/ }).click();
  await ui.inDialog('Revoke');
  await ui.sees('No tokens yet');
});

test('operators have tokens of their own', async ({ page, ui, server }) => {
  await page.goto(server.dashboard);
  await ui.link('Operators').click();
  await expect(page.getByRole('heading', { name: 'Operators' })).toBeVisible();
  await ui.looks('operators');
});
