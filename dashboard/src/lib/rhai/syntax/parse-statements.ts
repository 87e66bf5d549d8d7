// Statements, blocks, and what is both statement and expression: `if`, `switch` and the loops.
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
  peek,
  skip,
  startOf,
  startWith,
  startsLine,
  startsStatement,
  stray,
  take,
  textOf,
  token,
  type Parser,
} from './parse-core';
import { functionDefinition } from './parse-functions';
import { expression, hasValue, startsExpression } from './parse-operators';
import { checkPattern, checkTarget, requireBool, requireIterable, type Patterns } from './rules';
import type { TokenKind } from './token';
import type {
  Arm,
  Block,
  Do,
  Export,
  Expression,
  For,
  If,
  Import,
  Jump,
  Let,
  Name,
  Statement,
  Switch,
  Try,
  Variable,
  While,
  Loop,
  Assign,
} from './tree';

/** Statements that need no `;` after them. */
const SELF_TERMINATED = new Set<string>(['if', 'switch', 'while', 'loop', 'for', 'block', 'try', 'fn']);

export function isSelfTerminated(p: Parser, node: Statement): boolean {
  return (
    SELF_TERMINATED.has(node.kind) ||
    (node.kind === 'stray' && is(p, ';') === false && p.tokens[p.at - 1]?.kind === ';')
  );
}

/** Statements up to a closing brace or the end. */
export function statements(p: Parser, level: number): Statement[] {
  const items: Statement[] = [];
  for (;;) {
    while (take(p, ';'));
    if (is(p, 'end') || (level > 0 && (is(p, '}') || endsHere(p)))) return items;
    const before = p.at;
    const node = statement(p, level);
    if (node.first < node.end) items.push(node);
    if (is(p, ';') || is(p, 'end') || (is(p, '}') && level > 0)) continue;
    if (p.at > before && SELF_TERMINATED.has(node.kind)) continue;
    items.push(...unfinished(p, before));
  }
}

/** Something that does not belong to the statement before it: a new one without its `;`, or text without a place. */
function unfinished(p: Parser, before: number): Statement[] {
  const progress = p.at > before;
  if (progress) {
    const message = is(p, '}')
      ? 'There is no `{` for this `}`.'
      : startsExpression(p) || startsStatement(p.kind)
        ? 'Put a `;` before this, to end the statement above.'
        : `\`${textOf(p)}\` has no place here.`;
    expected(p, 'missing-semicolon', message, insertion(p, 'Insert `;`', ';'));
    if (startsLine(p) || startsStatement(p.kind)) {
      if (!is(p, '}') && (startsExpression(p) || startsStatement(p.kind))) return [];
    }
  } else {
    error(p, 'unexpected', `\`${textOf(p)}\` has no place here.`);
  }
  const first = p.at;
  advance(p);
  skip(p, []);
  return [stray(p, first)];
}

/** A function at the first column begins anew at the top level: the block before it was not closed. */
function endsHere(p: Parser): boolean {
  if (!is(p, 'fn') && !(is(p, 'private') && peek(p) === 'fn')) return false;
  const { from } = token(p);
  return p.source[from - 1] === '\n';
}

export function statement(p: Parser, level: number): Statement {
  if (level === 0) p.tooDeep = false;
  switch (p.kind) {
    case ';': {
      const first = p.at;
      advance(p);
      return stray(p, first);
    }
    case 'end':
      return missing(p);
    case '{':
      return block(p, deeper(p, level));
    case 'fn':
    case 'private':
      return functionDefinition(p, level);
    case 'if':
      return ifElse(p, deeper(p, level));
    case 'switch':
      return switchCase(p, deeper(p, level));
    case 'while':
    case 'loop':
      return whileLoop(p, deeper(p, level));
    case 'do':
      return doLoop(p, deeper(p, level));
    case 'for':
      return forLoop(p, deeper(p, level));
    case 'break':
    case 'continue':
    case 'return':
    case 'throw':
      return jump(p, level);
    case 'try':
      return tryCatch(p, deeper(p, level));
    case 'let':
    case 'const':
      return variable(p, deeper(p, level));
    case 'import':
      return importModule(p, deeper(p, level));
    case 'export':
      return exportVariable(p, deeper(p, level));
    default:
      return expressionStatement(p, deeper(p, level));
  }
}

const ASSIGNMENTS = new Set<TokenKind>('= += -= *= /= %= **= <<= >>= &= |= ^='.split(' ') as TokenKind[]);

function expressionStatement(p: Parser, level: number): Statement {
  const target = expression(p, level);
  const walrus = is(p, 'symbol') && textOf(p) === ':=';
  if (!ASSIGNMENTS.has(p.kind) && !walrus) return target;
  const sign = p.at;
  if (walrus) expected(p, 'unexpected', '');
  const op = walrus ? '=' : p.kind;
  advance(p);
  const value = expression(p, level);
  const { first } = target;
  const node: Assign = {
    kind: 'assign',
    from: startWith(p, target),
    to: p.to,
    first,
    end: p.at,
    op,
    target,
    value,
    sign,
  };
  checkTarget(p, node);
  return node;
}

