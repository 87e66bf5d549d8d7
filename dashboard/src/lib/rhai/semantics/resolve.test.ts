import { describe, expect, it } from 'vitest';

import { analyse, docOf } from '..';
import { api, at } from '../testing';

/** For each usage `name -> line:column of its declaration`, or what it is instead. */
function meanings(source: string): string[] {
  return analyse(source, { api }).usages.map(({ name, declaration, known, meant }) => {
    if (!declaration) return `${name} ${known ? 'known' : meant ? 'meant' : 'unknown'}`;
    return `${name} -> ${declaration.kind} ${declaration.from}`;
  });
}

/** The scope around `¦`, from inside to outside. */
function scopes(marked: string): string[] {
  const [analysis, offset] = at(marked);
  const around = analysis.scopes.filter((scope) => scope.from <= offset && offset <= scope.to);
  return around.sort((a, b) => b.depth - a.depth).map((scope) => scope.kind);
}

describe('variables', () => {
  it('mean the latest declaration before them', () => {
    expect(meanings('let x = 1; let x = x; x')).toEqual(['x -> variable 4', 'x -> variable 15']);
  });

  it('are seen in inner blocks, not behind them', () => {
    expect(meanings('{ let a = 1; { a } } a')).toEqual(['a -> variable 6', 'a unknown']);
  });

  it('are not seen before they are declared, and not in their own value', () => {
    expect(meanings('x; let x = x;')).toEqual(['x unknown', 'x unknown']);
  });

  it('of `for` and its counter are seen in the body only', () => {
    expect(meanings('for (x, i) in x { x; i } x')).toEqual([
      'x unknown',
      'x -> loop 5',
      'i -> loop 8',
      'x unknown',
    ]);
  });

  it('of `catch` are seen in its block', () => {
    expect(meanings('try { e } catch (e) { e }')).toEqual(['e unknown', 'e -> catch 17']);
  });

  it('of a `do` block are not seen in its condition', () => {
    expect(meanings('do { let q = 1; } while q')).toEqual(['q unknown']);
  });

  it('that every script has are known', () => {
    expect(meanings('req; fn f() { ctx }')).toEqual(['req known', 'ctx known']);
  });

  it('in a hole of a template stay in it', () => {
    expect(meanings('`${ let a = 1; a }`; a')).toEqual(['a -> variable 8', 'a unknown']);
  });

  it('are captured by closures', () => {
    const { usages } = analyse('let x = 1; |y| x + y');
    expect(usages.map(({ name, captured }) => [name, captured])).toEqual([
      ['x', true],
      ['y', false],
    ]);
  });
});

describe('functions', () => {
  it('are found by name and number of arguments, wherever they stand', () => {
    expect(meanings('f(1); fn f() {} fn f(a) {}')).toEqual(['f -> function 19']);
  });

  it('do not see the variables around them', () => {
    expect(meanings('let x = 1; const C = 2; fn f(a) { a; x; C; global::C }')).toEqual([
      'a -> parameter 29',
      'x meant',
      'C meant',
      'global known',
      'C -> constant 17',
    ]);
  });

  it('see the modules that are imported at the top level, also below them', () => {
    expect(meanings('fn f() { m::g() } import "m" as m;')).toEqual(['m -> import 32']);
  });

  it('are pointers when only named, also in a text', () => {
    expect(meanings('fn f() {} let g = f; Fn("f")')).toEqual([
      'f -> function 3',
      'Fn known',
      'f -> function 3',
    ]);
  });

  it('may be called on a value', () => {
    expect(meanings('fn f(a) { this } 1.f(2); 1.f()')).toEqual(['f -> function 3']);
  });

  it('of a type cannot be called without a value', () => {
    expect(meanings('fn int.dbl() { this } 4.dbl(); dbl()')).toEqual(['dbl -> function 7', 'dbl meant']);
  });
});

describe('scopes', () => {
  it('are made by functions, closures, blocks, loops, catch, holes and arms', () => {
    expect(scopes('fn f() { ¦ }')).toEqual(['fn', 'script']);
    expect(scopes('if a { |x| ¦x }')).toEqual(['closure', 'block', 'script']);
    expect(scopes('for a in b { ¦ }')).toEqual(['for', 'script']);
    expect(scopes('try { } catch { ¦ }')).toEqual(['catch', 'script']);
    expect(scopes('`${ ¦ }`')).toEqual(['hole', 'script']);
    expect(scopes('switch a { 1 => { ¦ } }')).toEqual(['arm', 'script']);
  });

  it('go on where their end is not written yet', () => {
    expect(scopes('fn f(a) {\n  let b = 1;\n  ¦')).toEqual(['fn', 'script']);
  });
});

describe('comments', () => {
  const doc = (source: string) => {
    const analysis = analyse(source);
    return docOf(analysis, analysis.declarations[0]!);
  };

  it('above a declaration belong to it', () => {
    expect(doc('/// Adds\n/// one.\nfn f(a) {}')).toBe('Adds\none.');
    expect(doc('/** Adds\n  * one.\n  */\nprivate fn f(a) {}')).toBe('Adds\none.');
    expect(doc('// The limit.\nconst MAX = 1;')).toBe('The limit.');
  });

  it('with a blank line between do not', () => {
    expect(doc('// A script.\n\nconst MAX = 1;')).toBe('');
  });

  it('at the end of another line do not', () => {
    expect(doc('1; // one\nconst MAX = 1;')).toBe('');
  });
});
