// Text to tree. Any text gives a tree, in linear time; what Rhai's parser refuses is in its errors.
import { lex } from './lexer';
import { lexicalProblem } from './messages';
import { advance, expected, is, newScope, skip, textOf, type Parser } from './parse-core';
import { expression } from './parse-operators';
import { statements } from './parse-statements';
import type { Script, Tree } from './tree';

export interface ParseOptions {
  /** `expression`: one expression and no statements, as Rhai's `compile_expression`. */
  mode?: 'script' | 'expression';
  /** How deep the top level and functions may nest: PiCloud's limits when left out. */
  depth?: readonly [script: number, fn: number];
}

/** What PiCloud's guest sets, at the top level and in functions. */
const DEPTH = [128, 128] as const;

export function parse(source: string, { mode = 'script', depth = DEPTH }: ParseOptions = {}): Tree {
  const { tokens, comments, errors, odd } = lex(source);
  const expressionsOnly = mode === 'expression';
  const p: Parser = {
    source,
    tokens,
    at: -1,
    kind: 'bad',
    to: 0,
    problems: [],
    blamed: -1,
    reported: new Set(errors.map(({ from }) => from)),
    depth: depth[0],
    functionDepth: depth[1],
    tooDeep: false,
    global: true,
    breakable: false,
    inFunction: false,
    inPattern: false,
    expressionsOnly,
    noBlocks: expressionsOnly,
    scope: newScope(),
    free: null,
    functions: new Set(),
  };
  advance(p);
  const items = expressionsOnly ? [soleExpression(p)] : statements(p, 0);
  const root: Script = {
    kind: 'script',
    from: 0,
    to: source.length,
    first: 0,
    end: tokens.length - 1,
    items,
  };
  const problems = errors.map((error) => lexicalProblem(source, error)).concat(p.problems);
  problems.sort((a, b) => a.from - b.from);
  return { source, root, tokens, comments, odd, errors: problems };
}

function soleExpression(p: Parser) {
  const node = expression(p, 0);
  if (!is(p, 'end')) {
    expected(p, 'unexpected', `\`${textOf(p)}\` has no place after the expression.`);
    while (!is(p, 'end')) {
      skip(p, []);
      advance(p);
    }
  }
  return node;
}
