// The story: sign in, look at the demo, make an app, write a script, call it, see what happened, clean up.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './browser.mjs';
import { modules } from './modules.mjs';

const BROKEN = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * ;\n#{ answer }\n';
const FIXED = 'log::info("asked", #{ path: req.path });\nlet answer = 6 * 7;\n#{ answer: answer }\n';
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

  /** The token is tried before it is believed: inside is who can sign out. */
  async function signIn(token) {
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
    await field('Source').fill(BROKEN);
    await button('Save').click();
    const place = page.getByRole('button', { name: /^line 2, column/ });
    await place.click();
    const caret = await field('Source').evaluate((source) => source.selectionStart);
    assert.ok(caret > BROKEN.indexOf('\n') && caret <= BROKEN.indexOf('\n', 60), `caret at ${caret}`);
    await seen('not saved yet');
    await look('diagnostic');
  });

  await test('Check finds the fixed script clean, and Save makes version 1', async () => {
    await field('Source').fill(FIXED);
    await button('Check').click();
    await seen('No problems found.');
    await page.keyboard.press('Control+s');
    await seen('version 1 is live');
  });

  await test('the Tab key indents, and Escape lets it go on', async () => {
    const source = field('Source');
    await source.focus();
    await source.evaluate((text) => text.setSelectionRange(0, 0));
    await page.keyboard.press('Tab');
    assert.ok((await source.inputValue()).startsWith('\tlog'));
    await page.keyboard.press('Control+z');
    assert.equal(await source.inputValue(), FIXED);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    assert.equal(await source.evaluate((text) => document.activeElement === text), false);
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
    await field('Source').fill(THROWS);
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
    await seen('version 2 is live');
    await button('Make live: version 1').click();
    await seen('version 1 is live');
    assert.equal(await field('Source').inputValue(), FIXED);
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
    await field('Source').fill(THROWS);
    await button('Save').click();
    await seen('version 3 is live');
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
