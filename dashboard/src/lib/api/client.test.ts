import { isHttpError } from '@sveltejs/kit';
import { beforeEach, expect, test } from 'vitest';

import { server } from '$lib/testing/server';
import { api, orFail, problem } from './client';
import { everyItem, Pages } from './pages.svelte';
import { session } from './session.svelte';

beforeEach(() => session.begin('pic_abc'));

async function failure(fetch: typeof globalThis.fetch) {
  try {
    orFail(await api(fetch).GET('/api/v1/apps'));
  } catch (thrown) {
    expect(isHttpError(thrown)).toBe(true);
    return problem(thrown);
  }
  throw new Error('it went well');
}

test('a call carries the token as Bearer, and names with a slash stay one segment', async () => {
  const { asked, fetch } = server(200, { items: [] });
  const path = { app: 'demo', name: 'shop/orders' };
  await api(fetch).GET('/api/v1/apps/{app}/scripts/{name}', { params: { path } });
  expect(asked[0]!.headers.get('authorization')).toBe('Bearer pic_abc');
  expect(new URL(asked[0]!.url).pathname).toBe('/api/v1/apps/demo/scripts/shop%2Forders');
});

test("a failure is shown in the API's words", async () => {
  const error = { code: 'exists', message: 'an app of the name acme exists', details: { name: 'acme' } };
  const { fetch } = server(409, { error });
  expect(await failure(fetch)).toEqual({ status: 409, ...error });
  expect(session.token).toBe('pic_abc');
});

test('a refused token ends the session and says why', async () => {
  const { fetch } = server(401, { error: { code: 'unauthenticated', message: 'the token has expired' } });
  await failure(fetch);
  expect(session.token).toBe('');
  expect(session.ended).toBe('the token has expired');
});

test('a server that is away is a problem like any other', async () => {
  server(200, {});
  const away = () => Promise.reject(new TypeError('Failed to fetch'));
  expect(await failure(away)).toMatchObject({ code: 'unreachable' });
});

test('without a session nothing is sent', async () => {
  session.end();
  const { asked, fetch } = server(200, {});
  expect(await failure(fetch)).toMatchObject({ status: 401 });
  expect(asked).toEqual([]);
});

test('pages are added until the last', async () => {
  const pages = new Pages({ items: [1, 2], next: 'b' }, (after) =>
    Promise.resolve({ items: [after], next: null } as never),
  );
  await pages.more();
  expect(pages.items).toEqual([1, 2, 'b']);
  await pages.more();
  expect(pages.items).toHaveLength(3);
});

test.each([0, 1, 100, 101, 250])('all of %i items are there, whatever the pages', async (total) => {
  const all = Array.from({ length: total }, (_, nth) => nth);
  const fetch = (after = '0') => {
    const end = Number(after) + 100;
    const next = end < total ? String(end) : null;
    return Promise.resolve({ items: all.slice(Number(after), end), next });
  };
  expect(await everyItem(fetch)).toEqual(all);
});
