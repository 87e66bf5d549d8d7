import { expect, test } from 'vitest';

import { direct, further, within, type LinkedScript } from './links';

const script = (...chain: string[]): LinkedScript => ({
  name: chain.at(-1)!,
  kind: 'module',
  version: 1,
  chain,
  places: [{ line: 1, column: 1 }],
});

const pricing = script('orders', 'pricing');
const tax = script('orders', 'pricing', 'tax');

test('a direct import has nothing between', () => {
  expect([direct(pricing), direct(tax)]).toEqual([true, false]);
  expect(within([pricing, tax], false)).toEqual([pricing]);
  expect(within([pricing, tax], true)).toEqual([pricing, tax]);
});

test('what is only there through other modules is counted on both sides', () => {
  expect(further({ imports: [pricing, tax], importers: [tax] })).toBe(2);
  expect(further({ imports: [], importers: [pricing] })).toBe(0);
});
