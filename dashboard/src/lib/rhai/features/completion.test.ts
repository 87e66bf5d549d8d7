import { describe, expect, it } from 'vitest';

import { complete } from '..';
import type { CompletionItem, Options } from '..';
import { app, at } from '../testing';

function items(marked: string, options: Options = {}, explicit = false): CompletionItem[] {
  return complete(...at(marked, options), explicit)?.items ?? [];
}

const labels = (marked: string, options: Options = {}, explicit = false): string[] =>
  items(marked, options, explicit).map((item) => item.label);

/** Those of the wanted labels that are proposed, in order. */
const among = (marked: string, ...wanted: string[]): string[] =>
  labels(marked).filter((label) => wanted.includes(label));

describe('names', () => {
  it('are those that can be seen, the nearest first', () => {
    expect(labels('let far = 1; { let near = 2; { let nearest = 3; n¦ } }').slice(0, 3)).toEqual([
      'nearest',
      'near',
      'far',
    ]);
  });

  it('in a function are its own, and other functions', () => {
    const source = 'let outside = 1; fn other() {} fn f(a) { let b = 2; x¦ }';
    expect(among(source, 'outside', 'other', 'a', 'b', 'req')).toEqual(['a', 'b', 'req', 'other']);
  });

  it('are not proposed before they are declared', () => {
    expect(among('a¦; let abc = 1;', 'abc')).toEqual([]);
  });

  it('are known in a block that is not finished', () => {
    expect(among('fn f(abc) {\n  let def = 1;\n  a¦', 'abc', 'def')).toEqual(['abc', 'def']);
  });

  it('say what they are', () => {
    expect(items('/// Adds.\nfn add(a, b) { 1 }\na¦').find((item) => item.label === 'add')).toEqual({
      label: 'add',
      kind: 'function',
      detail: 'fn add(a, b) -> int',
      doc: 'Adds.',
      snippet: 'add(${})',
      rank: 45,
    });
  });
});

describe('nothing is proposed', () => {
  it.each([
    'let n¦',
    'fn n¦',
    'fn f(n¦) {}',
    '|n¦| 1',
    'for n¦ in x {}',
    '// n¦',
    '/* n¦ */',
    '"n¦"',
    '`n¦`',
    "'n¦'",
    '12¦',
    '1.5¦',
    '#{ n¦: 1 }',
    '#{ a: 1, n¦ }',
    'import "a" as n¦',
  ])('in %s', (marked) => {
    expect(labels(marked)).toEqual([]);
  });
});

describe('keywords', () => {
  const words = (marked: string) =>
    items(marked)
      .filter((item) => item.kind === 'keyword')
      .map((item) => item.label);

  it('of statements where one may begin', () => {
    expect(words('l¦')).toEqual(expect.arrayContaining(['let', 'fn', 'export', 'import', 'return']));
    expect(words('{ l¦ }')).not.toContain('fn');
    expect(words('let a = l¦')).not.toContain('let');
    expect(words('let a = l¦')).toContain('if');
  });

  it('of loops only in loops', () => {
    expect(words('loop { b¦ }')).toContain('break');
    expect(words('b¦')).not.toContain('break');
    expect(words('loop { [].map(|x| { b¦ }) }')).not.toContain('break');
  });

  it('that go on with what is there', () => {
    expect(words('if a { } e¦')[0]).toBe('else');
    expect(words('try { } c¦')[0]).toBe('catch');
    expect(words('do { } u¦').slice(0, 2).sort()).toEqual(['until', 'while']);
    expect(words('for a i¦')).toEqual(['in']);
    expect(words('import "a" a¦')).toEqual(['as']);
  });

  it('after `export` and `private`', () => {
    expect(words('export c¦')).toEqual(['const', 'let']);
    expect(labels('let abc = 1; export a¦')).toEqual(['const', 'let', 'abc']);
    expect(words('let abc = 1; export abc a¦')).toEqual(['as']);
    expect(words('private f¦')).toEqual(['fn']);
    expect(labels('export let n¦')).toEqual([]);
  });

  it('have templates with tab stops', () => {
    const found = items('f¦').find((item) => item.kind === 'snippet' && item.label === 'fn');
    expect(found?.snippet).toBe('fn ${name}(${params}) {\n\t${}\n}');
  });
});

