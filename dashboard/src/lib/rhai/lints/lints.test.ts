import { describe, expect, it } from 'vitest';

import { analyse, diagnosticsOf } from '..';
import { api, app, fixed, lint } from '../testing';

describe('unknown variables', () => {
  it('are told, with the name that was probably meant', () => {
    expect(lint('let total = 1; totl')).toEqual(['unused-variable: total', 'unknown-variable: totl']);
    expect(fixed('let total = 1; total + totl', 'unknown-variable')).toBe('let total = 1; total + total');
  });

  it('can be declared', () => {
    expect(fixed('if a {\n  b;\n}', 'unknown-variable', {}, 0)).toBe('let a = ();\nif a {\n  b;\n}');
    expect(fixed('x = 1; x', 'unknown-variable')).toBe('let x = 1; x');
  });

  it('are not told where `eval` or `f!()` may give them', () => {
    expect(lint('eval("let a = 1"); a')).toEqual(['eval: eval']);
    expect(lint('fn f() { a } let a = 1; f!()')).toEqual([]);
  });
});

describe('outer variables in a function', () => {
  it('that are constants are reached by `global`', () => {
    expect(lint('const C = 1; fn f() { C } f()')).toEqual(['outer-variable: C']);
    expect(fixed('const C = 1; fn f() { C } f()', 'outer-variable')).toBe(
      'const C = 1; fn f() { global::C } f()',
    );
  });

  it('that are no constants are not in `global`', () => {
    expect(lint('let v = 1; fn f() { global::v } f()')).toEqual(['outer-variable: v']);
  });
});

describe('calls', () => {
  it('of unknown functions are told', () => {
    expect(lint('parse_jsn("1")')).toEqual(['unknown-function: parse_jsn']);
    expect(fixed('parse_jsn("1")', 'unknown-function')).toBe('parse_json("1")');
    expect(lint('log::inf("x")')).toEqual(['unknown-member: inf']);
  });

  it('with the wrong number of arguments are told', () => {
    expect(lint('fn f(a) { a } f()')).toEqual(['wrong-arity: f']);
    expect(lint('reply(1, 2)')).toEqual(['wrong-arity: reply']);
    expect(lint('log::info()')).toEqual(['wrong-arity: info']);
    expect(lint('"a".trim(1)')).toEqual(['wrong-arity: trim']);
  });

  it('with an argument of another type are told', () => {
    expect(lint('kv::get(5)')).toEqual(['wrong-type: 5']);
    expect(lint('let key = 5; kv::get(key)')).toEqual(['wrong-type: key']);
    expect(lint('kv::get("a"); kv::get(req.path); kv::set("a", 5)')).toEqual([]);
    expect(lint('fn f(key) { kv::get(key) } f("a")')).toEqual([]);
    expect(lint('time::add(ctx.now, 5)')).toEqual(['wrong-type: 5']);
    expect(lint('time::add(ctx.now, "5m"); time::add(ctx.now, #{ days: 1 })')).toEqual([]);
    expect(lint('let price = decimal("1.10"); (price * 2).round(2); price.round(2).to_string()')).toEqual([]);
    expect(lint('decimal("1").rond(2)')).toEqual(['unknown-member: rond']);
    const [first] = diagnosticsOf(analyse('kv::get(5)', { api }));
    expect(first!.message).toBe('`kv::get` takes a string as `key`, and this is an int.');
  });

  it('of a closure by its name are told', () => {
    expect(lint('let f = |a| a; f(1)')).toEqual(['closure-call: f']);
    expect(fixed('let f = |a| a; f(1)', 'closure-call')).toBe('let f = |a| a; f.call(1)');
  });

  it('of what PiCloud leaves out weigh what the server says', () => {
    const all = diagnosticsOf(analyse('sleep(1); timestamp(); eval("1")', { api }));
    expect(all.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'warning unknown-function',
      'warning unknown-function',
      'error eval',
    ]);
  });

  it('of a method without its value are told', () => {
    expect(lint('fn int.dbl() { this * 2 } dbl(4)')).toEqual(['unknown-function: dbl']);
  });

  it('are not told without the API', () => {
    expect(diagnosticsOf(analyse('anything(1); other::thing(2)'))).toEqual([]);
  });
});

