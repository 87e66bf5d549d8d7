// Functions, closures and their parameters.
import { literalText } from './literals';
import {
  advance,
  emptyBlock,
  declare,
  deeper,
  error,
  expected,
  is,
  list,
  missing,
  name,
  newScope,
  peek,
  skip,
  startOf,
  take,
  textOf,
  token,
  use,
  type Parser,
} from './parse-core';
import { block, statement, typeAnnotation } from './parse-statements';
import type { Block, Closure, Function, Literal, Name, Params } from './tree';

/** The state that a function has of its own. */
type Own = Pick<
  Parser,
  'global' | 'breakable' | 'inFunction' | 'inPattern' | 'noBlocks' | 'scope' | 'free' | 'depth'
>;

/** Reads something with a state of its own, as the bodies of functions have. */
function within<T>(p: Parser, depth: number, free: Set<string> | null, read: () => T): T {
  const before: Own = {
    global: p.global,
    breakable: p.breakable,
    inFunction: p.inFunction,
    inPattern: p.inPattern,
    noBlocks: p.noBlocks,
    scope: p.scope,
    free: p.free,
    depth: p.depth,
  };
  const own: Own = {
    global: false,
    breakable: false,
    inFunction: true,
    inPattern: false,
    noBlocks: false,
    scope: newScope(),
    free,
    depth,
  };
  Object.assign(p, own);
  const result = read();
  Object.assign(p, before);
  return result;
}

export function functionDefinition(p: Parser, level: number): Function {
  const first = p.at;
  const { from } = token(p);
  const exported = !take(p, 'private');
  const keyword = token(p);
  if (is(p, 'fn')) {
    if (!p.global)
      error(
        p,
        'inner-function',
        'Functions are defined at the top level of a script: use a closure here, `|a| ...`.',
      );
    advance(p);
  } else {
    expected(p, 'missing-token', 'Only functions can be private: put `fn` here.');
  }
  const inner = p.global ? 1 : deeper(p, level);
  return within(p, p.functionDepth, null, () => {
    const receiver = receiverType(p);
    const called = name(p, 'Name the function here.');
    const params = parameters(p, called.text);
    noReturnType(p);
    const body = functionBody(p, called.text, inner);
    const node: Function = {
      kind: 'fn',
      from,
      to: p.to,
      first,
      end: p.at,
      exported,
      receiver,
      name: called,
      params,
      body,
    };
    checkUnique(p, node, keyword.to);
    return node;
  });
}

function receiverType(p: Parser): Name | Literal | null {
  if (peek(p) !== '.' || (!is(p, 'name') && !is(p, 'string'))) return null;
  const first = p.at;
  const { from } = token(p);
  const text = textOf(p);
  advance(p);
  const range = { from, to: p.to, first, end: p.at };
  advance(p);
  return p.tokens[first]!.kind === 'name'
    ? { kind: 'name', ...range, text }
    : { kind: 'literal', ...range, type: 'string' };
}

/** Parameters in parentheses. */
function parameters(p: Parser, of: string): Params {
  const first = p.at;
  const items: Name[] = [];
  if (!take(p, '()')) {
    if (take(p, '(')) list(p, ')', `the parameters of \`${of}\``, () => parameter(p, items, [',', ')']));
    else expected(p, 'missing-params', `Put the parameters of \`${of}\` in parentheses, \`()\` for none.`);
  }
  return { kind: 'params', from: startOf(p, first), to: p.to, first, end: p.at, items };
}

function parameter(p: Parser, items: Name[], stops: readonly ('|' | ',' | ')')[]): void {
  const node = name(p, 'Name a parameter here.');
  if (node.text && items.some((item) => item.text === node.text)) {
    p.problems.push({
      from: node.from,
      to: node.to,
      message: `There are two parameters \`${node.text}\`.`,
      code: 'duplicate-name',
    });
  }
  if (is(p, ':') && node.text) typeAnnotation(p, stops);
  if (is(p, '=') && node.text) {
    error(p, 'default-value', 'Rhai has no default values: define the function again with fewer parameters.');
    skip(p, stops);
  }
  declare(p, node, false);
  items.push(node);
}

/** Reports and passes over `-> type`. */
function noReturnType(p: Parser): void {
  if (!is(p, 'symbol') || textOf(p) !== '->') return;
  const from = p.to;
  const errors = p.problems.length;
  expected(p, 'unexpected', '');
  skip(p, ['{']);
  const problem = p.problems[errors];
  if (problem) problem.fix = { title: 'Leave out the type', edits: [{ from, to: p.to, insert: '' }] };
}

function functionBody(p: Parser, of: string, level: number): Block {
  if (is(p, '{')) return block(p, level);
  expected(p, 'missing-block', `Put the body of \`${of}\` in braces: \`{ ... }\`.`);
  return emptyBlock(p);
}

const ALIASES = new Map([
  ['int', 'i64'],
  ['float', 'f64'],
]);

/** A function is told from others by its receiver, its name and the number of its parameters. */
function checkUnique(p: Parser, { receiver, name, params }: Function, keyword: number): void {
  if (!name.text) return;
  const type = !receiver
    ? ''
    : receiver.kind === 'name'
      ? receiver.text
      : literalText(p.source, p.tokens[receiver.first]!);
  const key = `${ALIASES.get(type) ?? type}.${name.text}/${params.items.length}`;
  if (p.functions.has(key)) {
    const message = `There is another function \`${name.text}\` with as many parameters.`;
    p.problems.push({ from: keyword - 2, to: name.to, message, code: 'duplicate-function' });
  }
  p.functions.add(key).add(name.text);
}

/** `|a, b| body`, at the first bar. */
export function closure(p: Parser, level: number): Closure {
  const first = p.at;
  const { from } = token(p);
  const free = new Set<string>();
  const node = within(p, p.depth, free, () => {
    const items: Name[] = [];
    if (!take(p, '||')) {
      advance(p);
      list(p, '|', 'the parameters of this closure', () => parameter(p, items, ['|', ',']));
    }
    const params: Params = { kind: 'params', from, to: p.to, first, end: p.at, items };
    const body = is(p, ')') || is(p, ',') ? missingBody(p) : statement(p, deeper(p, level));
    const captures = free.size > 0;
    return { kind: 'closure', from, to: p.to, first, end: p.at, params, body, captures } satisfies Closure;
  });
  for (const text of free) use(p, text);
  return node;
}

function missingBody(p: Parser) {
  error(p, 'missing-expression', 'A closure needs a body after its parameters.');
  return missing(p);
}
