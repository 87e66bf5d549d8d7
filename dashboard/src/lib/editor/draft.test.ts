import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { session } from '$lib/api/session.svelte';
import { server } from '$lib/testing/server';
import { Draft, type Diagnostic } from './draft.svelte';

const warning: Diagnostic = {
  code: 'unknown_module',
  severity: 'warning',
  message: 'the app has no module "tax"',
  line: 1,
  column: 1,
};

beforeEach(() => session.begin('pic_abc'));
afterEach(() => vi.unstubAllGlobals());

/** The API as drafts find it, with one answer for everything. */
function answering(status: number, body: unknown) {
  const { asked, fetch } = server(status, body);
  vi.stubGlobal('fetch', fetch);
  return asked;
}

test('a check tells what the draft is to be, and where', async () => {
  const asked = answering(200, { ok: true, diagnostics: [warning] });
  const draft = new Draft('import "tax" as tax;');
  await draft.check('shop', 'pricing', 'module');
  expect(await asked[0]!.json()).toEqual({
    app: 'shop',
    name: 'pricing',
    kind: 'module',
    source: 'import "tax" as tax;',
  });
  expect(draft.diagnostics).toEqual([warning]);
  expect(draft.clean).toBe(false);
});

test('a save keeps the kind, and shows its warnings and what was linked anew', async () => {
  const relinked = [{ name: 'orders', version: 3 }];
  const asked = answering(200, { name: 'pricing', version: 2, warnings: [warning], relinked });
  const draft = new Draft('a', false);
  expect(await draft.save('shop', 'pricing', 'module')).toBe(true);
  expect(await asked[0]!.json()).toEqual({ kind: 'module', source: 'a' });
  expect([draft.dirty, draft.diagnostics, draft.relinked]).toEqual([false, [warning], relinked]);
});

test('a save that is refused leaves the draft as it is', async () => {
  const draft = new Draft('a', false);
  draft.relinked = [{ name: 'orders', version: 3 }];
  answering(409, { error: { code: 'link_failed', message: '"orders" could not be linked any more' } });
  expect(await draft.save('shop', 'pricing', 'module')).toBe(false);
  expect([draft.dirty, draft.refusal?.code, draft.relinked]).toEqual([true, 'link_failed', []]);

  const error = { ...warning, severity: 'error' };
  answering(422, { error: { code: 'compile_failed', message: 'no', details: { diagnostics: [error] } } });
  await draft.save('shop', 'pricing', 'module');
  expect([draft.dirty, draft.diagnostics, draft.refusal]).toEqual([true, [error], null]);
});

test('a draft begins where it is asked to', () => {
  expect(new Draft('a\nbc').wish).toBeNull();
  expect(new Draft('a\nbc', true, { line: 2, column: 2 }).wish).toEqual({ offset: 3 });
});

test('the wish to format when saving holds for what is opened later, also without a save', () => {
  new Draft('1').tidies = true;
  const draft = new Draft('2');
  expect(draft.tidies).toBe(true);
  draft.tidies = false;
  expect(new Draft('3').tidies).toBe(false);
});
