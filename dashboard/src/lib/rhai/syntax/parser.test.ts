import { describe, expect, it } from 'vitest';

import { parse, type ParseOptions } from './parser';
import type { Node } from './tree';
import { forEachChild, pathAt } from './walk';

/** The shape of a script: kinds and, for names and operators, their text. */
function shape(source: string, options?: ParseOptions): string {
  const { root } = parse(source, options);
  return root.items.map(shapeOf).join('; ');
}

function shapeOf(node: Node): string {
  if (node.kind === 'name' || node.kind === 'variable') return node.text || '‸';
  const children: string[] = [];
  forEachChild(node, (child) => void children.push(shapeOf(child)));
  const name = 'op' in node ? node.op : node.kind === 'literal' ? node.type : node.kind;
  return children.length ? `(${name} ${children.join(' ')})` : name;
}

/** `code: text` of each error. */
function errors(source: string, options?: ParseOptions): string[] {
  return parse(source, options).errors.map(({ code, from, to }) => `${code}: ${source.slice(from, to)}`);
}

/** The text after the fix of its first error. */
function fixed(source: string): string {
  let text = source;
  const edits = [...parse(source).errors[0]!.fix!.edits].sort((a, b) => b.from - a.from);
  for (const { from, to, insert } of edits) text = text.slice(0, from) + insert + text.slice(to);
  return text;
}

describe('expressions', () => {
  it('take names of the API that are words of the language elsewhere', () => {
    for (const source of ['log::debug("x")', 'invoke::call("price", 1)']) expect(errors(source)).toEqual([]);
    expect(errors('queue::call(1)')).toEqual(['missing-name: call']);
  });

  it('bind as in Rhai: shifts tightest, `**` from the right, prefixes before all', () => {
    expect(shape('a + b * c << d')).toBe('(+ a (* b (<< c d)))');
    expect(shape('a ** b ** c')).toBe('(** a (** b c))');
    expect(shape('-a ** b')).toBe('(** (- a) b)');
    expect(shape('!x in y')).toBe('(in (! x) y)');
    expect(shape('a || b && c == d')).toBe('(|| a (&& b (== c d)))');
    expect(shape('a ?? b < c')).toBe('(< (?? a b) c)');
  });

  it('are chains of links, flat', () => {
    expect(shape('a.b[c]?.d(e)?[f]')).toBe('(chain a (. b) ([ c) (?. d (args e)) (?[ f))');
    expect(shape('x\n[0]')).toBe('(chain x ([ int))');
    expect(shape('-a.b')).toBe('(- (chain a (. b)))');
  });

  it('call names and paths only', () => {
    expect(shape('f(a, b,)')).toBe('(call f (args a b))');
    expect(shape('f!()')).toBe('(call f args)');
    expect(shape('a::b::c(d)')).toBe('(call (path a b c) (args d))');
    expect(errors('(f)(x)')).toEqual(['missing-semicolon: (']);
  });

  it('have ranges that may be open', () => {
    expect(shape('a[1..]; a[..2]; x(..)')).toBe(
      '(chain a ([ (.. int))); (chain a ([ (.. int))); (call x (args ..))',
    );
  });

  it('may be blocks, `if`, `switch` and loops', () => {
    expect(shape('let x = if a { 1 } else { 2 }.abs()')).toBe(
      '(let x (chain (if a (block int) (block int)) (. abs args)))',
    );
    expect(shape('x = loop { break 5 }')).toBe('(= x (loop (block (jump int))))');
    expect(shape('a ?? return 5')).toBe('(?? a (jump int))');
  });

  it('have closures, whose body is a statement', () => {
    expect(shape('|a, b| a + b')).toBe('(closure (params a b) (+ a b))');
    expect(shape('|| x += 1')).toBe('(closure params (+= x int))');
  });

  it('have templates of texts and blocks', () => {
    expect(shape('`a ${b} c`')).toBe('(template text (block b) text)');
    expect(shape('`${let a = 1; a}`')).toBe('(template text (block (let a int) a) text)');
  });

  it('may be all there is', () => {
    expect(errors('a + 1', { mode: 'expression' })).toEqual([]);
    expect(errors('if a { 1 } else { 2 }', { mode: 'expression' })).toEqual([]);
    expect(errors('let x = 1', { mode: 'expression' })).toEqual(['missing-expression: let']);
    expect(errors('if a { 1; 2 }', { mode: 'expression' })).toEqual(['unexpected: ;']);
  });
});

