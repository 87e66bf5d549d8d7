// The part of the story about modules: one is made, imported, changed, and cannot be broken by accident.
import assert from 'node:assert/strict';

import { editorOf, until } from './editor.mjs';

const TAX = 'fn rate() {\n\t0.2\n}\n';
const PRICING =
  'import "tax" as tax;\n\nfn gross(net) {\n\tif net < 0 { throw "a negative price"; }\n\tnet + net * tax::rate()\n}\n';
const ORDERS = 'import "pricing" as pricing;\n\n#{ gross: pricing::gross(req.params.net.parse_float()) }\n';

export async function modules({ test, page, tools }) {
  const { button, field, seen, open, tab, look, refreshUntil, inDialog } = tools;
  const { source, write, caret, caretBehind } = editorOf(page);
  const panel = page.getByRole('region', { name: 'Links' });
  const diagnostics = page.getByRole('list', { name: 'Diagnostics' });

  async function make(name, kind, source) {
    await open('/apps/shop');
    await field('New script').fill(name);
    await page.getByRole('radio', { name: kind }).check();
    await button('Create').click();
    await seen('not saved yet');
    await write(source);
  }

  /** The editor has a mark of what the server found, which says so when it is pointed at. */
  async function serverMark(severity) {
    const told = page
      .locator(`.cm-tooltip .cm-diagnostic-${severity}`)
      .filter({ has: page.locator('.cm-diagnosticSource', { hasText: 'server' }) });
    await page.locator(`.cm-lintRange-${severity}`).first().hover();
    await told.waitFor();
    await field('Source').hover();
    await told.waitFor({ state: 'detached' });
  }

  /** Goes on by a link although the draft is not saved. */
  async function leaveBy(target) {
    page.once('dialog', (dialog) => dialog.accept());
    await target.click();
  }

  await test('a module has no word of the language as its name, and no script is made twice', async () => {
    await open('/apps/shop');
    await field('New script').fill('log');
    await page.getByRole('radio', { name: 'module' }).check();
    await button('Create').click();
    await page.getByRole('alert').filter({ hasText: 'log_lib would do' }).waitFor();
    assert.equal(await field('New script').getAttribute('aria-invalid'), 'true');
    await look('reserved-name');
    await field('New script').fill('answers/all');
    await button('Create').click();
    await page.getByRole('alert').filter({ hasText: 'a script "answers/all" exists' }).waitFor();
  });

  await test('a module is saved, and says how it is imported instead of running', async () => {
    await make('tax', 'module', TAX);
    await button('Save').click();
    await seen('version 1 is live');
    await seen('tax::rate()');
    assert.equal(await button('Run').count(), 0);
    await seen('Ctrl+S saves. Tab indents');
    assert.equal(await page.getByText('Ctrl+Enter').count(), 0);
    assert.doesNotMatch(await field('Source').getAttribute('aria-description'), /Enter/);
    await panel.getByText('No script imports it.').waitFor();
    await look('module');
  });

  await test('what a module may not hold is an error, and its place is shown', async () => {
    await make('pricing', 'module', `${PRICING}log::info("loaded");\n`);
    await button('Check').click();
    await diagnostics.getByText('error', { exact: true }).waitFor();
    await diagnostics.getByRole('button', { name: /^line 7, column/ }).waitFor();
    await serverMark('error');
    await write(PRICING);
    await button('Save').click();
    await seen('version 1 is live');
  });

  await test('an import that is not there is a warning when checked, and refused when saved', async () => {
    await make('orders', 'endpoint', ORDERS.replace('"pricing"', '"rates"'));
    await button('Check').click();
    await diagnostics.getByText('warning', { exact: true }).waitFor();
    await diagnostics.getByText('the app has no module "rates"').waitFor();
    await serverMark('warning');
    await look('warning');
    await button('Save').click();
    await diagnostics.getByText('error', { exact: true }).waitFor();
    await seen('not saved yet');
  });

  await test('a warning is in nobody’s way', async () => {
    await write(ORDERS.replace('\n\n', '\nif false { pricing::nett(1); }\n'));
    await button('Save').click();
    await seen('version 1 is live');
    await diagnostics.getByText('warning', { exact: true }).waitFor();
    await write(ORDERS);
    await button('Save').click();
    await seen('version 2 is live');
    await seen('No problems found.');
  });

  await test('the panel shows what a script imports, also through other modules', async () => {
    await panel.getByText('module, version 1').waitFor();
    assert.equal(await panel.getByRole('link', { name: 'tax', exact: true }).count(), 0);
    await panel.getByRole('button', { name: 'line 1, column 1' }).click();
    await panel.getByLabel('Also through other modules (1)').check();
    await panel.getByText('orders → pricing → tax').waitFor();
    await look('imports');
    await panel.getByRole('link', { name: 'tax', exact: true }).first().click();
    await page.getByRole('heading', { name: 'tax', exact: true }).waitFor();
    await panel.getByText('orders → pricing → tax').waitFor();
    await look('importers');
  });

  await test('usages of a function of a module are those of all scripts that import it', async () => {
    await caretBehind('fn ra');
    await page.keyboard.press('Shift+F12');
    const usages = page.getByRole('region', { name: '2 usages' });
    await usages.getByText('Looked at what imports tax: orders, pricing.').waitFor();
    await usages.getByRole('button', { name: /^pricing:5/ }).waitFor();
    await look('usages-across');
    await page.keyboard.press('Escape');
  });

  await test('a module that changes takes what imports it along', async () => {
    await write(TAX.replace('0.2', '0.5'));
    await button('Save').click();
    await seen('2 scripts were linked with it anew: orders version 3, pricing version 2');
    await look('relinked');
    await page.getByRole('status').getByRole('link', { name: 'orders' }).click();
    await seen('version 3 is live');
    await seen('linked anew for tax');
    await field('Parameters of the route').evaluate((text) => (text.closest('details').open = true));
    await field('Parameters of the route').fill('net = 10');
    await button('Run').click();
    await page.getByRole('region', { name: 'Body' }).filter({ hasText: '"gross": 15' }).waitFor();
  });

  await test('a module that would break what imports it is refused, with the place', async () => {
    await open('/apps/shop/scripts/pricing');
    await write(PRICING.replace('gross', 'total'));
    await button('Save').click();
    await page
      .getByRole('alert')
      .filter({ hasText: '"orders" could not be linked any more: line 3' })
      .waitFor();
    await seen('version 2 is live, edited');
    await look('link-failed');
    await leaveBy(page.getByRole('alert').getByRole('link', { name: 'orders' }));
    await page.getByRole('heading', { name: 'orders', exact: true }).waitFor();
    await until(async () => (await source()) === ORDERS, source);
    await until(
      async () => (await caret()) > ORDERS.indexOf('#{'),
      async () => `caret at ${await caret()}`,
    );
  });

  await test('modules in a circle are refused, and the circle is shown', async () => {
    await open('/apps/shop/scripts/tax');
    await write(`import "pricing" as pricing;\n${TAX}`);
    await button('Save').click();
    const alert = page.getByRole('alert').filter({ hasText: 'the imports go in a circle' });
    await alert.getByRole('link', { name: 'pricing' }).waitFor();
    await look('circle');
    await leaveBy(alert.getByRole('link', { name: 'pricing' }));
    await page.getByRole('heading', { name: 'pricing', exact: true }).waitFor();
  });

  await test('a module in use is not deleted, and what uses it is a link', async () => {
    await page.getByRole('button', { name: 'Delete the script pricing' }).click();
    await inDialog('Delete');
    const alert = page.getByRole('dialog').getByRole('alert').filter({ hasText: 'while scripts import it' });
    await alert.waitFor();
    await look('in-use');
    await alert.getByRole('link', { name: 'orders' }).click();
    await page.getByRole('heading', { name: 'orders', exact: true }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  await test('an error in a module is shown in the module', async () => {
    await field('Parameters of the route').evaluate((text) => (text.closest('details').open = true));
    await field('Parameters of the route').fill('net = -1');
    await field('Keep it among the executions').check();
    await button('Run').click();
    const stack = page.getByRole('list', { name: 'Stack, innermost first' });
    await stack.getByRole('link', { name: /^pricing:4:/ }).waitFor();
    await look('threw-in-module');
    await tab('Executions');
    const run = page.getByRole('row').filter({ hasText: 'a negative price' });
    await refreshUntil(run);
    await run.getByRole('link').click();
    await stack.getByRole('link', { name: /^pricing:4:/ }).click();
    await page.getByRole('heading', { name: 'pricing', exact: true }).waitFor();
    await tab('Scripts');
    await page.getByRole('row', { name: /^tax module 2/ }).waitFor();
    await look('kinds');
  });

  await test('a module goes back, and what imports it goes along', async () => {
    await open('/apps/shop/scripts/tax');
    await write(`${TAX}// a draft\n`);
    await button('Make live: version 1').click();
    await seen('2 scripts were linked with it anew: orders version 4, pricing version 3');
    await seen('version 1 is live, edited');
  });
}