describe('members', () => {
  it('that a type does not have are told', () => {
    expect(lint('req.methd')).toEqual(['unknown-member: methd']);
    expect(fixed('req.methd', 'unknown-member')).toBe('req.method');
    expect(lint('"a".to_uper()')).toEqual(['unknown-member: to_uper']);
    expect(fixed('req.json', 'unknown-member')).toBe('req.json()');
  });

  it('of maps and unknown values are not', () => {
    expect(lint('let m = #{}; m.anything; req.json().anything; m.f(1)')).toEqual([]);
  });
});

describe('module names that can never be', () => {
  it.each([
    ['lib.rhai', 'lib'],
    ['./lib', 'lib'],
    ['../x', 'x'],
    ['lib/money.rhai', 'lib/money'],
    ['My-Lib', 'my_lib'],
    ['json', 'json_lib'],
  ])('%s is an error, and becomes %s', (name, meant) => {
    const source = `import "${name}" as m; m::f()`;
    const [first] = diagnosticsOf(analyse(source, { api }));
    expect(first).toMatchObject({ severity: 'error', code: 'bad-module-name' });
    expect(source.slice(first!.from, first!.to)).toBe(`"${name}"`);
    expect(fixed(source, 'bad-module-name')).toBe(`import "${meant}" as m; m::f()`);
  });
});

describe('values that are written later', () => {
  it.each([
    'let m = #{n: 0}; m.n = 2.5; m.n.floor()',
    'let a = [0]; a[0] = "s"; a[0].to_upper()',
    '([1].find(|x| x > 3) ?? "none").to_upper()',
    'req.query.page',
  ])('%s is no mistake', (source) => expect(lint(source)).toEqual([]));
});

it('chains of 2,000 functions are no exception', () => {
  const functions = Array.from({ length: 2000 }, (_, i) => `fn f${i}() { f${i + 1}() }`).join('\n');
  expect(lint(`${functions}\nfn f2000() { 1 }\nlet x = f0(); x.abs()`)).toEqual([]);
});

it('hints beside a syntax error are left out', () => {
  expect(lint('let a = 1; let b = ;').filter((text) => /^unused/.test(text))).toEqual([]);
});

describe('modules', () => {
  const options = app({
    util: 'fn inc(a) { a + 1 } private fn hidden() {} export const MAX = 1; const OWN = 2; export OWN as Own;',
  });
  const imported = (rest: string) => lint(`import "util" as u; ${rest}`, options);

  it('that are not there are told', () => {
    expect(lint('import "utl" as u; u::inc(1)', options)).toEqual(['unknown-module: "utl"']);
    expect(lint('util::inc(1)', options)).toEqual(['not-imported: util']);
    expect(fixed('util::inc(1)', 'not-imported', options)).toBe('import "util" as util;\nutil::inc(1)');
  });

  it('have public functions and what they export', () => {
    expect(imported('u::inc(u::MAX + u::Own)')).toEqual([]);
    expect(imported('u::OWN')).toEqual(['not-exported: OWN']);
    expect(imported('u::hidden()')).toEqual(['not-exported: hidden']);
    expect(imported('u::inc()')).toEqual(['wrong-arity: inc']);
  });

  it('hold only constants, imports and functions', () => {
    expect(lint('export const A = 1; let b = 2; fn f() {} b', { kind: 'module' })).toEqual([
      'module-statement: let b = 2',
      'module-statement: b',
    ]);
  });
});

