// Expressions below the operators: literals, names, calls, chains, arrays, maps, templates.
import { literalText } from './literals';
import {
  advance,
  deeper,
  error,
  expect,
  expected,
  is,
  list,
  missing,
  name,
  peek,
  skip,
  startOf,
  startWith,
  startsStatement,
  stray,
  take,
  takeName,
  textOf,
  token,
  use,
  type Parser,
} from './parse-core';
import { closure } from './parse-functions';
import { expression } from './parse-operators';
import { doLoop, forLoop, ifElse, switchCase, whileLoop } from './parse-control';
import { block, blockRest } from './parse-statements';
import { template } from './parse-templates';
import { checkIndex } from './rules';
import { CALLABLE_METHODS, type TokenKind } from './token';
import type {
  Args,
  Call,
  Chain,
  Expression,
  Field,
  Index,
  Link,
  Literal,
  Method,
  Name,
  Path,
  Property,
  Variable,
} from './tree';

const LITERALS: Partial<Record<TokenKind, Literal['type']>> = {
  '()': 'unit',
  true: 'bool',
  false: 'bool',
  int: 'int',
  float: 'float',
  char: 'char',
  string: 'string',
};

export function primary(p: Parser, level: number): Expression {
  return postfix(p, level, root(p, level));
}

function root(p: Parser, level: number): Expression {
  const { kind } = p;
  if (kind === 'name' || kind === 'callable') return identifier(p);
  if (LITERALS[kind]) return literal(p);
  switch (kind) {
    case '(':
      return paren(p, level);
    case '[':
      return array(p, level);
    case '#{':
      return map(p, level);
    case 'head':
      return template(p, level);
    case 'if':
      return ifElse(p, deeper(p, level));
    case 'switch':
      return switchCase(p, deeper(p, level));
    case '||':
      return closure(p, level);
    case '|':
      if (!p.inPattern) return closure(p, level);
      break;
    case '..':
    case '..=':
      return stray(p, p.at);
    case 'this':
      return self(p);
    case '{':
    case 'while':
    case 'loop':
    case 'do':
    case 'for':
      if (!p.noBlocks) return loopOrBlock(p, deeper(p, level));
  }
  return noExpression(p);
}

function loopOrBlock(p: Parser, level: number): Expression {
  if (p.kind === '{') return block(p, level);
  if (p.kind === 'do') return doLoop(p, level);
  return p.kind === 'for' ? forLoop(p, level) : whileLoop(p, level);
}

function noExpression(p: Parser): Expression {
  const { kind } = p;
  if (kind === 'reserved' || kind === 'symbol') {
    expected(p, 'unexpected', '');
    const first = p.at;
    advance(p);
    return kind === 'symbol' ? missing(p) : stray(p, first);
  }
  if (kind === 'end') error(p, 'missing-expression', 'The script ends where a value is missing.');
  else if (kind === 'else' || kind === 'catch')
    error(p, 'unexpected', `There is no block before this \`${kind}\`.`);
  else error(p, 'missing-expression', `A value is missing before \`${textOf(p)}\`.`);
  return missing(p);
}

function literal(p: Parser): Literal {
  const first = p.at;
  const type = LITERALS[p.kind]!;
  const { from } = token(p);
  advance(p);
  return { kind: 'literal', from, to: p.to, first, end: p.at, type };
}

function self(p: Parser): Expression {
  const first = p.at;
  if (!p.inFunction) error(p, 'this-outside-function', '`this` has a value in functions and closures only.');
  advance(p);
  return { kind: 'this', from: p.tokens[first]!.from, to: p.to, first, end: p.at };
}

const CALL_SIGNS: readonly TokenKind[] = ['(', '()', '!'];

function identifier(p: Parser): Variable | Path {
  const first = p.at;
  const { from } = token(p);
  const text = textOf(p);
  if (p.kind === 'callable' && !CALL_SIGNS.includes(peek(p))) {
    error(p, 'reserved-word', `\`${text}\` is a function of Rhai: call it, as in \`${text}(...)\`.`);
  }
  const callable = p.kind === 'callable';
  advance(p);
  const variable: Variable = { kind: 'variable', from, to: p.to, first, end: p.at, text };
  if (is(p, '::') && !callable) return path(p, variable);
  if (!CALL_SIGNS.includes(p.kind)) use(p, text);
  return variable;
}

