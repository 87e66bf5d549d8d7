import { expect, it } from 'vitest';

import { signature } from '..';
import type { Options } from '..';
import { app, at } from '../testing';

/** The active signature with its active parameter in brackets, and how many there are. */
function help(marked: string, options: Options = {}): string | null {
  const found = signature(...at(marked, options));
  if (!found) return null;
  const { label, params } = found.signatures[found.active]!;
  const active = params[found.parameter];
  const text = active
    ? `${label.slice(0, active.from)}[${label.slice(active.from, active.to)}]${label.slice(active.to)}`
    : label;
  return found.signatures.length > 1 ? `${text} of ${found.signatures.length}` : text;
}

it('shows the parameter that is being written', () => {
  expect(help('fn f(a, b) { 1 } f(¦)')).toBe('f([a], b) -> int');
  expect(help('fn f(a, b) { 1 } f(1, ¦)')).toBe('f(a, [b]) -> int');
  expect(help('fn f(a, b) { 1 } f(1, ¦')).toBe('f(a, [b]) -> int');
});

it('counts only commas of the call itself', () => {
  expect(help('fn f(a, b) {} f([1, 2], ¦)')).toBe('f(a, [b])');
  expect(help('fn f(a, b) {} f(|x, y| x, ¦)')).toBe('f(a, [b])');
  expect(help('fn f(a, b) {} f(`${[1, 2]}`, ¦)')).toBe('f(a, [b])');
});

it('chooses among overloads by the number of arguments', () => {
  expect(help('fn f(a) {} fn f(a, b) {} f(1, ¦)')).toBe('f(a, [b]) of 2');
  expect(help('reply(¦)')).toBe('reply([status: int]) -> Reply of 2');
});

it('leaves out what is before the dot', () => {
  expect(help('reply().header("a", ¦)')).toBe('header(name: string, [value: string]) -> Reply');
});

it('knows namespaces, modules and closures', () => {
  expect(help('log::info(¦)')).toBe('log::info([message]) of 2');
  expect(help('import "u" as u; u::inc(¦)', app({ u: 'fn inc(n) {}' }))).toBe('inc([n])');
  expect(help('let f = |x, y| x; f.call(1, ¦)')).toBe('call(x, [y])');
  expect(help('let o = #{f: |x| x}; o.f(¦)')).toBe('f([x])');
});

it('is silent outside of the parentheses and in an inner block', () => {
  expect(help('reply¦(1)')).toBeNull();
  expect(help('reply(1)¦')).toBeNull();
  expect(help('reply(if a { ¦ })')).toBeNull();
  expect(help('reply( /* ¦ */ )')).toBeNull();
});
