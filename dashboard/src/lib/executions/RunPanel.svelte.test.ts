import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

import { Draft } from '$lib/editor/draft.svelte';
import { answering } from '$lib/testing/answers';
import RunPanel from './RunPanel.svelte';
import { Trial } from './trial.svelte';

const usage = { wall_us: 1500, fuel: 1000, memory_bytes: 65536, host_calls: 1, log_bytes: 12 };
const RUN = 'POST /apps/shop/scripts/orders/run';

async function panel(draft = new Draft('1', 1)) {
  const trial = new Trial();
  const screen = await render(RunPanel, { trial, draft, run: () => trial.start('shop', 'orders', draft) });
  return { screen, draft, run: (name = 'Run') => screen.getByRole('button', { name, exact: true }).click() };
}

test('an event is sent as it was written, and the reply, its log and its usage are shown', async () => {
  const reply = {
    status: 201,
    headers: [['content-type', 'application/json']],
    body: '{"ok":true}',
    body_base64: null,
  };
  const log = [{ level: 'info', message: 'asked', fields: '{"path":"/try"}', at_us: 1 }];
  const asked = answering({ [RUN]: { ending: 'replied', reply, error: null, log, usage } });
  const { screen, run } = await panel();
  await screen.getByLabelText('Method').selectOptions('POST');
  await screen.getByLabelText('Path and query').fill('/try?x=1');
  await screen.getByLabelText('Body').fill('{}');
  await screen.getByLabelText('Keep it among the executions').click();
  await run();
  await expect.element(screen.getByRole('region', { name: 'Body' })).toHaveTextContent('"ok": true');
  await expect.element(screen.getByText('asked')).toBeVisible();
  await expect.element(screen.getByText('12 B')).toBeVisible();
  expect(asked[0]!.body).toEqual({
    event: { method: 'POST', path: '/try', query: 'x=1', headers: {}, params: {}, body: '{}' },
    record: true,
    source: null,
  });
});

test('a draft is run as it is, and a place of its stack is gone to', async () => {
  const frame = { function: 'check', module: '', line: 2, column: 3 };
  const error = { code: 'thrown', message: 'too large', stack: [frame], limit: null };
  const asked = answering({ [RUN]: { ending: 'threw', reply: null, error, log: [], usage } });
  const { screen, draft, run } = await panel();
  draft.text = 'fn check() {\n  throw 1\n}';
  await run('Run the draft');
  await expect.element(screen.getByText('too large')).toBeVisible();
  expect(asked[0]!.body).toMatchObject({ source: draft.text });
  await screen.getByRole('button', { name: 'line 2, column 3' }).click();
  expect(draft.wish).toEqual({ offset: draft.text.indexOf('throw') });
});

test('a line of headers that cannot be read is named, and nothing is sent', async () => {
  const asked = answering({});
  const { screen, run } = await panel();
  await screen.getByText('Headers and parameters').click();
  await screen.getByLabelText('Headers').fill('accept');
  await run();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('write "name: value"');
  expect(asked).toEqual([]);
});