describe('statements', () => {
  it('that are blocks end by themselves and take no operators', () => {
    expect(shape('{5}[0]; if a {} -1')).toBe('(block int); (array int); (if a block); (- int)');
  });

  it('have functions with receivers, and exports with new names', () => {
    expect(shape('private fn int.f(a) { this + a }')).toBe('(fn int f (params a) (block (+ this a)))');
    expect(shape('export let x = 1; export x as y')).toBe('(export (let x int)); (export x y)');
  });

  it('have loops, `try` and `switch` with all their parts', () => {
    expect(shape('for (a, i) in b {}')).toBe('(for a i b block)');
    expect(shape('do {} until a')).toBe('(do block a)');
    expect(shape('try {} catch (e) {}')).toBe('(try block e block)');
    expect(shape('switch a { 1 | 2 if b => c, 3..5 => { d } _ => e }')).toBe(
      '(switch a (arm int int b c) (arm (.. int int) (block d)) (arm e))',
    );
  });
});

describe('what Rhai refuses though its form is right', () => {
  it.each([
    ['const a = 1; a = 2', 'assignment-to-constant: a'],
    ['f() = 1', 'bad-target: f()'],
    ['a.b().c = 1', 'bad-target: b'],
    ['if |x| x {}', 'not-boolean: |x| x'],
    ['true && |x| |y| x', 'not-boolean: |x| |y| x'],
    ['if 1 {}', 'not-boolean: 1'],
    ['a && "b"', 'not-boolean: "b"'],
    ['for a in 5 {}', 'not-iterable: 5'],
    ['[1]["a"]', 'bad-index: "a"'],
    ['#{a: 1, "a": 2}', 'duplicate-property: "a"'],
    ['|a, a| 1', 'duplicate-name: a'],
    ['break', 'outside-loop: break'],
    ['loop { |x| break }', 'outside-loop: break'],
    ['this', 'this-outside-function: this'],
    ['{ fn f() {} }', 'inner-function: fn'],
    ['{ export let a = 1 }', 'inner-export: export'],
    ['fn f(a) {} fn f(b) {}', 'duplicate-function: fn f'],
    ['switch a { b => 1 }', 'bad-pattern: b'],
    ['switch a { 1..3 => 1, 2 => 2 }', 'number-after-range: 2'],
    ['switch a { _ => 1, 2 => 2 }', 'default-not-last: _'],
    ['a.print()', 'reserved-word: print'],
  ])('%s', (source, error) => {
    expect(errors(source)).toEqual([error]);
  });

  it('lets closures and functions have their own variables', () => {
    expect(errors('const a = 1; fn f() { a = 2 } let g = || a = 3; { let a = 4; a = 5; }')).toEqual([]);
    expect(errors('const a = 1; { let a = 4; } a = 5')).toEqual(['assignment-to-constant: a']);
  });

  it('nests no deeper than the limit, and has a tree all the same', () => {
    const source = Array(100).fill('a').join(' + ');
    expect(errors(source)).toEqual([]);
    expect(errors(source, { depth: [64, 32] })).toHaveLength(1);
    expect(shape('f(g(h(1)))', { depth: [3, 3] })).toBe(
      '(call f (args (call g (args (call h (args int))))))',
    );
  });
});