/** Names of the API that are words of the language elsewhere. */
const OWN: readonly string[] = ['log::debug', 'invoke::call'];

function path(p: Parser, { from, to, first, end, text }: Variable): Path {
  const parts: Name[] = [{ kind: 'name', from, to, first, end, text }];
  while (take(p, '::')) {
    const isOwn = p.kind === 'callable' && parts.length === 1 && OWN.includes(`${text}::${textOf(p)}`);
    parts.push(isOwn ? takeName(p) : member(p, 'Name a function or constant of the module here.'));
  }
  if (is(p, '!') && (peek(p) === '(' || peek(p) === '()')) {
    error(p, 'bad-capture', 'Functions of modules cannot be called with `!`: leave it out.');
  }
  return { kind: 'path', from, to: p.to, first, end: p.at, parts };
}

/** A name after `.` or `::`; a keyword directly after it is one that is being typed. */
function member(p: Parser, message: string): Name {
  const first = p.at;
  const { from } = token(p);
  if (p.kind === 'name') return takeName(p);
  if (from > p.to || !/^[A-Za-z_]/.test(p.source[from] ?? '')) {
    expected(p, 'missing-name', message);
    return { kind: 'name', from: p.to, to: p.to, first, end: first, text: '' };
  }
  error(p, 'missing-name', `\`${textOf(p)}\` is a word of the language and no name.`);
  return takeName(p);
}

/** Calls, indices and members after a value. */
function postfix(p: Parser, level: number, value: Expression): Expression {
  let root = value;
  if (root.kind === 'variable' && root.text === '') return root;
  if ((root.kind === 'variable' || root.kind === 'path') && CALL_SIGNS.includes(p.kind))
    root = call(p, level, root);
  if (p.inPattern && is(p, '|')) return root;
  return isLink(p.kind) ? chain(p, level, root) : root;
}

function isLink(kind: TokenKind): boolean {
  return kind === '.' || kind === '[' || kind === '?.' || kind === '?[';
}

function call(p: Parser, level: number, callee: Variable | Path): Call {
  const bang = take(p, '!');
  const args_ = args(p, level, callee.kind === 'variable' ? callee.text : 'the function');
  return {
    kind: 'call',
    from: callee.from,
    to: p.to,
    first: callee.first,
    end: p.at,
    callee,
    bang,
    args: args_,
  };
}

/** Arguments in parentheses, at the opening one. */
function args(p: Parser, level: number, of: string): Args {
  const first = p.at;
  const items: Expression[] = [];
  if (!take(p, '()')) {
    if (expect(p, '(', `Put the arguments of \`${of}\` in parentheses.`)) {
      if (!take(p, ')')) {
        const inner = deeper(p, level);
        list(p, ')', `the call of \`${of}\``, () => void items.push(expression(p, inner)));
      }
    }
  }
  return { kind: 'args', from: startOf(p, first), to: p.to, first, end: p.at, items };
}

function chain(p: Parser, level: number, root: Expression): Chain {
  const links: Link[] = [];
  let reached = level;
  let brackets = level;
  while (isLink(p.kind)) {
    if (is(p, '[') || is(p, '?[')) {
      brackets = deeper(p, brackets);
      const link = index(p, brackets);
      if (links.length === 0) checkIndex(p, root, link.index);
      links.push(link);
    } else {
      reached = deeper(p, reached);
      brackets = reached;
      links.push(access(p, reached));
    }
  }
  return { kind: 'chain', from: root.from, to: p.to, first: root.first, end: p.at, root, links };
}

function index(p: Parser, level: number): Index {
  const first = p.at;
  const op = p.kind as '[' | '?[';
  const { from } = token(p);
  advance(p);
  const value = expression(p, deeper(p, level));
  expect(p, ']', 'Put a `]` at the end of the index.');
  return { kind: 'index', from, to: p.to, first, end: p.at, op, index: value };
}

