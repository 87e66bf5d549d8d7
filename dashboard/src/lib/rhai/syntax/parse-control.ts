// What is both statement and expression: `if`, `switch` and the loops.
import {
  advance,
  declare,
  deeper,
  error,
  expect,
  expected,
  forget,
  gather,
  insertion,
  is,
  isTooDeep,
  missing,
  name,
  refuse,
  skip,
  startOf,
  startWith,
  startsLine,
  startsStatement,
  take,
  token,
  type Parser,
} from './parse-core';
import { expression, startsExpression } from './parse-operators';
import { block, isSelfTerminated, statement } from './parse-statements';
import { checkPattern, requireBool, requireIterable, type Patterns } from './rules';
import type { Arm, Block, Do, Expression, For, If, Loop, Name, Statement, Switch, While } from './tree';

/** The body of a loop, where `break` may be. */
function loopBody(p: Parser, level: number): Block {
  const { breakable } = p;
  p.breakable = true;
  const body = block(p, level);
  p.breakable = breakable;
  return body;
}

/** What is tested by `if`, a loop or a guard. */
function condition(p: Parser, level: number): Expression {
  if (is(p, '{')) {
    error(p, 'missing-condition', 'A condition belongs before the block.');
    return missing(p);
  }
  const node = expression(p, level);
  requireBool(p, node);
  if (is(p, '=')) {
    const { from, to } = token(p);
    error(p, 'assignment-as-condition', 'A condition compares with `==`.', {
      title: 'Write `==`',
      edits: [{ from, to, insert: '==' }],
    });
    advance(p);
    const other = expression(p, level);
    return gather(p, node, other);
  }
  return node;
}

export function ifElse(p: Parser, level: number): If {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  const test = condition(p, inner);
  const body = block(p, inner);
  let otherwise: If['otherwise'] = null;
  if (take(p, 'else')) otherwise = is(p, 'if') && !isTooDeep(inner) ? ifElse(p, inner) : block(p, inner);
  return { kind: 'if', from, to: p.to, first, end: p.at, condition: test, body, otherwise };
}

export function whileLoop(p: Parser, level: number): While | Loop {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  if (take(p, 'loop')) {
    const body = loopBody(p, inner);
    return { kind: 'loop', from, to: p.to, first, end: p.at, body };
  }
  advance(p);
  const test = condition(p, inner);
  const body = loopBody(p, inner);
  return { kind: 'while', from, to: p.to, first, end: p.at, condition: test, body };
}

export function doLoop(p: Parser, level: number): Do {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  const body = loopBody(p, inner);
  const until = take(p, 'until');
  let test: Expression = missing(p);
  if (until || expect(p, 'while', 'Put `while` or `until` and a condition after the block.')) {
    test = condition(p, inner);
  }
  return { kind: 'do', from, to: p.to, first, end: p.at, body, until, condition: test };
}

const LOOP_VARIABLE = 'Name the variable of the loop here.';

export function forLoop(p: Parser, level: number): For {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  let variable: Name;
  let counter: Name | null = null;
  if (take(p, '(')) {
    variable = name(p, LOOP_VARIABLE);
    if (expect(p, ',', 'Put a `,` and the name of a counter here, or leave out the parentheses.')) {
      counter = name(p, 'Name the counter of the loop here.');
      if (counter.text && counter.text === variable.text) {
        p.problems.push({
          from: counter.from,
          to: counter.to,
          message: 'The counter needs a name of its own.',
          code: 'duplicate-name',
        });
      }
    }
    expect(p, ')', 'Put a `)` after the counter.');
  } else {
    variable = name(p, LOOP_VARIABLE);
  }
  let iterable: Expression = missing(p);
  if (expect(p, 'in', 'Put `in` and what to go through after the variable.')) {
    if (is(p, '{')) error(p, 'missing-expression', 'What to go through belongs before the block.');
    else iterable = expression(p, inner);
    requireIterable(p, iterable);
  }
  const scope = p.scope.undo.length;
  if (counter) declare(p, counter, false);
  declare(p, variable, false);
  const body = loopBody(p, inner);
  forget(p, scope);
  return { kind: 'for', from, to: p.to, first, end: p.at, name: variable, counter, iterable, body };
}

export function switchCase(p: Parser, level: number): Switch {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  const subject = expression(p, inner);
  const arms: Arm[] = [];
  const patterns: Patterns = { ranges: false, fallback: null };
  if (!expect(p, '{', 'Put the cases of the `switch` in braces: `{ 1 => ..., _ => ... }`.')) {
    return { kind: 'switch', from, to: p.to, first, end: p.at, subject, arms };
  }
  while (!take(p, '}')) {
    if (is(p, 'end')) {
      error(p, 'missing-brace', 'Put a `}` here, for the `{` of the `switch`.');
      break;
    }
    const before = p.at;
    const one = arm(p, inner, patterns);
    arms.push(one);
    if (take(p, ',') || is(p, '}') || is(p, 'end')) continue;
    if (p.at > before && isSelfTerminated(one.body)) continue;
    expected(
      p,
      'missing-comma',
      'Put a `,` before this, to end the case above.',
      insertion(p, 'Insert `,`', ','),
    );
    if (p.at > before && startsExpression(p) && startsLine(p)) continue;
    if (startsStatement(p.kind) && startsLine(p)) break;
    skip(p, [',', '}']);
    take(p, ';');
    take(p, ',');
    if (p.at === before) break;
  }
  return { kind: 'switch', from, to: p.to, first, end: p.at, subject, arms };
}

function arm(p: Parser, level: number, seen: Patterns): Arm {
  const first = p.at;
  const { from } = token(p);
  const patterns: Expression[] = [];
  let guard: Expression | null = null;
  const { fallback } = seen;
  if (fallback) {
    refuse(p, fallback, 'default-not-last', 'The case `_` must be the last one.');
    seen.fallback = null;
  }
  if (is(p, '_')) {
    seen.fallback = { from, to: token(p).to, first };
    advance(p);
    if (is(p, 'if')) error(p, 'guarded-default', 'The case `_` takes no condition.');
  } else {
    do patterns.push(pattern(p, level));
    while (take(p, '|'));
  }
  if (take(p, 'if')) guard = condition(p, level);
  let body: Statement = missing(p);
  if (expect(p, '=>', 'Put `=>` and a result after the pattern.')) {
    body = p.expressionsOnly ? expression(p, level) : statement(p, level);
  }
  for (const node of patterns) checkPattern(p, node, seen);
  if (patterns[0]) startWith(p, patterns[0]);
  return { kind: 'arm', from: startOf(p, first), to: p.to, first, end: p.at, patterns, guard, body };
}

function pattern(p: Parser, level: number): Expression {
  const { inPattern } = p;
  p.inPattern = true;
  const node = expression(p, level);
  p.inPattern = inPattern;
  return node;
}
