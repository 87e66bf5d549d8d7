// The door: who gets in, and what becomes of a page when a session ends.
import { expect, test } from './fixtures';

test.describe('a stranger', () => {
  test.use({ signedIn: false });

  test('sees the door, where a wrong token stays outside and the right one opens what was asked for', async ({
    page,
    ui,
    server,
  }) => {
    await page.goto(`${server.dashboard}/apps/demo/executions`);
    await ui.field('Token').fill('pic_wrong');
    await ui.button('Sign in').click();
    await expect(page.getByRole('alert')).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await ui.looks('door');

    await ui.signIn(server.token);
    await expect(page.getByRole('heading', { name: 'demo' })).toBeVisible();
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(page.url()).not.toContain('pic_');
  });

  test('with a token of an app is in that app alone', async ({ page, ui, server, shop }) => {
    const { secret } = await shop.token('robot', 'viewer');
    await page.goto(server.dashboard);
    await ui.signIn(secret);
    await expect(ui.link(shop.name)).toBeVisible();
    await expect(ui.link('demo')).toHaveCount(0);
    await ui.field('New app').fill('mine');
    await ui.button('Create').click();
    await expect(ui.alert('operator')).toBeVisible();
    await page.goto(`${server.dashboard}/apps/demo`);
    await ui.sees('Not found');
    await ui.looks('not-found');
  });

  test('whose token is revoked keeps what is not saved', async ({ page, ui, server, shop }) => {
    await shop.put('orders', '1\n');
    const { id, secret } = await shop.token('robot', 'deployer');
    await page.goto(shop.at('/scripts/orders'));
    await ui.signIn(secret);
    await ui.editor.write('2 // not saved\n');
    await shop.api('DELETE', `/apps/${shop.name}/tokens/${id}`);
    await page.keyboard.press('Control+s');
    await ui.sees('You were signed out');
    await ui.looks('signed-out');
    await ui.signIn(server.token);
    await ui.editor.has('2 // not saved\n');
    await ui.button('Save').click();
    await ui.sees('version 2 is live');
  });
});

test('a new installation has the app demo with its scripts', async ({ page, ui, server }) => {
  await page.goto(server.dashboard);
  await ui.looks('apps');
  await ui.link('demo').click();
  await expect(ui.link('hello')).toBeVisible();
  await ui.looks('scripts');
  await ui.tab('Routes');
  await expect(ui.cell('/orders')).toBeVisible();
  await ui.looks('routes');
});

test('signing out asks about a draft that is not saved', async ({ page, ui, shop }) => {
  await shop.put('orders', '1\n');
  await page.goto(shop.at('/scripts/orders'));
  await ui.editor.write('2\n');
  page.once('dialog', (question) => void question.dismiss());
  await ui.button('Sign out').click();
  await ui.editor.has('2\n');
  page.once('dialog', (question) => void question.accept());
  await ui.button('Sign out').click();
  await expect(ui.button('Sign in')).toBeVisible();
});
