import { describe, expect, it } from 'vitest';

import { definition, highlights, moduleSeenAt, outline, references } from '..';
import type { Options } from '..';
import { app, at } from '../testing';

/** The text that is gone to, with its script. */
function target(marked: string, options: Options = {}): string | null {
  const [analysis, offset] = at(marked, options);
  const found = definition(analysis, offset);
  if (!found) return null;
  const { from, to, module } = found;
  const source = module === undefined ? analysis.tree.source : options.modules!(module)!;
  return `${module ?? ''}:${from}:${source.slice(from, to)}`;
}

describe('the definition', () => {
  it('of variables, parameters and functions', () => {
    expect(target('let a = 1; { let a = 2; ¦a }')).toBe(':17:a');
    expect(target('fn f(p) { ¦p }')).toBe(':5:p');
    expect(target('f¦(1); fn f(a) {} fn f() {}')).toBe(':9:f');
    expect(target('fn f() {} Fn("¦f")')).toBe(':3:f');
  });

  it('of a variable that cannot be seen, all the same', () => {
    expect(target('let a = 1; fn f() { ¦a }')).toBe(':4:a');
  });

  it('of a field is where the map gets it', () => {
    expect(target('let o = #{a: 1}; o.¦a')).toBe(':10:a');
    expect(target('let o = #{}; o.b = 1; o.¦b')).toBe(':15:b');
  });

  it('in other scripts', () => {
    const options = app({ util: 'import "deep" as deep; fn inc(a) {}', deep: 'export const D = #{x: 1};' });
    expect(target('import "util" as u; u::¦inc(1)', options)).toBe('util:26:inc');
    expect(target('import "util" as u; u::deep::¦D', options)).toBe('deep:13:D');
    expect(target('import "util" as u; u::¦deep::D', options)).toBe('deep:0:');
    expect(target('import "u¦til" as u;', options)).toBe('util:0:');
    expect(target('import "util" as u; u::deep::D.¦x', options)).toBe('deep:19:x');
  });

  it('of what belongs to the API is nowhere', () => {
    expect(target('¦req')).toBeNull();
    expect(target('¦print(1)')).toBeNull();
  });
});

describe('usages', () => {
  it('come with their lines', () => {
    expect(references(...at('let ¦a = 1;\n  a += 2; // more\nprint(a)'))).toEqual([
      { from: 4, to: 5, kind: 'declaration', line: 1, text: 'let a = 1;', at: 4 },
      { from: 13, to: 14, kind: 'write', line: 2, text: 'a += 2; // more', at: 0 },
      { from: 35, to: 36, kind: 'read', line: 3, text: 'print(a)', at: 6 },
    ]);
  });

  it('are found in all scripts', () => {
    const scripts = { util: 'fn inc(a) {}\ninc(1)', main: 'import "util" as u;\nu::inc(1)', other: '1' };
    const found = references(...at('import "util" as u;\nu::¦inc(1)', app(scripts, 'main')));
    expect(found.map(({ module, from, kind }) => [module, from, kind])).toEqual([
      [undefined, 23, 'read'],
      ['util', 3, 'declaration'],
      ['util', 13, 'read'],
    ]);
    const fromUtil = references(...at('fn ¦inc(a) {}\ninc(1)', app(scripts, 'util')));
    expect(fromUtil.map(({ module, line }) => [module, line])).toEqual([
      [undefined, 1],
      [undefined, 2],
      ['main', 2],
    ]);
  });

  it('are found behind a longer path, and of a module that is being written', () => {
    const scripts = {
      util: 'fn inc(a) {}',
      mid: 'import "util" as u; u::inc(1)',
      main: 'import "mid" as m; m::u::inc(1); m::u::inc(1, 2)',
    };
    const found = references(...at('// More.\nfn ¦inc(a) {} fn inc(a, b) {}', app(scripts, 'util')));
    expect(found.map(({ module, from }) => `${module ?? ''}:${from}`)).toEqual([
      ':12',
      ':25',
      'mid:23',
      'main:25',
      'main:39',
    ]);
  });

  it('are looked for only in the scripts that are named', () => {
    const asked: string[] = [];
    const scripts: Record<string, string> = { util: 'fn inc(a) {}', main: 'import "util" as u; u::inc(1)' };
    const options = { ...app(scripts, 'util'), modules: (name: string) => (asked.push(name), scripts[name]) };
    const [analysis, offset] = at('fn ¦inc(a) {}', options);
    expect(references(analysis, offset, [])).toHaveLength(1);
    expect(asked).toEqual([]);
    expect(references(analysis, offset, ['main'])).toHaveLength(2);
  });

  it('can be in other scripts when it is a member of a module', () => {
    const scripts = { util: 'fn inc(a) {}\nprivate fn own() {}', main: '' };
    const seen = (marked: string, options: Options = {}) => moduleSeenAt(...at(marked, options));
    expect(seen('import "util" as u; u::¦inc(1)', app(scripts, 'main'))).toBe('util');
    expect(seen('fn ¦inc(a) {}', app(scripts, 'util'))).toBe('util');
    expect(seen('fn ¦inc(a) {}', { ...app(scripts, 'main'), kind: 'endpoint' })).toBeUndefined();
    expect(seen('private fn ¦own() {}', app(scripts, 'util'))).toBeUndefined();
    expect(seen('const ¦A = 1; export A as B;', app(scripts, 'util'))).toBe('util');
    expect(seen('fn f(¦a) {}', app(scripts, 'util'))).toBeUndefined();
  });

  it('are highlighted', () => {
    expect(highlights(...at('let a = 1; ¦a = 2; a'))).toEqual([
      { from: 4, to: 5, write: true },
      { from: 11, to: 12, write: true },
      { from: 18, to: 19, write: false },
    ]);
    expect(highlights(...at('¦req; req'))).toHaveLength(2);
    expect(highlights(...at('"¦a"'))).toEqual([]);
  });
});

it('the outline has functions with what is in them', () => {
  const [analysis] = at('const A = 1;\nfn f(a) { let b = |x| x; }\nimport "m" as m;');
  const flat = outline(analysis).map(({ name, kind, detail, children }) => ({
    name,
    kind,
    detail,
    children: children.map((child) => child.name),
  }));
  expect(flat).toEqual([
    { name: 'A', kind: 'constant', detail: '', children: [] },
    { name: 'f', kind: 'function', detail: '(a)', children: ['b'] },
    { name: 'm', kind: 'import', detail: '', children: [] },
  ]);
});