describe('unfinished text', () => {
  it('has nameless nodes where something is missing', () => {
    expect(shape('x.')).toBe('(chain x (. ‸))');
    expect(shape('x?.\nlet y = 1')).toBe('(chain x (?. ‸)); (let y int)');
    expect(shape('a::')).toBe('(path a ‸)');
    expect(shape('f(1,')).toBe('(call f (args int))');
    expect(shape('f(1, )')).toBe('(call f (args int))');
    expect(shape('import "')).toBe('(import string)');
    expect(shape('let x = ')).toBe('(let x ‸)');
    expect(shape('let ')).toBe('(let ‸)');
    expect(shape('a[')).toBe('(chain a ([ ‸))');
    expect(shape('#{a: ')).toBe('(map (field a ‸))');
    expect(shape('`a ${b.')).toBe('(template text (block (chain b (. ‸))))');
  });

  it('takes a word that is being typed for a name', () => {
    expect(shape('x.in')).toBe('(chain x (. in))');
  });

  it('has its errors reported once each', () => {
    expect(errors('let x = ;\nlet y = 1 +;\nlet = 3;')).toEqual([
      'missing-expression: ;',
      'missing-expression: ;',
      'missing-name: =',
    ]);
    expect(errors('if x {\n  foo(\n}\nlet y = 2;')).toEqual(['missing-expression: }']);
    expect(errors('let a = (1, 2);\nlet b = 3;')).toEqual(['missing-token: ,']);
    expect(errors('if true 1 else 2')).toEqual(['missing-block: 1']);
  });

  it('does not blame a `switch` for what is wrong in one of its cases', () => {
    expect(errors('let y = switch 1 { _ => #{ let x = 1; x } };\ny')).toEqual(['block-as-map: let']);
    expect(errors('switch 1 { _ => #{ f(1); x }, }')).toEqual(['block-as-map: f']);
    expect(errors('switch 1 { 1 => #{ if a { 1 } }, _ => 3 }')).toEqual(['block-as-map: if']);
    expect(errors('switch 1 { _ => #{ a: 1; b: 2 } }')).toEqual(['missing-comma: ;']);
    expect(errors('switch 1 { _ => 1 +, 2 => 2 }')).toEqual(['missing-expression: ,']);
    expect(errors('switch 1 { _ => { let x = 1; x } }')).toEqual([]);
  });

  it('takes statements in `#{` for a block', () => {
    expect(shape('switch a { _ => #{ let x = 1; x } }')).toBe('(switch a (arm (block (let x int) x)))');
    expect(shape('#{ a: 1; b: 2 }')).toBe('(map (field a int) (field b int))');
    expect(errors('let m = #{ a: 1;\nlet b = 2;')).toEqual(['missing-comma: ;']);
  });

  it('begins anew at a function in the first column', () => {
    const source = 'fn f() {\n  if a {\n    b();\n}\nfn g() { 1 }';
    expect(errors(source)).toEqual(['missing-brace: fn']);
    expect(shape(source)).toMatch(/; \(fn g params \(block int\)\)$/);
  });
});

describe('fixes', () => {
  it.each([
    ['let a = 1\nlet b = 2', 'let a = 1;\nlet b = 2'],
    ['f(a b)', 'f(a, b)'],
    ['f(a;', 'f(a);'],
    ['a === b', 'a == b'],
    ['if a = b {}', 'if a == b {}'],
    ['a++', 'a += 1'],
    ['x = a ? b : c', 'x = if a { b } else { c }'],
    ['var a = 1', 'let a = 1'],
    ['a = null', 'a = ()'],
    ['let a: int = 1', 'let a = 1'],
    ['fn f(a) -> int { a }', 'fn f(a) { a }'],
    ['let a =\u00a01', 'let a = 1'],
    ["let a = 'bc'", 'let a = "bc"'],
    ['# {a: 1}', '#{a: 1}'],
    ['for a b {}', 'for a in b {}'],
    ['let y = #{ let x = 1; x }', 'let y = { let x = 1; x }'],
    ['let y = #{a: 1; b: 2}', 'let y = #{a: 1, b: 2}'],
  ])('%s', (source, result) => {
    expect(fixed(source)).toBe(result);
    expect(errors(result)).toEqual([]);
  });
});

describe('the path at an offset', () => {
  it('leads to the innermost node, also at its end', () => {
    const source = 'foo(bar.baz)';
    const kinds = pathAt(parse(source).root, 11).map(({ kind }) => kind);
    expect(kinds).toEqual(['script', 'call', 'args', 'chain', 'property', 'name']);
  });
});
