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
  const draft = new Draft('import "tax" as tax;', 1);
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
  const draft = new Draft('a', 0);
  expect(await draft.save('shop', 'pricing', 'module')).toBe(true);
  expect(await asked[0]!.json()).toEqual({ kind: 'module', source: 'a' });
  expect([draft.dirty, draft.diagnostics, draft.relinked]).toEqual([false, [warning], relinked]);
});

test('a save that is refused leaves the draft as it is', async () => {
  const draft = new Draft('a', 0);
  draft.relinked = [{ name: 'orders', version: 3 }];
  answering(409, { error: { code: 'link_failed', message: '"orders" could not be linked any more' } });
  expect(await draft.save('shop', 'pricing', 'module')).toBe(false);
  expect([draft.dirty, draft.refusal?.code, draft.relinked]).toEqual([true, 'link_failed', []]);

  const error = { ...warning, severity: 'error' };
  answering(422, { error: { code: 'compile_failed', message: 'no', details: { diagnostics: [error] } } });
  await draft.save('shop', 'pricing', 'module');
  expect([draft.dirty, draft.diagnostics, draft.refusal]).toEqual([true, [error], null]);
});

/** A server where somebody else has saved: the script is in `live`, and every save names what it is made for. */
function shared(live: { version: number; source: string } | null) {
  const { asked, fetch } = server(200, (_: string, request: Request) => {
    const tag = live && `"${live.version}"`;
    if (request.method === 'GET')
      return live ?? Response.json({ error: { code: 'not_found', message: 'gone' } }, { status: 404 });
    const fits = tag ? request.headers.get('if-match') === tag : request.headers.get('if-none-match') === '*';
    if (!fits) {
      const error = { code: 'version_conflict', message: 'changed meanwhile', details: {} };
      return Response.json({ error }, { status: 412 });
    }
    live = { version: (live?.version ?? 0) + 1, source: 'mine' };
    return { name: 'orders', version: live.version, warnings: [], relinked: [] };
  });
  vi.stubGlobal('fetch', fetch);
  return () => asked.filter(({ method }) => method === 'PUT').length;
}

function edited(source = 'one', version = 1) {
  const draft = new Draft(source, version);
  draft.text = 'mine';
  return draft;
}

test('a save is for the version that was loaded, and the next one for what it made', async () => {
  shared({ version: 1, source: 'one' });
  const draft = edited();
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(true);
  draft.text = 'mine';
  expect(draft.version).toBe(2);
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(true);
});

test('what somebody else saved meanwhile is not replaced before that was asked for', async () => {
  shared({ version: 2, source: 'theirs' });
  const draft = edited();
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(false);
  expect(draft.conflict).toEqual({ version: 2, source: 'theirs' });
  expect([draft.text, draft.dirty, draft.version, draft.problem]).toEqual(['mine', true, 1, null]);
  const { conflict } = draft;
  draft.conflict = null;
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(false);
  expect(await draft.save('shop', 'orders', 'endpoint', conflict!)).toBe(true);
  expect([draft.version, draft.dirty, draft.conflict]).toEqual([3, false, null]);
});

test('saving over one version does not save over the one that came after it', async () => {
  shared({ version: 3, source: 'newer' });
  const draft = edited();
  expect(await draft.save('shop', 'orders', 'endpoint', { version: 2, source: 'theirs' })).toBe(false);
  expect(draft.conflict).toEqual({ version: 3, source: 'newer' });
});

test('a script that was only linked anew is saved without a question', async () => {
  const puts = shared({ version: 4, source: 'one' });
  const draft = edited();
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(true);
  expect([draft.version, puts()]).toEqual([5, 2]);
});

test('a script that was deleted meanwhile is asked about, and saved anew', async () => {
  shared(null);
  const draft = edited();
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(false);
  expect(draft.conflict).toEqual({ version: 0, source: '' });
  expect(await draft.save('shop', 'orders', 'endpoint', draft.conflict!)).toBe(true);
  expect(draft.version).toBe(1);
});

test('a new script does not replace one that was made meanwhile', async () => {
  shared({ version: 1, source: 'theirs' });
  const draft = edited('starter', 0);
  expect(await draft.save('shop', 'orders', 'endpoint')).toBe(false);
  expect(draft.conflict).toEqual({ version: 1, source: 'theirs' });
});

test('a draft begins where it is asked to', () => {
  expect(new Draft('a\nbc', 1).wish).toBeNull();
  expect(new Draft('a\nbc', 1, { line: 2, column: 2 }).wish).toEqual({ offset: 3 });
});

test('the wish to format when saving holds for what is opened later, also without a save', () => {
  new Draft('1', 1).tidies = true;
  const draft = new Draft('2', 1);
  expect(draft.tidies).toBe(true);
  draft.tidies = false;
  expect(new Draft('3', 1).tidies).toBe(false);
});
