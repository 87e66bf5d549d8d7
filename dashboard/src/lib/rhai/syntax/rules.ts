// What Rhai's parser refuses though its form is right: values of the wrong kind, targets and patterns that cannot be.
import { literalText } from './literals';
import { refuse, type Parser } from './parse-core';
import type { Assign, Chain, Expression, Literal, Name } from './tree';

type ConstantType = Literal['type'] | 'array' | 'map' | 'closure';

const TYPE_WORDS: Record<ConstantType, string> = {
  unit: '`()`',
  bool: 'a boolean',
  int: 'a number',
  float: 'a number',
  char: 'a character',
  string: 'a string',
  array: 'an array',
  map: 'a map',
  closure: 'a function',
};

/** An expression without its parentheses. */
function bare(node: Expression): Expression {
  let inner = node;
  while (inner.kind === 'paren') inner = inner.inner;
  return inner;
}

/** The type of an expression that says it itself. */
function typeOf(node: Expression): ConstantType | null {
  const inner = bare(node);
  if (inner.kind === 'literal') return inner.type;
  if (inner.kind === 'template') return 'string';
  if (inner.kind === 'array' || inner.kind === 'map') return inner.kind;
  if (inner.kind === 'unary' && inner.op !== '!') {
    const type = typeOf(inner.operand);
    return type === 'int' || type === 'float' ? type : null;
  }
  return null;
}

function isLogical(node: Expression): boolean {
  const inner = bare(node);
  return inner.kind === 'binary' && (inner.op === '&&' || inner.op === '||');
}

export function requireBool(p: Parser, node: Expression): void {
  const inner = bare(node);
  const type = inner.kind === 'closure' && !inner.captures ? inner.kind : typeOf(inner);
  if (type && type !== 'bool')
    refuse(p, inner, 'not-boolean', `A condition is true or false, and not ${TYPE_WORDS[type]}.`);
}

export function requireIterable(p: Parser, node: Expression): void {
  const type = typeOf(node);
  if (type && type !== 'array' && type !== 'string') {
    refuse(
      p,
      node,
      'not-iterable',
      `A \`for\` loop goes through arrays, ranges or strings, and not ${TYPE_WORDS[type]}.`,
    );
  }
}

/** Whether a literal can have this index. */
export function checkIndex(p: Parser, of: Expression, index: Expression): void {
  const owner = typeOf(of);
  const type = isLogical(index) ? 'bool' : typeOf(index);
  if (!owner || !type || type === 'array' || type === 'map') return;
  if (owner === 'map') {
    if (type !== 'string')
      refuse(p, index, 'bad-index', `The index of a map is a string, and not ${TYPE_WORDS[type]}.`);
  } else if ((owner === 'int' || owner === 'array' || owner === 'string') && type !== 'int') {
    refuse(
      p,
      index,
      'bad-index',
      `The index of ${TYPE_WORDS[owner]} is an integer, and not ${TYPE_WORDS[type]}.`,
    );
  }
}

/** Whether an assignment has something to assign to. */
export function checkTarget(p: Parser, { target, op, sign }: Assign): void {
  const node = bare(target);
  if (node.kind === 'variable') {
    if (node.text && p.scope.constants.get(node.text)) {
      refuse(p, node, 'assignment-to-constant', `\`${node.text}\` is a constant and cannot be assigned to.`);
    }
    return;
  }
  if (node.kind === 'this' || node.kind === 'path' || node.kind === 'stray') return;
  const wrong = node.kind === 'chain' ? noPlace(node) : target;
  if (!wrong) return;
  if (op === '=' && node.kind === 'binary' && ['&&', '||', '??'].includes(node.op)) {
    const { from, to } = p.tokens[sign]!;
    const fix = { title: 'Write `==`', edits: [{ from, to, insert: '==' }] };
    return refuse(
      p,
      { from, to, first: node.first },
      'assignment-as-condition',
      'A condition compares with `==`.',
      fix,
    );
  }
  refuse(p, wrong, 'bad-target', 'Only variables, properties and elements can be assigned to.');
}

/** What of a chain cannot be assigned to: what it begins with, when that is no variable, or else its first call. */
function noPlace(chain: Chain): Expression | Name | null {
  const root = bare(chain.root);
  const wrong =
    root.kind === 'chain' ? noPlace(root) : /^(variable|this|path)$/.test(root.kind) ? null : root;
  const call = chain.links.find((link) => link.kind === 'method');
  return wrong ?? call?.name ?? null;
}

/** What the cases of a `switch` had before the one at hand. */
export interface Patterns {
  ranges: boolean;
  fallback: { from: number; to: number; first: number } | null;
}

export function checkPattern(p: Parser, pattern: Expression, seen: Patterns): void {
  const node = bare(pattern);
  if (node.kind === 'range') {
    const left = node.left && bound(p, node.left);
    const right = node.right && bound(p, node.right);
    if (
      left === undefined ||
      right === undefined ||
      (node.left && node.right && !(left !== null && right !== null))
    ) {
      return refuse(p, pattern, 'bad-pattern', 'The ends of a range in a case are integers.');
    }
    const empty = right !== null && (node.op === '..' ? (left ?? 0n) >= right : (left ?? 0n) > right);
    if (!empty) seen.ranges = true;
  } else if (!isConstant(p, node)) {
    if (node.kind === 'variable' && !node.text) return;
    refuse(p, pattern, 'bad-pattern', 'A case is a literal value: put other conditions after `if`.');
  } else if (seen.ranges && (typeOf(node) === 'int' || typeOf(node) === 'float')) {
    refuse(p, pattern, 'number-after-range', 'Numbers cannot come after ranges: move this case up.');
  }
}

/** The value of a range's end; null when it is open, undefined when it is no integer. */
function bound(p: Parser, node: Expression): bigint | null | undefined {
  const inner = bare(node);
  if (inner.kind === 'unary' && inner.op !== '!') {
    const value = bound(p, inner.operand);
    return typeof value === 'bigint' && inner.op === '-' ? -value : value;
  }
  if (inner.kind !== 'literal') return undefined;
  if (inner.type === 'unit') return null;
  return inner.type === 'int' ? BigInt(literalText(p.source, p.tokens[inner.first]!)) : undefined;
}

function isConstant(p: Parser, node: Expression): boolean {
  const inner = bare(node);
  switch (inner.kind) {
    case 'literal':
      return true;
    case 'array':
      return inner.items.every((item) => isConstant(p, item));
    case 'map':
      return inner.fields.every(({ value }) => isConstant(p, value));
    case 'unary':
      return typeOf(inner) !== null;
    case 'closure':
      return !inner.captures;
    case 'call': {
      const { items } = inner.args;
      const name = items.length === 1 ? bare(items[0]!) : null;
      return (
        inner.callee.kind === 'variable' &&
        inner.callee.text === 'Fn' &&
        name?.kind === 'literal' &&
        /^_*[A-Za-z]\w*$/.test(literalText(p.source, p.tokens[name.first]!))
      );
    }
    default:
      return false;
  }
}
