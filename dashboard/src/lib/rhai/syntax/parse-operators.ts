// Unary and binary operators, by precedence climbing with the binding powers of Rhai 1.27.
import {
  advance,
  deeper,
  error,
  expected,
  gather,
  is,
  isTooDeep,
  missing,
  peek,
  skip,
  startWith,
  stray,
  take,
  textOf,
  token,
  type Parser,
} from './parse-core';
import { primary } from './parse-expressions';
import { statement } from './parse-statements';
import { requireBool } from './rules';
import type { Binary, Expression, Jump, Unary } from './tree';
import type { TokenKind } from './token';

const PRECEDENCE = new Map<TokenKind, number>();
const LEVELS: [number, string][] = [
  [30, '|| | ^'],
  [60, '&& &'],
  [90, '== !='],
  [110, 'in !in'],
  [130, '< <= > >='],
  [135, '??'],
  [140, '.. ..='],
  [150, '+ -'],
  [180, '* / %'],
  [190, '**'],
  [210, '<< >>'],
];
for (const [power, signs] of LEVELS)
  for (const sign of signs.split(' ')) PRECEDENCE.set(sign as TokenKind, power);

/** Signs of other languages that are read as if they were Rhai's. */
const MEANT: Record<string, TokenKind> = { '===': '==', '!==': '!=' };

/** After these a range may have no right end. */
const AFTER_OPEN_RANGE: readonly TokenKind[] = [']', ')', '}', ',', ';', '=>'];

const JUMPS: readonly TokenKind[] = ['break', 'continue', 'return', 'throw'];

export function expression(p: Parser, level: number): Expression {
  const inner = deeper(p, level);
  if (isTooDeep(inner)) return skip(p, [',']);
  return operators(p, inner, 1, unary(p, inner));
}

function unary(p: Parser, level: number): Expression {
  const op = p.kind;
  if (op !== '-' && op !== '+' && op !== '!') {
    if (op === 'symbol' && (textOf(p) === '++' || textOf(p) === '--' || textOf(p) === '~')) {
      expected(p, 'unexpected', '');
      advance(p);
    }
    return primary(p, level);
  }
  const first = p.at;
  const inner = deeper(p, level);
  if (isTooDeep(inner)) return skip(p, [',']);
  advance(p);
  const operand = unary(p, inner);
  return {
    kind: 'unary',
    from: p.tokens[first]!.from,
    to: p.to,
    first,
    end: p.at,
    op,
    operand,
  } satisfies Unary;
}

/** The operator at hand: in a pattern `|` ends the expression. */
function operator(p: Parser): TokenKind {
  if (p.kind === 'symbol') return MEANT[textOf(p)] ?? p.kind;
  return p.kind === '|' && p.inPattern ? 'end' : p.kind;
}

function operators(p: Parser, level: number, least: number, left: Expression): Expression {
  for (;;) {
    const op = operator(p);
    const power = PRECEDENCE.get(op) ?? 0;
    if (op === 'symbol') {
      const next = foreign(p, level, left);
      if (!next) return left;
      left = next;
      continue;
    }
    if (power < least || (power === least && op !== '**')) return left;
    const sign = p.at;
    if (is(p, 'symbol')) expected(p, 'unexpected', '');
    advance(p);
    let right = rightSide(p, level, op);
    const next = PRECEDENCE.get(operator(p)) ?? 0;
    if (right && right.kind !== 'jump' && (next > power || (next === power && op === '**'))) {
      const inner = deeper(p, level);
      right = isTooDeep(inner) ? tooDeepRight(p, right) : operators(p, inner, power, right);
    }
    level = deeper(p, level);
    left = join(p, level, op, sign, left, right);
  }
}

