import { describe, expect, it } from 'vitest';

import { rename } from '..';
import type { Options } from '..';
import { app, at, edited } from '../testing';

function renamed(marked: string, name: string, options: Options = {}): string {
  const [analysis, offset] = at(marked, options);
  const answer = rename(analysis, offset, name);
  return 'refused' in answer ? `refused: ${answer.refused}` : edited(analysis.tree.source, answer.edits);
}

describe('renames', () => {
  it('a variable where it is declared and used, and nothing else of that name', () => {
    expect(renamed('let ¦a = #{a: 1}; a.a; { let a = 2; a } "a"', 'b')).toBe(
      'let b = #{a: 1}; b.a; { let a = 2; a } "a"',
    );
  });

  it('from a usage, and a parameter', () => {
    expect(renamed('fn f(a) { ¦a + 1 }', 'b')).toBe('fn f(b) { b + 1 }');
    expect(renamed('[1].map(|a| a + ¦a)', 'b')).toBe('[1].map(|b| b + b)');
  });

  it('a function with its overloads, pointers and method calls', () => {
    expect(renamed('fn ¦f() {} fn f(a) {} f(); 1.f(2); Fn("f"); let g = f;', 'h')).toBe(
      'fn h() {} fn h(a) {} h(); 1.h(2); Fn("h"); let g = h;',
    );
  });

  it('what is exported, under the name that others know', () => {
    expect(renamed('let ¦a = 1; export a;', 'b')).toBe('let b = 1; export b as a;');
  });

  it('an import alias', () => {
    expect(renamed('import "m" as ¦m; m::f()', 'n')).toBe('import "m" as n; n::f()');
  });
});

describe('refuses', () => {
  it.each(['if', 'print', 'new', 'this', '_', '1a', 'a b', 'ä', ''])('the name `%s`', (name) => {
    expect(renamed('let ¦a = 1;', name)).toMatch(/^refused/);
  });

  it('what would mean something else', () => {
    expect(renamed('let ¦a = 1; { let b = 2; a + b }', 'b')).toMatch(/means something else in line 1/);
    expect(renamed('let b = 1; { let ¦a = 2; b }', 'b')).toMatch(/means something else/);
    expect(renamed('let ¦a = 1; req', 'req')).toMatch(/means something else/);
    expect(renamed('fn ¦f() {} fn g() {}', 'g')).toMatch(/already/);
  });

  it('but not what is only of the same name elsewhere', () => {
    expect(renamed('{ let b = 1; b } let ¦a = 1; a', 'b')).toBe('{ let b = 1; b } let b = 1; b');
  });

  it('fields, and what belongs to the API or to other scripts', () => {
    expect(renamed('let o = #{a: 1}; o.¦a', 'b')).toMatch(/^refused: Fields/);
    expect(renamed('¦req', 'b')).toMatch(/^refused: Only/);
    const options = app({ util: 'fn inc(a) {}', main: 'import "util" as u; u::inc(1)' }, 'main');
    expect(renamed('import "util" as u; u::¦inc(1)', 'b', options)).toMatch(/^refused: Only/);
    expect(renamed('fn ¦inc(a) {}', 'b', { ...options, name: 'util' })).toMatch(/^refused: .*`main`/);
    expect(renamed('1 ¦+ 2', 'b')).toMatch(/^refused/);
  });
});
