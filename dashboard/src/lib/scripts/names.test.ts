import { expect, test } from 'vitest';

import { aliasOf, refusedName, usage } from './names';

test('a module has no word of the language as its name, an endpoint may', () => {
  expect(refusedName('log', 'module')).toContain('log_lib would do');
  expect(refusedName('log', 'endpoint')).toBeNull();
  expect(refusedName('shop/log', 'module')).toBeNull();
});

test('a module is imported under its last name, unless that would hide something', () => {
  expect([aliasOf('pricing'), aliasOf('shop/pricing'), aliasOf('shop/log')]).toEqual([
    'pricing',
    'pricing',
    'shop_log',
  ]);
});

test('how to import a module is shown with a function that it has', () => {
  expect(usage('shop/tax', 'private fn a() {}\nfn rate(n,\n\tm) {}\nfn other() {}')).toBe(
    'import "shop/tax" as tax;\n\ntax::rate(n, m)',
  );
  expect(usage('tax', 'const RATE = 19;\n')).toBe('import "tax" as tax;');
});