/** What stands to the right of an operator; null where a range is left open. */
function rightSide(p: Parser, level: number, op: TokenKind): Expression | Jump | null {
  if (op === '??' && JUMPS.includes(p.kind)) return statement(p, level) as Jump;
  if ((op === '..' || op === '..=') && AFTER_OPEN_RANGE.includes(p.kind)) return null;
  if (is(p, '=') && token(p).from === p.to && (op === '??' || op === '&&' || op === '||')) {
    error(p, 'foreign-sign', `Rhai has no \`${op}=\`: write \`a = a ${op} b\`.`);
  }
  return unary(p, level);
}

function tooDeepRight(p: Parser, right: Expression): Expression {
  const first = right.first;
  skip(p, [',']);
  return stray(p, first, [right]);
}

function join(
  p: Parser,
  level: number,
  op: TokenKind,
  sign: number,
  left: Expression,
  right: Expression | Jump | null,
): Expression {
  const { first } = left;
  const end = p.at;
  const from = startWith(p, left);
  if (op === '..' || op === '..=') {
    const range = right as Expression | null;
    return {
      kind: 'range',
      from,
      to: p.to,
      first,
      end,
      op,
      left: isOpen(left) ? null : left,
      right: range,
      sign,
    };
  }
  if (isTooDeep(level) && right) return gather(p, left, right);
  const node: Binary = {
    kind: 'binary',
    from,
    to: p.to,
    first,
    end,
    op,
    left,
    right: right ?? missing(p),
    sign,
  };
  if (op === '&&' || op === '||') {
    requireBool(p, left);
    if (node.right.kind !== 'jump') requireBool(p, node.right);
  }
  return node;
}

/** The empty place before `..5`. */
function isOpen(node: Expression): boolean {
  return node.kind === 'stray' && node.first === node.end;
}

/** A sign that Rhai does not have, after an expression: reports it, and reads on when what it means is known. */
function foreign(p: Parser, level: number, left: Expression): Expression | null {
  const text = textOf(p);
  const { from, to } = token(p);
  if (text === '++' || text === '--') {
    const op = text[0];
    const edits = [{ from: left.to, to, insert: ` ${op}= 1` }];
    error(p, 'foreign-sign', `Rhai has no \`${text}\`: write \`${op}= 1\`.`, {
      title: `Write \`${op}= 1\``,
      edits,
    });
    advance(p);
    return gather(p, left);
  }
  if (text !== '?' || isTooDeep(level + 1)) {
    expected(p, 'foreign-sign', '');
    return null;
  }
  const errors = p.problems.length;
  expected(p, 'foreign-sign', '');
  const problem = p.problems[errors];
  advance(p);
  const yes = operators(p, level + 1, 1, unary(p, level + 1));
  const colon = token(p);
  if (!take(p, ':')) return gather(p, left, yes);
  const no = operators(p, level + 1, 1, unary(p, level + 1));
  if (problem && p.problems.length === errors + 1) {
    problem.fix = {
      title: 'Write it with `if`',
      edits: [
        { from: left.from, to: left.from, insert: 'if ' },
        { from, to, insert: '{' },
        { from: yes.to, to: colon.to, insert: ' } else {' },
        { from: no.to, to: no.to, insert: ' }' },
      ],
    };
  }
  return gather(p, left, yes, no);
}

export function startsExpression(p: Parser): boolean {
  return !NOT_EXPRESSION.has(p.kind);
}

const NOT_EXPRESSION = new Set<TokenKind>(
  (
    'let const else until in fn private continue break return throw try catch import export as ' +
    '} ) ] , ; : :: => _ . ?. ?[ ?? !in * / % ** << >> < <= > >= == != & && ^ ' +
    '= += -= *= /= %= **= <<= >>= &= |= ^= middle tail end'
  ).split(' ') as TokenKind[],
);

/** `break` and the like: whether a value follows. */
export function hasValue(p: Parser): boolean {
  if (p.inPattern && is(p, '|')) return false;
  if (p.noBlocks && ['{', 'while', 'loop', 'do', 'for'].includes(p.kind)) return false;
  return startsExpression(p) && (p.kind !== 'symbol' || peek(p) !== 'end');
}
