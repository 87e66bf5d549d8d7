// Statements, blocks, and what is both statement and expression: `if`, `switch` and the loops.
import {
  advance,
  emptyBlock,
  declare,
  deeper,
  error,
  expect,
  expected,
  forget,
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
import { ifElse, whileLoop, doLoop, forLoop, switchCase } from './parse-control';
import { functionDefinition } from './parse-functions';
import { expression, hasValue, startsExpression } from './parse-operators';
import { checkTarget } from './rules';
import type { TokenKind } from './token';
import type { Assign, Block, Export, Import, Jump, Let, Name, Statement, Try, Variable } from './tree';

/** Statements that need no `;` after them. */
const SELF_TERMINATED = new Set<string>(['if', 'switch', 'while', 'loop', 'for', 'block', 'try', 'fn']);

export function isSelfTerminated(node: Statement): boolean {
  return SELF_TERMINATED.has(node.kind);
}

/** Statements up to a closing brace or the end. */
export function statements(p: Parser, level: number): Statement[] {
  const items: Statement[] = [];
  for (;;) {
    while (take(p, ';'));
    if (is(p, 'end') || (level > 0 && (is(p, '}') || endsHere(p)))) return items;
    const before = p.at;
    if (is(p, '}')) error(p, 'unexpected', 'There is no `{` for this `}`.');
    const node = statement(p, level);
    if (node.first < node.end) items.push(node);
    if (is(p, ';') || is(p, 'end') || (is(p, '}') && level > 0)) continue;
    if (p.at > before && isSelfTerminated(node)) continue;
    items.push(...unfinished(p, before));
  }
}

/** Something that does not belong to the statement before it: a new one without its `;`, or text without a place. */
function unfinished(p: Parser, before: number): Statement[] {
  const progress = p.at > before;
  if (progress) {
    if (startsExpression(p) || startsStatement(p.kind)) {
      const message = 'Put a `;` before this, to end the statement above.';
      expected(p, 'missing-semicolon', message, insertion(p, 'Insert `;`', ';'));
      if (startsLine(p) || startsStatement(p.kind) || is(p, '{')) return [];
    } else if (is(p, '=>')) {
      error(p, 'unexpected', '`=>` belongs into a `switch`: a closure is written `|x| x + 1`.');
    } else {
      error(p, 'unexpected', `\`${textOf(p)}\` has no place here.`);
    }
  }
  const first = p.at;
  const alone = is(p, 'else') || is(p, 'catch') || is(p, '}');
  if (!alone) skip(p, []);
  if (p.at === first) advance(p);
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
  let first = p.at;
  const inner = deeper(p, level);
  if (!is(p, '{')) {
    expected(p, 'missing-block', 'A block in braces belongs here: `{ ... }`.');
    if (!toBrace(p)) return emptyBlock(p);
    first = p.at;
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
  return blockRest(p, first, inner);
}

/** What follows the brace of a block, which token `first` is. */
export function blockRest(p: Parser, first: number, inner: number): Block {
  const { global } = p;
  const scope = p.scope.undo.length;
  p.global = false;
  const items = p.expressionsOnly ? [expressionStatement(p, inner)] : statements(p, inner);
  if (p.expressionsOnly && !is(p, '}')) {
    expected(p, 'unexpected', 'There is one expression in a block here, and no statements.');
    while (!is(p, '}') && !is(p, 'end')) {
      skip(p, []);
      if (!is(p, '}')) advance(p);
    }
  }
  if (!take(p, '}')) error(p, 'missing-brace', 'Put a `}` here, for the `{` of the block before.');
  forget(p, scope);
  p.global = global;
  return { kind: 'block', from: p.tokens[first]!.from, to: p.to, first, end: p.at, items };
}

/** Passes over a few tokens to a brace on the same line, if there is one. */
function toBrace(p: Parser): boolean {
  for (let at = p.at; at < p.at + 8 && at < p.tokens.length; at++) {
    const { kind, from } = p.tokens[at]!;
    if (kind === ';' || kind === '}' || p.source.slice(p.to, from).includes('\n')) return false;
    if (kind !== '{') continue;
    while (!is(p, '{')) advance(p);
    return true;
  }
  return false;
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
      if (!expect(p, ')', 'Put a `)` after the variable.')) {
        skip(p, [')', '{']);
        take(p, ')');
      }
      declare(p, caught, false);
    } else if (is(p, '()')) {
      error(p, 'missing-name', 'Name the variable for the error, or leave out the parentheses.');
      advance(p);
    }
    handler = block(p, inner);
  } else {
    handler = emptyBlock(p);
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
