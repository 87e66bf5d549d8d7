import { describe, expect, it } from 'vitest';

import { definition, highlights, outline, references } from '..';
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
