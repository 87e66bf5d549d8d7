// The story: sign in, look at the demo, make an app, write a script, call it, see what happened, clean up.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './browser.mjs';
import { editorOf, until } from './editor.mjs';
import { modules } from './modules.mjs';

const BROKEN = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * ;\n#{ answer }\n';
const FIXED = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * 7;\n#{ answer: answer }\n';
const TURNED = FIXED.replace('6 * 7', '7 * 6');
const THROWS = 'fn check(n) {\n\tif n > 1 { throw "too large"; }\n}\ncheck(2);\n';

export async function story({ test, page, server, heard }) {
  const button = (name) => page.getByRole('button', { name, exact: true });
  const link = (name) => page.getByRole('link', { name, exact: true });
  const field = (name) => page.getByLabel(name);
  const cell = (name) => page.getByRole('cell', { name, exact: true });
  const seen = (text) => page.getByText(text).first().waitFor();
  const tab = (name) => page.locator('main nav').getByRole('link', { name, exact: true }).click();
  const open = (path) => page.goto(server.dashboard + path);
  const inDialog = (name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const { source, write, caretBehind, activeLine } = editorOf(page);

  /** The token is tried before it is believed: inside is who can sign out. */
  async function signIn(token) {
    await button('Sign in').waitFor();
    await field('Token').fill(token);
    await button('Sign in').click();
    await button('Sign out').waitFor();
  }

  let pictures = 0;
  /** Every page is looked at by axe, and by whoever sets E2E_PICTURES to a folder. */
  async function look(name) {
    await accessible(page);
    const folder = process.env.E2E_PICTURES;
    if (!folder) return;
    pictures++;
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      const path = join(folder, `${String(pictures).padStart(2, '0')}-${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }

  /** Records are written behind the request: asks again until it is there. */
  async function refreshUntil(target) {
    for (let tries = 0; tries < 40; tries++) {
      if (
        await target.waitFor({ timeout: 250 }).then(
          () => true,
          () => false,
        )
      )
        return;
      await button('Refresh').click();
    }
    await target.waitFor();
  }

  await test('a stranger sees the door, and a wrong token stays outside', async () => {
    await open('/apps/demo/executions');
    await field('Token').fill('pic_wrong');
    await button('Sign in').click();
    await page.getByRole('alert').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await look('door');
  });

  await test('the operator token opens the page that was asked for', async () => {
    await field('Token').fill(server.token);
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'demo' }).waitFor();
    await seen('Nothing has run yet');
    assert.equal(await page.evaluate(() => document.cookie), '');
    assert.ok(!page.url().includes('pic_'));
    await look('nothing-ran');
  });

  await test('a new installation has the app demo with its scripts', async () => {
    await link('Apps').click();
    await look('apps');
    await link('demo').click();
    await link('hello').waitFor();
    await look('scripts');
    await tab('Routes');
    await cell('/orders').waitFor();
    await look('routes');
  });

  await test('an app is made, and a name that is taken is refused in words', async () => {
    await link('Apps').click();
    await field('New app').fill('demo');
    await button('Create').click();
    await page.getByRole('alert').filter({ hasText: 'demo' }).waitFor();
    await field('New app').fill('shop');
    await button('Create').click();
    await seen('No scripts yet');
    await look('app-empty');
  });

  await test('a script that does not compile is not saved, and the place is shown', async () => {
    await field('New script').fill('answers/all');
    await button('Create').click();
    await seen('not saved yet');
    await write(BROKEN);
    await button('Save').click();
    const place = page.getByRole('button', { name: /^line 2, column/ });
    await place.click();
    assert.equal(await activeLine(), 'let answer = 6 * ;');
    await seen('not saved yet');
    await look('diagnostic');
  });

  await test('Check finds the fixed script clean, and Save makes version 1', async () => {
    await write(FIXED);
    await button('Check').click();
    await seen('No problems found.');
    await page.keyboard.press('Control+s');
    await seen('version 1 is live');
  });

  await test('the Tab key indents, and Escape lets it go on', async () => {
    await field('Source').focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Tab');
    assert.ok((await source()).startsWith('\tlog'));
    await page.keyboard.press('Control+z');
    assert.equal(await source(), FIXED);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    assert.equal(
      await field('Source').evaluate((content) => content.getRootNode().activeElement === content),
      false,
    );
  });

  await test('what is wrong is underlined while it is written, and repaired by a click', async () => {
    await write('let total = 1;\nif total === 1 { log::info("one"); }\n');
    await page.locator('.cm-lintRange-error').hover();
    await page.locator('.cm-tooltip').getByText('Rhai compares with').waitFor();
    await look('lint');
    await page.locator('.cm-diagnosticAction').first().click();
    assert.match(await source(), /total == 1/);
  });

  await test('members and fields are completed with their docs', async () => {
    await write('let order = #{ amount: 3, price: 4 };\n\n');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('order.pr');
    await page.getByRole('option', { name: /^price/ }).waitFor();
    await page.waitForTimeout(120);
    await page.keyboard.press('Enter');
    await until(async () => (await source()).endsWith('order.price'), source);
    await write('');
    await page.keyboard.type('log::inf');
    await page.getByRole('option', { name: /^info/ }).waitFor();
    await look('completion');
    await page.waitForTimeout(120);
    await page.keyboard.press('Enter');
    await until(async () => (await source()).startsWith('log::info('), source);
    await page.locator('.rhai-signature strong').filter({ hasText: 'message' }).waitFor();
    await page.keyboard.press('Escape');
  });

  await test('F12 goes to a declaration, Shift+F12 lists the usages', async () => {
    await write('fn twice(n) {\n\tn * 2\n}\nlet four = twice(2);\ntwice(four)\n');
    await caretBehind('let four = tw');
    await page.keyboard.press('F12');
    await until(async () => (await activeLine()) === 'fn twice(n) {', activeLine);
    const call = page.locator('.cm-line').nth(3).locator('span').filter({ hasText: 'twice' });
    await call.hover();
    await page.locator('.rhai-card').filter({ hasText: 'fn twice(n)' }).waitFor();
    await page.keyboard.press('Control+End');
    await call.click({ modifiers: ['Control'] });
    await until(async () => (await activeLine()) === 'fn twice(n) {', activeLine);
    await page.keyboard.press('Shift+F12');
    const usages = page.getByRole('region', { name: '3 usages' });
    await usages.getByRole('button', { name: /^:5/ }).click();
    await until(async () => (await activeLine()) === 'twice(four)', activeLine);
    await look('usages');
    await page.keyboard.press('Escape');
    await usages.waitFor({ state: 'detached' });
  });

  await test('F2 renames everywhere, and refuses a name that is taken', async () => {
    await page.keyboard.press('F2');
    const rename = page.getByRole('textbox', { name: 'Rename twice' });
    await rename.fill('let');
    await page.keyboard.press('Enter');
    await page
      .getByRole('region', { name: 'Rename twice' })
      .getByRole('alert')
      .filter({ hasText: 'let' })
      .waitFor();
    await look('rename');
    await rename.fill('double');
    await page.keyboard.press('Enter');
    await until(
      async () => (await source()) === 'fn double(n) {\n\tn * 2\n}\nlet four = double(2);\ndouble(four)\n',
      source,
    );
  });

  await test('Shift+Alt+F formats, and Ctrl+Shift+O shows the outline', async () => {
    await write('fn f( a,b ){a+b}\nlet x=f(1,2) ;// sum\n');
    await page.keyboard.press('Shift+Alt+f');
    await until(
      async () => (await source()) === 'fn f(a, b) {\n\ta + b\n}\nlet x = f(1, 2); // sum\n',
      source,
    );
    await page.keyboard.press('Control+Shift+o');
    await page.getByRole('region', { name: 'Outline' }).getByRole('button', { name: 'variable x' }).click();
    await until(async () => /^let x/.test(await activeLine()), activeLine);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+/');
    await until(async () => /^\/\/ let x/.test(await activeLine()), activeLine);
    await write(FIXED);
  });

  await test('saving formats, if that is wished', async () => {
    await page.getByLabel('Format when saving').check();
    await write(FIXED.replace('6 * 7', '7*6'));
    await page.keyboard.press('Control+s');
    await until(async () => (await source()) === TURNED, source);
    await seen('version 2 is live');
    await page.getByLabel('Format when saving').uncheck();
  });

  await test('functions of another script are completed, and F12 goes there', async () => {
    await open('/apps/shop/scripts/prices?new=module');
    await write('/// Half of it.\nfn net(gross) {\n\tgross / 2\n}\n');
    await button('Save').click();
    await seen('version 1 is live');
    await open('/apps/shop/scripts/answers/all');
    await write('import "prices" as prices;\n\n');
    await page.keyboard.type('prices::n');
    await page.getByRole('option', { name: /^net/ }).waitFor();
    await seen('Half of it.');
    await page.waitForTimeout(120);
    await page.keyboard.press('Enter');
    await until(async () => (await source()).endsWith('prices::net()'), source);
    await page.keyboard.press('Escape');
    page.once('dialog', (leave) => leave.accept());
    await caretBehind('prices::n');
    await page.keyboard.press('F12');
    await until(async () => (await activeLine()) === 'fn net(gross) {', activeLine);
    assert.match(page.url(), /scripts\/prices#at=/);
    await page.goBack();
    await until(async () => (await source()) === TURNED, source);
  });

  await test('a run shows reply, log and usage', async () => {
    await field('Path and query').fill('/try?x=1');
    await button('Run').click();
    await page.getByRole('region', { name: 'Body' }).filter({ hasText: '"answer": 42' }).waitFor();
    await page.getByRole('region', { name: 'Log' }).filter({ hasText: '/try' }).waitFor();
    await seen('Fuel');
    await look('run');
  });

  await test('a draft that throws shows the stack, whose places jump', async () => {
    await write(THROWS);
    await button('Run the draft').click();
    await seen('too large');
    await page
      .getByRole('button', { name: /^line 2, column/ })
      .first()
      .click();
    await look('threw');
  });

  await test('a version goes live again', async () => {
    await button('Save').click();
    await seen('version 3 is live');
    await button('Make live: version 1').click();
    await seen('version 1 is live');
    await until(async () => (await source()) === FIXED, source);
    await look('versions');
  });

  await test('a route is added, a conflict names the other one', async () => {
    await tab('Routes');
    await page.getByLabel('Path', { exact: true }).fill('/answers/{id}');
    await button('Add route').click();
    await cell('/answers/{id}').waitFor();
    await page.getByLabel('Path', { exact: true }).fill('/answers/{other}');
    await button('Add route').click();
    await page.getByRole('alert').filter({ hasText: '/answers/{id}' }).waitFor();
    await look('conflict');
  });

  await test('the script answers, and its execution is there with its log', async () => {
    const answer = await fetch(`${server.apps}/~shop/answers/7`);
    assert.deepEqual([answer.status, await answer.json()], [200, { answer: 42 }]);
    await tab('Executions');
    const run = page.getByRole('row').filter({ hasText: 'GET /answers/7' });
    await refreshUntil(run);
    await look('executions');
    await run.getByRole('link').click();
    await page.getByRole('region', { name: 'Log' }).filter({ hasText: 'asked' }).waitFor();
    await seen('Fuel');
    await look('execution');
  });

  await test('executions are filtered by script and ending', async () => {
    await link('← Executions').click();
    await field('Ending').selectOption('threw');
    await seen('None of these');
    assert.match(page.url(), /ending=threw/);
    await page.getByLabel('Ending').selectOption('replied');
    await cell('GET /answers/7').waitFor();
  });

  await test('a failed execution tells why and where', async () => {
    await open('/apps/shop/scripts/answers/all');
    await write(THROWS);
    await button('Save').click();
    await seen('version 4 is live');
    const answer = await fetch(`${server.apps}/~shop/answers/8`);
    assert.equal(answer.status, 500);
    await link('Executions').last().click();
    const run = page.getByRole('row').filter({ hasText: 'GET /answers/8' });
    await refreshUntil(run);
    await run.getByRole('link').click();
    await seen('too large');
    await seen('fn check');
    await look('execution-threw');
  });

  await test('a token is shown once, opens its app alone, and is revoked', async () => {
    await tab('Tokens');
    await field('New token').fill('the robot');
    await field('Role').selectOption('viewer');
    await button('Create').click();
    const secret = await page.getByTestId('secret').innerText();
    await look('token');
    await page.reload();
    await cell('the robot').waitFor();
    assert.equal(await page.getByTestId('secret').count(), 0);

    await button('Sign out').click();
    await signIn(secret);
    await open('/');
    await link('shop').waitFor();
    assert.equal(await link('demo').count(), 0);
    await field('New app').fill('mine');
    await button('Create').click();
    await page.getByRole('alert').filter({ hasText: 'operator' }).waitFor();
    await open('/apps/demo');
    await seen('Not found');
    await look('not-found');

    await button('Sign out').click();
    await signIn(server.token);
    await open('/apps/shop/tokens');
    await page.getByRole('button', { name: /^Revoke/ }).click();
    await inDialog('Revoke');
    await seen('No tokens yet');
  });

  await test('settings are kept', async () => {
    await tab('Settings');
    await field('Own hosts').fill('not a host!');
    await button('Save settings').click();
    await page.getByRole('alert').waitFor();
    await field('Own hosts').fill('shop.example.org\nwww.example.org');
    await field('Show a script’s own errors').check();
    await button('Save settings').click();
    await seen('Saved.');
    await page.reload();
    assert.equal(await field('Own hosts').inputValue(), 'shop.example.org\nwww.example.org');
    assert.equal(await field('Show a script’s own errors').isChecked(), true);
    await look('settings');
  });

  const tools = { button, field, seen, open, tab, look, refreshUntil, inDialog };
  await modules({ test, page, tools });

  await test('a script in use is not deleted; the app is, when its name is typed', async () => {
    await open('/apps/shop/scripts/answers/all');
    await page.getByRole('button', { name: 'Delete the script answers/all' }).click();
    await inDialog('Delete');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await inDialog('Cancel');
    await tab('Settings');
    await page.getByRole('button', { name: 'Delete the app shop' }).click();
    const confirmation = page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true });
    assert.equal(await confirmation.isDisabled(), true);
    await field('Type “shop” to confirm').fill('shop');
    await look('delete');
    await confirmation.click();
    await page.getByRole('heading', { name: 'Apps' }).waitFor();
    assert.equal(await link('shop').count(), 0);
  });

  await test('operators have tokens of their own', async () => {
    await link('Operators').click();
    await page.getByRole('heading', { name: 'Operators' }).waitFor();
    await look('operators');
  });

  await test('nothing complained: no script error, nothing against the page’s own policy', async () => {
    assert.deepEqual(heard, []);
  });
}