describe('members', () => {
  it('of a map are its fields, then the methods of maps', () => {
    expect(labels('let o = #{a: 1, b: 2}; o.c = 3; o.¦').slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect(labels('let o = #{a: 1}; o.¦')).toContain('keys');
  });

  it('of maps in maps, and of items', () => {
    expect(labels('let o = #{a: #{b: 1}}; o.a.¦')[0]).toBe('b');
    expect(labels('let all = [#{name: "x"}]; all.filter(|it| it.¦)')[0]).toBe('name');
    expect(labels('fn f() { #{ok: true} } f().¦')[0]).toBe('ok');
  });

  it('of the request and the reply', () => {
    expect(labels('req.¦')).toEqual(expect.arrayContaining(['method', 'query', 'json']));
    expect(labels('reply(200).¦')).toEqual(expect.arrayContaining(['header', 'json']));
    expect(labels('req.query.¦')).toContain('all');
  });

  it('of strings, arrays and numbers', () => {
    expect(labels('"a".¦')).toContain('to_upper');
    expect(labels('[1].¦')).toContain('filter');
    expect(labels('let n = 1; n.¦')).toContain('is_odd');
    expect(labels('let n = 1; n.¦')).not.toContain('to_upper');
  });

  it('have signatures and docs', () => {
    expect(items('reply().he¦').find((item) => item.label === 'header')).toMatchObject({
      detail: 'header(name: string, value: string) -> Reply',
      snippet: 'header(${})',
      doc: expect.stringContaining('Adds a header'),
    });
  });

  it('of a line that is not finished', () => {
    expect(labels('let o = #{a: 1};\no.¦\nlet b = 2;')[0]).toBe('a');
  });

  it('of a closure', () => {
    expect(items('let f = |a| a; f.¦')[0]).toMatchObject({ label: 'call', detail: 'call(..) -> any' });
    expect(labels('let n = 1; n.¦')).not.toContain('curry');
    expect(labels('let n = 1; n.¦')).toContain('call');
  });

  it('of what is caught', () => {
    expect(labels('try { req.json() } catch (e) { e.¦ }').slice(0, 3)).toEqual(['code', 'error', 'message']);
    expect(labels('try { } catch (e) { e.sku; e.¦ }')[0]).toBe('sku');
    expect(items('fn f(e) { e.¦ }').filter((it) => it.label === 'message')).toEqual([]);
  });

  it('are also what the language has for every value', () => {
    const own = ['call', 'curry', 'is_shared', 'type_of'];
    expect(labels('fn f(x) { x.¦ }').filter((it) => own.includes(it))).toEqual(own);
    expect(labels('let n = 1; n.¦')).toEqual(expect.arrayContaining(['is_shared', 'type_of']));
  });
});

describe('fields that are used of a value whose type is unknown', () => {
  const fields = (marked: string) =>
    items(marked)
      .filter((item) => item.detail === 'used elsewhere')
      .map((item) => item.label);

  it.each([
    ['fn f(order) { if order.paid { order["total"] = 1; } order.¦ }', 'paid total'],
    ['let b = req.json(); log::info(b.name); b.¦', 'name'],
    ['log::info(req.json().name); req.json().¦', 'name'],
    ['let b = req.json(); b.user.name; b.user.get("mail"); b.user.¦', 'mail name'],
    ['let b = req.json(); let u = b.user; b.user.name; u.¦', 'name'],
    ['for o in req.json() { o.id; o.¦ }', 'id'],
    ['let b = req.json(); for o in b.orders { o.id; } for p in b.orders { p.¦ }', 'id'],
    ['let b = req.json(); b.orders.filter(|o| o.paid).map(|p| p.¦)', 'paid'],
    ['let b = req.json(); b.orders[0].id; b.orders.find(|o| o.¦)', 'id'],
    ['fn double() { this.count *= 2; this.¦ }', 'count'],
    ['let m = #{}; if m.a == () { m.¦ }', 'a'],
    ['fn f(a) { a.x } fn g(a) { a.¦ }', ''],
    ['let b = req.json(); b = #{}; let c = req.json(); c.x; b.¦', ''],
    ['let s = "a"; s.x; s.¦', ''],
    ['fn f(order) { order.pa¦ }', ''],
  ])('%s', (marked, expected) => {
    expect(fields(marked).sort().join(' ')).toBe(expected);
  });

  it('come after those that are known', () => {
    expect(labels('fn f(o) { o.b; o.¦ } f(#{a: 1});').slice(0, 2)).toEqual(['a', 'b']);
  });
});

describe('fields of what a loop goes over', () => {
  it.each([
    'let a = [#{x: 1}]; for (o, i) in a { o.¦ }',
    'let a = []; a.push(#{x: 1}); for o in a { o.¦ }',
    'let a = []; a.insert(0, #{x: 1}); for o in a { o.¦ }',
    'let a = []; a.append([#{x: 1}]); for o in a { o.¦ }',
    'let a = []; a += #{x: 1}; for o in a { o.¦ }',
    'let a = []; a[0] = #{x: 1}; for o in a { o.¦ }',
    'let a = if b { [] } else { [#{x: 1}] }; for o in a { o.¦ }',
    'let a = [(), #{x: 1}]; for o in a { o.¦ }',
    'let m = #{list: []}; m.list.push(#{x: 1}); for o in m.list { o.¦ }',
    'let m = #{}; m.set("a", #{x: 1}); for o in m.values() { o.¦ }',
    'let m = #{}; m.mixin(#{a: #{x: 1}}); for o in m.values() { o.¦ }',
    'fn f(all) { for o in all { o.¦ } } f([#{x: 1}]);',
  ])('%s', (marked) => {
    expect(labels(marked)[0]).toBe('x');
  });
});

describe('modules', () => {
  const options = app(
    { util: '/// Adds.\nfn inc(a) {}\nprivate fn no() {}\nconst OWN = 1;\nexport const MAX = 1;', main: '' },
    'main',
  );

  it('of the API have members', () => {
    expect(labels('log::¦')).toEqual(['debug', 'error', 'info', 'warn']);
  });

  it('of the app have public functions and what they export', () => {
    expect(labels('import "util" as u; u::¦', options)).toEqual(['MAX', 'inc']);
    expect(items('import "util" as u; u::¦', options)[1]).toMatchObject({
      doc: 'Adds.',
      detail: 'fn inc(a)',
    });
  });

  it('are named in an import, without the script itself', () => {
    expect(labels('import "¦"', options)).toEqual(['util']);
    expect(complete(...at('import "ut¦il" as u;', options))).toMatchObject({ from: 8, to: 12 });
  });

  it('global has the constants', () => {
    expect(labels('const A = 1; let b = 2; fn f() { global::¦ }')).toEqual(['A']);
    const source = 'const ABC = 1; let abd = 2; fn f() { a¦ }';
    expect(items(source).find((it) => it.label === 'ABC')).toMatchObject({
      detail: '1',
      snippet: 'global::ABC',
    });
    expect(among(source, 'global', 'abd')).toEqual(['global']);
    expect(among('const ABC = 1; { let abc = 2; a¦ }', 'global', 'abc')).toEqual(['abc', 'global']);
    expect(among('let abc = 1; a¦', 'global')).toEqual([]);
    expect(items('const ABC = 1; a¦').find((it) => it.label === 'ABC')?.snippet).toBeUndefined();
  });
});

it('replaces the word before the offset', () => {
  expect(complete(...at('let abc = 1; ab¦'))).toMatchObject({ from: 13, to: 15 });
});

it('proposes at an empty place only when asked', () => {
  expect(labels('let abc = 1; ¦')).toEqual([]);
  expect(labels('let abc = 1; ¦', {}, true)[0]).toBe('abc');
});
