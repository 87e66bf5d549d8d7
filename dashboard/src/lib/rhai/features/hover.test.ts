import { expect, it } from 'vitest';

import { hover } from '..';
import type { Options } from '..';
import { app, at } from '../testing';

const shown = (marked: string, options: Options = {}) => hover(...at(marked, options))?.signature;

it('shows what a variable holds', () => {
  expect(shown('let a = [1]; ¦a')).toBe('let a: array of int');
  expect(shown('fn f(a) { ¦a }')).toBe('a');
  expect(shown('let f = |x| "a"; ¦f')).toBe('let f: (x) -> string');
});

it('shows the value of a constant', () => {
  expect(hover(...at('// The limit.\nconst MAX = 2 * 3; M¦AX'))).toEqual({
    from: 33,
    to: 36,
    signature: 'const MAX: int',
    kind: 'constant',
    doc: 'The limit.',
    value: '2 * 3',
  });
});

it('shows functions with their comments', () => {
  expect(hover(...at('/// Adds.\nfn add(a) { 1 } ad¦d(1)'))).toMatchObject({
    signature: 'fn add(a) -> int',
    doc: 'Adds.',
  });
});

it('shows the script API', () => {
  expect(shown('¦req')).toBe('req: Request');
  expect(hover(...at('req.me¦thod'))).toMatchObject({
    signature: 'method: string',
    doc: expect.stringContaining('upper case'),
  });
  expect(shown('log::in¦fo("a", #{})')).toBe('log::info(message, fields: map)\nlog::info(message)');
  expect(shown('reply().js¦on(1)')).toBe('json(body) -> Reply');
  expect(shown('type_o¦f(1)')).toBe('type_of(value) -> string');
});

it('shows fields', () => {
  expect(shown('let o = #{a: "b"}; o.¦a')).toBe('a: string');
});

it('shows what other scripts have', () => {
  const options = app({ util: 'export const MAX = 5;' });
  expect(hover(...at('import "util" as u; u::M¦AX', options))).toMatchObject({ value: '5' });
  expect(shown('import "util" as u; ¦u::MAX', options)).toBe('import "util" as u');
});

it('is silent in comments, texts and white space', () => {
  expect(shown('// re¦q')).toBeUndefined();
  expect(shown('"re¦q"')).toBeUndefined();
  expect(shown('1 + ¦ 2')).toBeUndefined();
});