/** A block in braces; where there is none, an empty one. */
export function block(p: Parser, level: number): Block {
  const first = p.at;
  const inner = deeper(p, level);
  if (!is(p, '{')) {
    expected(p, 'missing-block', 'A block in braces belongs here: `{ ... }`.');
    return { kind: 'block', from: p.to, to: p.to, first, end: first, items: [] };
  }
  if (isTooDeep(inner)) {
    advance(p);
    while (!is(p, '}') && !is(p, 'end')) {
      const { at } = p;
      skip(p, []);
      if (p.at === at && !is(p, '}')) advance(p);
    }
    take(p, '}');
    return { kind: 'block', from: startOf(p, first), to: p.to, first, end: p.at, items: [] };
  }
  advance(p);
  const { global } = p;
  const scope = p.scope.undo.length;
  p.global = false;
  const items = p.expressionsOnly ? [expressionStatement(p, inner)] : statements(p, inner);
  if (!take(p, '}')) error(p, 'missing-brace', 'Put a `}` here, for the `{` of the block before.');
  forget(p, scope);
  p.global = global;
  return { kind: 'block', from: p.tokens[first]!.from, to: p.to, first, end: p.at, items };
}

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

function jump(p: Parser, level: number): Jump {
  const first = p.at;
  const { from } = token(p);
  const word = p.kind as Jump['word'];
  const inLoop = word === 'break' || word === 'continue';
  if (inLoop && !p.breakable) error(p, 'outside-loop', `\`${word}\` belongs into a loop.`);
  advance(p);
  const value = word !== 'continue' && hasValue(p) ? expression(p, deeper(p, level)) : null;
  return { kind: 'jump', from, to: p.to, first, end: p.at, word, value };
}

function tryCatch(p: Parser, level: number): Try {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  const body = block(p, inner);
  let caught: Name | null = null;
  let handler: Block;
  const scope = p.scope.undo.length;
  if (expect(p, 'catch', 'Put `catch { ... }` after the block of `try`.')) {
    if (take(p, '(')) {
      caught = name(p, 'Name the variable for the error here.');
      expect(p, ')', 'Put a `)` after the variable.');
      declare(p, caught, false);
    }
    handler = block(p, inner);
  } else {
    handler = { kind: 'block', from: p.to, to: p.to, first: p.at, end: p.at, items: [] };
  }
  forget(p, scope);
  return { kind: 'try', from, to: p.to, first, end: p.at, body, name: caught, handler };
}

function variable(p: Parser, level: number): Let {
  const first = p.at;
  const { from } = token(p);
  const constant = is(p, 'const');
  advance(p);
  const declared = name(p, `Name the ${constant ? 'constant' : 'variable'} here.`);
  if (is(p, ':') && declared.text) typeAnnotation(p, ['=']);
  const value = take(p, '=') ? expression(p, deeper(p, level)) : null;
  declare(p, declared, constant);
  return { kind: 'let', from, to: p.to, first, end: p.at, constant, name: declared, value };
}

/** Reports and passes over a `: type`. */
export function typeAnnotation(p: Parser, stops: readonly TokenKind[]): void {
  const from = p.to;
  const errors = p.problems.length;
  error(p, 'type-annotation', 'Rhai has no types for variables: leave it out.');
  skip(p, stops);
  const problem = p.problems[errors];
  if (problem) problem.fix = { title: 'Leave out the type', edits: [{ from, to: p.to, insert: '' }] };
}

function importModule(p: Parser, level: number): Import {
  const first = p.at;
  const { from } = token(p);
  const inner = deeper(p, level);
  advance(p);
  const path = expression(p, inner);
  const alias = take(p, 'as') ? name(p, 'Name the module for this script here.') : null;
  return { kind: 'import', from, to: p.to, first, end: p.at, path, alias };
}

function exportVariable(p: Parser, level: number): Export {
  const first = p.at;
  const { from } = token(p);
  if (!p.global) error(p, 'inner-export', 'Only the top level of a script can export.');
  advance(p);
  let declaration: Let | null = null;
  let exported: Variable | null = null;
  let alias: Name | null = null;
  if (is(p, 'let') || is(p, 'const')) {
    declaration = variable(p, deeper(p, level));
  } else {
    exported = {
      ...name(p, 'Name the variable to export, or declare it with `let` or `const`.'),
      kind: 'variable',
    };
    if (take(p, 'as')) alias = name(p, 'Name it for the scripts that import it here.');
  }
  return { kind: 'export', from, to: p.to, first, end: p.at, declaration, variable: exported, alias };
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
    if (p.at > before && SELF_TERMINATED.has(one.body.kind)) continue;
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
    p.problems.push({ ...fallback, message: 'The case `_` must be the last one.', code: 'default-not-last' });
    seen.fallback = null;
  }
  if (is(p, '_')) {
    seen.fallback = { from, to: token(p).to };
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