describe('what is never used', () => {
  it('is a hint', () => {
    expect(lint('let a = 1;\n')).toEqual(['unused-variable: a']);
    expect(fixed('let a = 1;\n1', 'unused-variable')).toBe('1');
    expect(lint('import "x" as x;')).toEqual(['unused-import: x']);
    expect(lint('private fn f() { f() }')).toEqual(['unused-function: f']);
    expect(lint('fn f(a) {}')).toEqual(['unused-parameter: a']);
  });

  it('may be assigned all the same', () => {
    expect(lint('let a = 1; a = 2; a += 1;')).toEqual(['never-read: a']);
  });

  it('is nothing that others may use, or that says so', () => {
    expect(lint('export let a = 1; fn f() {} let _b = 2;')).toEqual([]);
    expect(lint('const A = 1; export A;', { kind: 'module' })).toEqual([]);
    expect(lint('import "m" as m;', { kind: 'module' })).toEqual([]);
    expect(lint('private fn f() {} Fn("f")')).toEqual([]);
  });
});

describe('constants', () => {
  it('cannot be assigned', () => {
    expect(lint('const A = 1; { A = 2; }').join()).toMatch(/constant/);
    expect(lint('req = 1;')).toEqual(['constant-assignment: req']);
  });

  it('cannot be changed in a part', () => {
    expect(lint('const A = #{a: 1}; A.a = 2;')).toEqual(['constant-property: A.a']);
    expect(fixed('const A = #{a: 1}; A.a = 2;', 'constant-property')).toBe('let A = #{a: 1}; A.a = 2;');
    expect(lint('req.method = "GET";')).toEqual(['constant-property: req.method']);
  });

  it('do not stand in the way of a variable of the same name', () => {
    expect(lint('const A = 1; let A = 2; A = 3; A').filter((text) => /^constant/.test(text))).toEqual([]);
  });
});

describe('code that is never reached', () => {
  it('stands behind a jump', () => {
    expect(lint('fn f() { return 1; 2; 3 } f()')).toEqual(['unreachable: 2; 3']);
    expect(lint('if a { throw 1; } else { return 2; } 3', {}).at(-1)).toBe('unreachable: 3');
  });

  it('is no function', () => {
    expect(lint('return f(); fn f() { 1 }')).toEqual([]);
  });
});

describe('captured loop variables', () => {
  it('are shared by the closures that outlive the loop', () => {
    const source = 'let all = [];\nfor i in 0..3 {\n  all.push(|| i);\n}\nall';
    expect(lint(source)).toEqual(['captured-loop-variable: i']);
    expect(fixed(source, 'captured-loop-variable')).toBe(
      'let all = [];\nfor i in 0..3 {\n  let this_i = i;\n  all.push(|| this_i);\n}\nall',
    );
  });

  it('are harmless in closures that are called at once', () => {
    expect(lint('for i in 0..3 { [1].map(|x| x + i); }')).toEqual([]);
  });
});

describe('what comes from other languages', () => {
  it.each([
    ['let a = 1; a === 1', 'let a = 1; a == 1'],
    ['let a = 1; a++; a', 'let a = 1; a += 1; a'],
    ['let a = true; let b = a ? 1 : 2; b', 'let a = true; let b = if a { 1 } else { 2 }; b'],
    ['let\u00a0a = 1; a', 'let a = 1; a'],
  ])('%s', (source, expected) => {
    const [first] = diagnosticsOf(analyse(source, { api }));
    expect(first?.severity).toBe('error');
    expect(fixed(source, first!.code)).toBe(expected);
  });

  it('doc comments belong before functions', () => {
    expect(lint('/// Doc.\nlet a = 1; a')).toEqual(['doc-comment: /// Doc.']);
    expect(fixed('/// Doc.\n/// More.\nlet a = 1; a', 'doc-comment')).toBe('// Doc.\n// More.\nlet a = 1; a');
    expect(lint('/// Doc.\nfn f() {}')).toEqual([]);
  });
});
