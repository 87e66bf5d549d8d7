// One script: written, checked, saved, run, gone back to, deleted.
import { expect, test, Ui } from './fixtures';

const BROKEN = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * ;\n#{ answer }\n';
const FIXED = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * 7;\n#{ answer: answer }\n';
const THROWS = 'fn check(n) {\n\tif n > 1 { throw "too large"; }\n}\ncheck(2);\n';

test('a script that does not compile is not saved, and its place is shown; repaired it is version 1', async ({
  page,
  ui,
  shop,
}) => {
  const { editor } = ui;
  await page.goto(shop.at());
  await page.getByLabel('New script').fill('answers/all');
  await ui.button('Create').click();
  await ui.sees('not saved yet');
  await editor.write(BROKEN);
  await ui.button('Save').click();
  await page.getByRole('button', { name: /^line 2, column/ }).click();
  await editor.at('let answer = 6 * ;');
  await ui.sees('not saved yet');
  await ui.looks('diagnostic');

  await editor.write(FIXED);
  await ui.button('Check').click();
  await ui.sees('No problems found.');
  await page.keyboard.press('Control+s');
  await ui.sees('version 1 is live');
});

test('no script is made twice, and no module is called like a word of the language', async ({
  page,
  ui,
  shop,
}) => {
  await shop.put('answers/all', FIXED);
  await page.goto(shop.at());
  const name = page.getByLabel('New script');
  await name.fill('log');
  await page.getByRole('radio', { name: 'module' }).check();
  await ui.button('Create').click();
  await expect(ui.alert('log_lib would do')).toBeVisible();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await ui.looks('reserved-name');
  await name.fill('answers/all');
  await ui.button('Create').click();
  await expect(ui.alert('a script "answers/all" exists')).toBeVisible();
});

test('a run shows reply, log and usage', async ({ page, ui, shop }) => {
  await shop.put('orders', FIXED);
  await page.goto(shop.at('/scripts/orders'));
  await page.getByLabel('Path and query').fill('/try?x=1');
  await ui.button('Run').click();
  await expect(ui.region('Body').filter({ hasText: '"answer": 42' })).toBeVisible();
  await expect(ui.region('Log').filter({ hasText: '/try' })).toBeVisible();
  await ui.sees('Fuel');
  await ui.looks('run');
});

test('a draft that throws shows the stack, whose places jump', async ({ page, ui, shop }) => {
  await shop.put('orders', FIXED);
  await page.goto(shop.at('/scripts/orders'));
  await ui.editor.write(THROWS);
  await ui.button('Run the draft').click();
  await ui.sees('too large');
  await ui.looks('threw');
  await page
    .getByRole('button', { name: /^line 2, column/ })
    .first()
    .click();
  await ui.editor.at(/^\tif n > 1/);
});

test('a version goes live again', async ({ page, ui, shop }) => {
  await shop.put('orders', FIXED);
  await shop.put('orders', THROWS);
  await page.goto(shop.at('/scripts/orders'));
  await ui.sees('version 2 is live');
  await ui.button('Make live: version 1').click();
  await ui.sees('version 1 is live');
  await ui.editor.has(FIXED);
  await ui.looks('versions');
});

test('a script in use is not deleted', async ({ page, ui, shop }) => {
  await shop.put('orders', FIXED);
  await shop.route('/orders', 'orders');
  await page.goto(shop.at('/scripts/orders'));
  await page.getByRole('button', { name: 'Delete the script orders' }).click();
  await ui.inDialog('Delete');
  await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Delete the script orders' })).toBeFocused();
});

test('two tabs on one script lose nothing: the later save asks', async ({ page, context, ui, shop }) => {
  await shop.put('orders', 'let first = 1;\nfirst\n');
  const other = new Ui(await context.newPage(), shop.server);
  await page.goto(shop.at('/scripts/orders'));
  await other.page.goto(shop.at('/scripts/orders'));
  await other.editor.write('let theirs = 1;\ntheirs\n');
  await other.button('Save').click();
  await other.sees('version 2 is live');

  const mine = 'let mine = 1;\nmine\n';
  await ui.editor.write(mine);
  await page.keyboard.press('Control+s');
  const dialog = page.getByRole('dialog', { name: '“orders” was saved meanwhile' });
  await expect(dialog).toContainText('You began with version 1, and version 2 is live');
  await dialog.getByRole('button', { name: 'See version 2' }).click();
  await expect(dialog.locator('.cm-deletedLine').first()).toContainText('let theirs = 1;');
  await ui.looks('conflicted');
  await ui.inDialog('Keep editing');
  await ui.editor.has(mine);
  await ui.sees('version 2 is live, edited');

  await page.keyboard.press('Control+s');
  await ui.inDialog('Save over it');
  await ui.sees('version 3 is live');
  await ui.editor.has(mine);
  await page.reload();
  await ui.editor.has(mine);
});

test('a script that was linked anew in another tab is saved without a question', async ({
  page,
  ui,
  shop,
}) => {
  await shop.put('tax', 'fn rate() { 1 }\n', 'module');
  await shop.put('orders', 'import "tax" as tax;\ntax::rate()\n');
  await page.goto(shop.at('/scripts/orders'));
  await ui.editor.write('import "tax" as tax;\ntax::rate() + 1\n');
  await shop.put('tax', 'fn rate() { 2 }\n', 'module');
  await ui.button('Save').click();
  await ui.sees('version 3 is live');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
