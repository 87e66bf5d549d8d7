// What the editor knows of Rhai, by keyboard and mouse.
import { expect, test } from './fixtures';

const FIXED = 'log::info("asked");\nlet answer = 6 * 7;\n#{ answer: answer }\n';

test.beforeEach(async ({ page, shop }) => {
  await shop.put('orders', FIXED);
  await page.goto(shop.at('/scripts/orders'));
});

test('the Tab key indents, and Escape lets it go on', async ({ page, ui: { editor } }) => {
  await editor.has(FIXED);
  await editor.content.focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Tab');
  await editor.has(/^\tlog/);
  await page.keyboard.press('Control+z');
  await editor.has(FIXED);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  const focused = (content: Element) => (content.getRootNode() as ShadowRoot).activeElement === content;
  expect(await editor.content.evaluate(focused)).toBe(false);
});

test('what is wrong is underlined while it is written, and repaired by a click', async ({ page, ui }) => {
  await ui.editor.write('let total = 1;\nif total === 1 { log::info("one"); }\n');
  await page.locator('.cm-lintRange-error').hover();
  await expect(page.locator('.cm-tooltip').getByText('Rhai compares with')).toBeVisible();
  await ui.looks('lint');
  await page.locator('.cm-diagnosticAction').first().click();
  await ui.editor.has(/total == 1/);
});

test('members and fields are completed with their docs', async ({ page, ui }) => {
  const { editor } = ui;
  await editor.write('let order = #{ amount: 3, price: 4 };\n\n');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('order.pr');
  await editor.complete(/^price/, /order\.price$/);
  await editor.write('let b = req.json();\nlog::info(b.customer);\n\n');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('b.cu');
  await editor.complete(/^customer/, /b\.customer$/);
  await editor.write('');
  await page.keyboard.type('log::inf');
  await expect(page.getByRole('option', { name: /^info/ })).toBeVisible();
  await ui.looks('completion');
  await editor.complete(/^info/, /^log::info\(/);
  await expect(page.locator('.rhai-signature strong').filter({ hasText: 'message' })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('F12 goes to a declaration, Shift+F12 lists the usages', async ({ page, ui }) => {
  const { editor } = ui;
  await editor.write('fn twice(n) {\n\tn * 2\n}\nlet four = twice(2);\ntwice(four)\n');
  await editor.caretBehind('let four = tw');
  await page.keyboard.press('F12');
  await editor.at('fn twice(n) {');
  // The word is marked as being read, or not: the innermost is the word.
  const call = page.locator('.cm-line').nth(3).locator('span').filter({ hasText: 'twice' }).last();
  await call.hover();
  await expect(page.locator('.rhai-card').filter({ hasText: 'fn twice(n)' })).toBeVisible();
  await page.keyboard.press('Control+End');
  await call.click({ modifiers: ['Control'] });
  await editor.at('fn twice(n) {');
  await page.keyboard.press('Shift+F12');
  const usages = ui.region('3 usages');
  await usages.getByRole('button', { name: /^:5/ }).click();
  await editor.at('twice(four)');
  await ui.looks('usages');
  await page.keyboard.press('Escape');
  await expect(usages).toHaveCount(0);
});

test('F2 renames everywhere, and refuses a name that is taken', async ({ page, ui }) => {
  const { editor } = ui;
  await editor.write('fn twice(n) {\n\tn * 2\n}\nlet four = twice(2);\ntwice(four)\n');
  await editor.caretBehind('let four = tw');
  await page.keyboard.press('F2');
  const name = page.getByRole('textbox', { name: 'Rename twice' });
  await name.fill('let');
  await page.keyboard.press('Enter');
  await expect(ui.region('Rename twice').getByRole('alert').filter({ hasText: 'let' })).toBeVisible();
  await ui.looks('rename');
  await name.fill('double');
  await page.keyboard.press('Enter');
  await editor.has('fn double(n) {\n\tn * 2\n}\nlet four = double(2);\ndouble(four)\n');
});

test('Shift+Alt+F formats, Ctrl+Shift+O shows the outline, Ctrl+/ comments', async ({ page, ui }) => {
  const { editor } = ui;
  await editor.write('fn f( a,b ){a+b}\nlet x=f(1,2) ;// sum\n');
  await page.keyboard.press('Shift+Alt+f');
  await editor.has('fn f(a, b) {\n\ta + b\n}\nlet x = f(1, 2); // sum\n');
  await page.keyboard.press('Control+Shift+o');
  await ui.region('Outline').getByRole('button', { name: 'variable x' }).click();
  await editor.at(/^let x/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+/');
  await editor.at(/^\/\/ let x/);
});

test('saving formats, if that is wished', async ({ page, ui }) => {
  await ui.field('Format when saving').check();
  await ui.editor.write(FIXED.replace('6 * 7', '7*6'));
  await page.keyboard.press('Control+s');
  await ui.editor.has(FIXED.replace('6 * 7', '7 * 6'));
  await ui.sees('version 2 is live');
});

test('functions of another script are completed, and F12 goes there', async ({ page, ui, shop }) => {
  const { editor } = ui;
  await shop.put('prices', '/// Half of it.\nfn net(gross) {\n\tgross / 2\n}\n', 'module');
  await page.reload();
  await editor.write('import "prices" as prices;\n\n');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('prices::n');
  await expect(page.getByRole('option', { name: /^net/ })).toBeVisible();
  await ui.sees('Half of it.');
  await editor.complete(/^net/, /prices::net\(\)$/);
  await page.keyboard.press('Escape');
  page.once('dialog', (leave) => void leave.accept());
  await editor.caretBehind('prices::n');
  await page.keyboard.press('F12');
  await editor.at('fn net(gross) {');
  expect(page.url()).toMatch(/scripts\/prices#at=/);
  await page.goBack();
  await editor.has(FIXED);
});
