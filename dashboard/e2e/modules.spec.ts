// Modules: made, imported, changed, and not broken by accident.
import type { Page } from '@playwright/test';

import { expect, test, type Ui } from './fixtures';
import type { Shop } from './shop';

const TAX = 'fn rate() {\n\t0.2\n}\n';
const PRICING =
  'import "tax" as tax;\n\nfn gross(net) {\n\tif net < 0 { throw "a negative price"; }\n\tnet + net * tax::rate()\n}\n';
const ORDERS = 'import "pricing" as pricing;\n\n#{ gross: pricing::gross(req.params.net.parse_float()) }\n';

async function three(shop: Shop) {
  await shop.put('tax', TAX, 'module');
  await shop.put('pricing', PRICING, 'module');
  await shop.put('orders', ORDERS);
}

async function begin(page: Page, ui: Ui, shop: Shop, name: string, kind: string, source: string) {
  await page.goto(shop.at());
  await page.getByLabel('New script').fill(name);
  await page.getByRole('radio', { name: kind }).check();
  await ui.button('Create').click();
  await ui.sees('not saved yet');
  await ui.editor.write(source);
}

/** The editor has a mark of what the server found, among its own and in one with them, which says so when it is pointed at. */
async function serverMark(page: Page, ui: Ui, severity: string) {
  const told = page
    .locator(`.cm-tooltip .cm-diagnostic-${severity}`)
    .filter({ has: page.locator('.cm-diagnosticSource', { hasText: 'server' }) });
  await expect(async () => {
    for (const mark of await page.locator('.cm-lintRange').all()) {
      await mark.hover();
      const seen = expect(told).toBeVisible({ timeout: 1_000 });
      if (
        await seen.then(
          () => true,
          () => false,
        )
      )
        return;
    }
    throw new Error('no mark is the server’s');
  }).toPass();
  await ui.editor.content.hover();
  await expect(told).toHaveCount(0);
}

const diagnostics = (page: Page) => page.getByRole('list', { name: 'Diagnostics' });

/** A run of `orders` with this net price. */
async function runWith(page: Page, ui: Ui, net: string) {
  const params = page.getByLabel('Parameters of the route');
  await page.getByText('Headers and parameters').click();
  await params.fill(`net = ${net}`);
  await ui.button('Run').click();
}

test('a module is saved, and says how it is imported instead of running', async ({ page, ui, shop }) => {
  await begin(page, ui, shop, 'tax', 'module', TAX);
  await ui.button('Save').click();
  await ui.sees('version 1 is live');
  await ui.sees('tax::rate()');
  await expect(ui.button('Run')).toHaveCount(0);
  await ui.sees('Ctrl+S saves. Tab indents');
  await expect(page.getByText('Ctrl+Enter')).toHaveCount(0);
  await expect(ui.editor.content).not.toHaveAttribute('aria-description', /Enter/);
  await expect(ui.region('Links').getByText('No script imports it.')).toBeVisible();
  await ui.looks('module');
});

test('what a module may not hold is an error, and its place is shown', async ({ page, ui, shop }) => {
  await shop.put('tax', TAX, 'module');
  await begin(page, ui, shop, 'pricing', 'module', `${PRICING}log::info("loaded");\n`);
  await ui.button('Check').click();
  await expect(diagnostics(page).getByText('error', { exact: true })).toBeVisible();
  await expect(diagnostics(page).getByRole('button', { name: /^line 7, column/ })).toBeVisible();
  await serverMark(page, ui, 'error');
  await ui.editor.write(PRICING);
  await ui.button('Save').click();
  await ui.sees('version 1 is live');
});

test('an import that is not there is a warning when checked, and refused when saved', async ({
  page,
  ui,
  shop,
}) => {
  await begin(page, ui, shop, 'orders', 'endpoint', ORDERS.replace('"pricing"', '"rates"'));
  await ui.button('Check').click();
  await expect(diagnostics(page).getByText('warning', { exact: true })).toBeVisible();
  await expect(diagnostics(page).getByText('the app has no module "rates"')).toBeVisible();
  await serverMark(page, ui, 'warning');
  await ui.looks('warning');
  await ui.button('Save').click();
  await expect(diagnostics(page).getByText('error', { exact: true })).toBeVisible();
  await ui.sees('not saved yet');
});

test('a warning is in nobody’s way', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/orders'));
  await ui.editor.write(ORDERS.replace('\n\n', '\nif false { pricing::nett(1); }\n'));
  await ui.button('Save').click();
  await ui.sees('version 2 is live');
  await expect(diagnostics(page).getByText('warning', { exact: true })).toBeVisible();
  await ui.editor.write(ORDERS);
  await ui.button('Save').click();
  await ui.sees('version 3 is live');
  await ui.sees('No problems found.');
});

