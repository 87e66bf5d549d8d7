import { describe, expect, it } from 'vitest';

import { analyse } from '..';
import { api, app } from '../testing';
import { declarationShape } from './shapes';
import type { Shape } from './shape';

function text({ type, item, fields }: Shape): string {
  if (fields)
    return `#{${[...fields.values()].map((field) => `${field.name}: ${text(field.shape())}`).join(', ')}}`;
  return type === 'array' && item ? `[${text(item)}]` : type || '?';
}

/** The shape of the variable `x`. */
function shape(source: string, options = {}): string {
  const analysis = analyse(source, { api, ...options });
  return text(
    declarationShape(
      analysis,
      analysis.declarations.find((it) => it.name === 'x')!,
    ),
  );
}

describe('the kind of a value', () => {
  it.each([
    ['let x = 1 + 2;', 'int'],
    ['let x = 1 + 2.5;', 'float'],
    ['let x = `a${1}`;', 'string'],
    ['let x = "a" + 1;', 'string'],
    ['let x = !y;', 'bool'],
    ['let x = [1, 2][0];', 'int'],
    ['let x = if a { 1 } else { 2 };', 'int'],
    ['let x = if a { 1 } else { "2" };', '?'],
    ['let x = switch a { 1 => "a", _ => "b" };', 'string'],
    ['let x = 1; x = "a";', '?'],
    ['let x = (); x = "a";', 'string'],
    ['let x = |a| a;', 'Fn'],
    ['let x = y ?? "a";', '?'],
  ])('%s is %s', (source, expected) => {
    expect(shape(source)).toBe(expected);
  });

  it('follows the script API', () => {
    expect(shape('let x = req.method;')).toBe('string');
    expect(shape('let x = reply(200).header("a", "b");')).toBe('Reply');
    expect(shape('let x = req.query.all("a");')).toMatch(/^\[/);
    expect(shape('let x = req.json();')).toBe('?');
    expect(shape('let x = text::encode_uri("a");')).toBe('string');
  });

  it('follows functions and closures', () => {
    expect(shape('fn f() { if a { return 1; } 2 } let x = f();')).toBe('int');
    expect(shape('fn f(n) { f(n - 1) } let x = f(1);')).toBe('?');
    expect(shape('let f = |a| "b"; let x = f.call(1);')).toBe('string');
    expect(shape('let x = [1].map(|n| n + 0.5);')).toBe('[float]');
  });

  it('knows what goes through a loop or a closure', () => {
    expect(shape('for x in [#{a: 1}] {}')).toBe('#{a: int}');
    expect(shape('for (y, x) in "abc" {}')).toBe('int');
    expect(shape('[1.5].filter(|x| x)')).toBe('float');
    expect(shape('[1.5].reduce(|sum, x| sum)')).toBe('float');
  });

  it('knows the fields of maps, also those that come later', () => {
    expect(shape('let x = #{a: 1, "b": #{c: "d"}};')).toBe('#{a: int, b: #{c: string}}');
    expect(shape('let x = #{}; x.a = 1; x.b = #{}; x.b.c = 2; x["d"] = 3;')).toBe(
      '#{a: int, b: #{c: int}, d: int}',
    );
  });

  it('goes over to other scripts', () => {
    const options = app({ m: 'export const C = #{a: 1}; fn f() { "a" }' });
    expect(shape('import "m" as m; let x = m::C;', options)).toBe('#{a: int}');
    expect(shape('import "m" as m; let x = m::f();', options)).toBe('string');
  });
});
