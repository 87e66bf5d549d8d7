// Routes, and what ran by them.
import { expect, test } from './fixtures';

const ANSWERS = 'log::info("asked", #{ path: req.path });\n#{ answer: 42 }\n';
const THROWS = 'fn check(n) {\n\tif n > 1 { throw "too large"; }\n}\ncheck(2);\n';

test('a route is added, and a conflict names the other one', async ({ page, ui, shop }) => {
  await shop.put('answers', ANSWERS);
  await page.goto(shop.at('/routes'));
  await page.getByLabel('Path', { exact: true }).fill('/answers/{id}');
  await ui.button('Add route').click();
  await expect(ui.cell('/answers/{id}')).toBeVisible();
  await page.getByLabel('Path', { exact: true }).fill('/answers/{other}');
  await ui.button('Add route').click();
  await expect(ui.alert('/answers/{id}')).toBeVisible();
  await ui.looks('conflict');
});

test('a script answers, and its execution is there with its log', async ({ page, ui, shop }) => {
  await shop.put('answers', ANSWERS);
  await shop.route('/answers/{id}', 'answers');
  const answer = await shop.call('/answers/7');
  expect([answer.status, await answer.json()]).toEqual([200, { answer: 42 }]);
  await page.goto(shop.at('/executions'));
  const run = page.getByRole('row').filter({ hasText: 'GET /answers/7' });
  await ui.refreshUntil(run);
  await ui.looks('executions');
  await run.getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'GET /answers/7' })).toBeVisible();
  await expect(ui.region('Log').filter({ hasText: 'asked' })).toBeVisible();
  await ui.sees('Fuel');
  await ui.looks('execution');

  await ui.link('← Executions').click();
  await ui.field('Ending').selectOption('threw');
  await ui.sees('None of these');
  expect(page.url()).toMatch(/ending=threw/);
  await ui.field('Ending').selectOption('replied');
  await expect(run).toBeVisible();
});

test('a failed execution tells why and where', async ({ page, ui, shop }) => {
  await shop.put('answers', THROWS);
  await shop.route('/answers/{id}', 'answers');
  expect((await shop.call('/answers/8')).status).toBe(500);
  await page.goto(shop.at('/executions?script=answers'));
  const run = page.getByRole('row').filter({ hasText: 'GET /answers/8' });
  await ui.refreshUntil(run);
  await run.getByRole('link').click();
  await ui.sees('too large');
  await ui.sees('fn check');
  await ui.looks('execution-threw');
});