function access(p: Parser, level: number): Property | Method {
  const first = p.at;
  const op = p.kind as '.' | '?.';
  const { from } = token(p);
  advance(p);
  const member = memberName(p);
  if (is(p, '::'))
    error(p, 'bad-path', 'After a dot there are no modules: call the function of the module with the value.');
  if (is(p, '!')) error(p, 'bad-capture', 'Methods cannot be called with `!`: leave it out.');
  while (take(p, '::')) take(p, 'name');
  take(p, '!');
  if (is(p, '(') || is(p, '()')) {
    const args_ = args(p, level, member.text);
    return {
      kind: 'method',
      from,
      to: p.to,
      first,
      end: p.at,
      op,
      name: member,
      args: args_,
    } satisfies Method;
  }
  return { kind: 'property', from, to: p.to, first, end: p.at, op, name: member };
}

/** The name after a dot. */
function memberName(p: Parser): Name {
  if (p.kind !== 'callable') return member(p, 'Name a property or a method after the dot.');
  const first = p.at;
  const { from } = token(p);
  const text = textOf(p);
  if (!CALLABLE_METHODS.includes(text)) {
    error(p, 'reserved-word', `\`${text}\` is not called with a dot: write \`${text}(...)\`.`);
  } else if (!CALL_SIGNS.includes(peek(p))) {
    error(p, 'reserved-word', `\`${text}\` is a function of Rhai: call it, as in \`.${text}()\`.`);
  }
  advance(p);
  return { kind: 'name', from, to: p.to, first, end: p.at, text };
}

function paren(p: Parser, level: number): Expression {
  const first = p.at;
  const { from } = token(p);
  advance(p);
  const inner = expression(p, deeper(p, level));
  if (!expect(p, ')', 'Put a `)` here, for the `(` before.')) {
    skip(p, []);
    take(p, ')');
  }
  return { kind: 'paren', from, to: p.to, first, end: p.at, inner };
}

function array(p: Parser, level: number): Expression {
  const first = p.at;
  const { from } = token(p);
  advance(p);
  const items: Expression[] = [];
  const inner = deeper(p, level);
  list(p, ']', 'this array', () => void items.push(expression(p, deeper(p, inner))));
  return { kind: 'array', from, to: p.to, first, end: p.at, items };
}

function map(p: Parser, level: number): Expression {
  const first = p.at;
  const { from } = token(p);
  advance(p);
  const inner = deeper(p, level);
  if (startsBlock(p)) {
    const fix = { title: 'Write `{`', edits: [{ from, to: from + 2, insert: '{' }] };
    error(p, 'block-as-map', 'A map has `name: value` here; a block begins with `{`, without `#`.', fix);
    return blockRest(p, first, inner);
  }
  const fields: Field[] = [];
  const names = new Set<string>();
  list(p, '}', 'this map', () => {
    const one = field(p, inner, names);
    if (one) fields.push(one);
  });
  return { kind: 'map', from, to: p.to, first, end: p.at, fields };
}

/** What follows a name only where it is used, not given. */
const USES: readonly TokenKind[] = ['(', '()', '.', '?.', '::', '+=', '-='];

/** Whether what is in `#{` are statements. */
function startsBlock(p: Parser): boolean {
  if (is(p, 'name') || is(p, 'callable')) return USES.includes(peek(p));
  const word = startsStatement(p.kind) || /^(if|switch|loop|break|continue)$/.test(p.kind);
  return word && peek(p) !== ':';
}

/** A field of a map; a lone name is one without its value. */
function field(p: Parser, level: number, names: Set<string>): Field | null {
  const first = p.at;
  const key =
    p.kind === 'string' ? literal(p) : name(p, 'Name a property of the map here, or close it with `}`.');
  if (key.first === key.end && !is(p, ':')) {
    const keyword = /^[a-z]/.test(textOf(p)) && peek(p) === ':';
    if (keyword) advance(p);
    else return null;
  }
  const text = key.kind === 'name' ? key.text : literalText(p.source, p.tokens[first]!);
  if (names.has(text) && key.first < key.end) {
    p.problems.push({
      from: key.from,
      to: key.to,
      message: `This map has two properties \`${text}\`.`,
      code: 'duplicate-property',
    });
  }
  names.add(text);
  let value: Expression;
  if (take(p, ':')) {
    value = expression(p, deeper(p, level));
  } else {
    expected(p, 'missing-token', `Put a \`:\` and a value after \`${text}\`.`);
    value = missing(p);
  }
  return { kind: 'field', from: startWith(p, key), to: p.to, first, end: p.at, key, name: text, value };
}
