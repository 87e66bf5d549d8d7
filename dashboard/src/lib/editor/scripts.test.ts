import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { session } from '$lib/api/session.svelte';
import { server } from '$lib/testing/server';
import { Scripts } from './scripts';

const APP = '/api/v1/apps/shop/scripts';

beforeEach(() => session.begin('pic_abc'));
afterEach(() => vi.unstubAllGlobals());

/** An app whose scripts import `tax`, at these versions, and what is asked for. */
function app(versions: Record<string, number>) {
  const { asked, fetch } = server(200, (path: string) => {
    const rest = path.slice(APP.length + 1);
    const items = Object.entries(versions).map(([name, version]) => ({ name, version }));
    if (!rest) return { items, next: null };
    if (rest === 'tax/importers') return { items: items.filter(({ name }) => name !== 'tax') };
    if (!(rest in versions))
      return Response.json({ error: { code: 'not_found', message: 'no such script' } }, { status: 404 });
    return { name: rest, version: versions[rest], source: `// ${rest} ${versions[rest]}` };
  });
  vi.stubGlobal('fetch', fetch);
  return () => asked.splice(0).map(({ url }) => new URL(url).pathname.slice(APP.length + 1));
}

const open = (name: string) => new Scripts('shop', name, 'module', () => 'what is written');

test('before usages are looked for, what imports the module is there as it is now', async () => {
  const versions: Record<string, number> = { orders: 1, tax: 1, other: 1 };
  const asked = app(versions);
  const { host } = open('tax');
  expect(await host.load('tax')).toEqual(['orders', 'other']);
  expect(asked().sort()).toEqual(['orders', 'other', 'tax/importers']);
  versions.orders = 2;
  await host.load('tax');
  expect(asked()).toEqual(['tax/importers', 'orders']);
});

test('a script that could not be fetched is asked for again', async () => {
  const versions: Record<string, number> = { orders: 1 };
  const asked = app(versions);
  const { host } = open('tax');
  vi.stubGlobal('fetch', () => Promise.reject(new Error('offline')));
  await expect(host.load('tax')).rejects.toMatchObject({ body: { code: 'unreachable' } });
  app(versions);
  expect(await host.load('tax')).toEqual(['orders']);
  expect(asked()).toEqual([]);
});

test('a module that was never saved is imported by none', async () => {
  app({});
  expect(await open('new').host.load('new')).toEqual([]);
  await expect(open('tax').host.load('gone')).rejects.toMatchObject({ status: 404 });
});

test('who imports the open script reads what is written, not what was saved', async () => {
  app({ tax: 1, orders: 1 });
  const scripts = open('tax');
  await scripts.start();
  const { modules, moduleNames } = scripts.host.options();
  expect(moduleNames?.()).toEqual(['tax', 'orders']);
  expect(modules?.('tax')).toBe('what is written');
  expect(modules?.('orders')).toBeUndefined();
  await scripts.host.settle();
  expect(modules?.('orders')).toBe('// orders 1');
});