test('the panel shows what a script imports, also through other modules', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/orders'));
  const panel = ui.region('Links');
  await expect(panel.getByText('module, version 1')).toBeVisible();
  await expect(panel.getByRole('link', { name: 'tax', exact: true })).toHaveCount(0);
  await panel.getByRole('button', { name: 'line 1, column 8' }).click();
  await panel.getByLabel('Also through other modules (1)').check();
  await expect(panel.getByText('orders → pricing → tax')).toBeVisible();
  await ui.looks('imports');
  await panel.getByRole('link', { name: 'tax', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'tax', exact: true })).toBeVisible();
  await expect(panel.getByText('orders → pricing → tax')).toBeVisible();
  await ui.looks('importers');
});

test('usages of a module’s function are those of all scripts that import it', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/tax'));
  await ui.editor.caretBehind('fn ra');
  await page.keyboard.press('Shift+F12');
  const usages = ui.region('2 usages');
  await expect(usages.getByText('Looked at what imports tax: orders, pricing.')).toBeVisible();
  await expect(usages.getByRole('button', { name: /^pricing:5/ })).toBeVisible();
  await ui.looks('usages-across');
});

test('a module that changes takes what imports it along, and so does one that goes back', async ({
  page,
  ui,
  shop,
}) => {
  await three(shop);
  await page.goto(shop.at('/scripts/tax'));
  await ui.editor.write(TAX.replace('0.2', '0.5'));
  await ui.button('Save').click();
  await ui.sees('2 scripts were linked with it anew: orders version 2, pricing version 2');
  await ui.looks('relinked');
  await ui.editor.write(`${TAX}// a draft\n`);
  await ui.button('Make live: version 1').click();
  await ui.sees('2 scripts were linked with it anew: orders version 3, pricing version 3');
  await ui.sees('version 1 is live, edited');
  await ui.button('Make live: version 2').click();
  await ui.sees('orders version 4, pricing version 4');
  page.once('dialog', (leave) => void leave.accept());
  await page.getByRole('status').getByRole('link', { name: 'orders' }).click();
  await ui.sees('version 4 is live');
  await ui.sees('linked anew for tax');
  await runWith(page, ui, '10');
  await expect(ui.region('Body').filter({ hasText: '"gross": 15' })).toBeVisible();
});

test('a module that would break what imports it is refused, with the place', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/pricing'));
  await ui.editor.write(PRICING.replace('gross', 'total'));
  await ui.button('Save').click();
  const alert = ui.alert('"orders" could not be linked any more: line 3');
  await expect(alert).toBeVisible();
  await ui.sees('version 1 is live, edited');
  await ui.looks('link-failed');
  page.once('dialog', (leave) => void leave.accept());
  await alert.getByRole('link', { name: 'orders' }).click();
  await expect(page.getByRole('heading', { name: 'orders', exact: true })).toBeVisible();
  await ui.editor.has(ORDERS);
  await expect.poll(ui.editor.caret).toBeGreaterThan(ORDERS.indexOf('#{'));
});

test('modules in a circle are refused, and the circle is shown', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/tax'));
  await ui.editor.write(`import "pricing" as pricing;\n${TAX}`);
  await ui.button('Save').click();
  const alert = ui.alert('the imports go in a circle');
  await expect(alert.getByRole('link', { name: 'pricing' })).toBeVisible();
  await ui.looks('circle');
});

test('a module in use is not deleted, and what uses it is a link', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/pricing'));
  await page.getByRole('button', { name: 'Delete the script pricing' }).click();
  await ui.inDialog('Delete');
  const alert = page.getByRole('dialog').getByRole('alert').filter({ hasText: 'while scripts import it' });
  await expect(alert).toBeVisible();
  await ui.looks('in-use');
  await alert.getByRole('link', { name: 'orders' }).click();
  await expect(page.getByRole('heading', { name: 'orders', exact: true })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('an error in a module is shown in the module', async ({ page, ui, shop }) => {
  await three(shop);
  await page.goto(shop.at('/scripts/orders'));
  await ui.field('Keep it among the executions').check();
  await runWith(page, ui, '-1');
  const stack = page.getByRole('list', { name: 'Stack, innermost first' });
  await expect(stack.getByRole('link', { name: /^pricing:4:/ })).toBeVisible();
  await ui.looks('threw-in-module');
  await ui.tab('Executions');
  const run = page.getByRole('row').filter({ hasText: 'a negative price' });
  await ui.refreshUntil(run);
  await run.getByRole('link').click();
  await stack.getByRole('link', { name: /^pricing:4:/ }).click();
  await expect(page.getByRole('heading', { name: 'pricing', exact: true })).toBeVisible();
  await ui.tab('Scripts');
  await expect(page.getByRole('row', { name: /^tax module 1/ })).toBeVisible();
  await ui.looks('kinds');
});
