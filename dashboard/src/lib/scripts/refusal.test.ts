import { expect, test } from 'vitest';

import { partsOf, type Part } from './refusal';

const parts = (code: string, message: string, details?: Record<string, unknown>) =>
  partsOf({ status: 409, code, message, details });
const text = (parts: Part[]) => parts.map((part) => (typeof part === 'string' ? part : part.script)).join('');

test('each script of a circle is a link', () => {
  const message = 'the imports go in a circle: a → b/c → a; move what both sides need';
  const found = parts('import_cycle', message, { cycle: ['a', 'b/c', 'a'] });
  expect(found).toEqual([
    'the imports go in a circle: ',
    { script: 'a' },
    ' → ',
    { script: 'b/c' },
    ' → ',
    { script: 'a' },
    '; move what both sides need',
  ]);
});

test('a chain that is too deep is one of links', () => {
  const message = 'the imports are 2 deep, 1 are allowed (PICLOUD_MODULE_DEPTH_MAX): a → b → c';
  const found = parts('imports_too_deep', message, { chain: ['a', 'b', 'c'], used: 2, allowed: 1 });
  expect(found.filter((part) => typeof part !== 'string')).toHaveLength(3);
  expect(text(found)).toBe(message);
});

test('what imports a script is found behind the sentence, however short its name is', () => {
  const one = parts('in_use', '"tax" cannot be deleted while scripts import it: a', { importers: ['a'] });
  expect(one).toEqual(['"tax" cannot be deleted while scripts import it: ', { script: 'a' }]);
  const importers = Array.from({ length: 12 }, (_, at) => `s${at}`);
  const message = `"tax" cannot be deleted while scripts import it: ${importers.slice(0, 10).join(', ')} and 2 more`;
  const many = parts('in_use', message, { importers });
  expect(many.filter((part) => typeof part !== 'string')).toHaveLength(10);
  expect(text(many)).toBe(message);
});

test('a script that could not be linked is a link to the place', () => {
  const message = '"shop/cart" could not be linked any more: line 3: tax::rate: the module "tax" has no such';
  const details = { script: 'shop/cart', line: 3, column: 7, cause: '…' };
  const found = parts('link_failed', message, details);
  expect(found.slice(0, 2)).toEqual(['"', { script: 'shop/cart', at: { line: 3, column: 7 } }]);
  expect(text(found)).toBe(message);
});

test('any other refusal is its message', () => {
  expect(parts('in_use', 'routes point at it', { routes: ['r'] })).toEqual(['routes point at it']);
  expect(parts('import_cycle', 'in other words', { cycle: ['a', 'a'] })).toEqual(['in other words']);
  const lost = parts('link_failed', '"a" … deleted: b', { script: 'a', modules: ['b'] });
  expect(lost).toEqual(['"a" … deleted: b']);
  expect(parts('exists', 'it exists')).toEqual(['it exists']);
});
