// Expressions to documents: operators, chains, calls, and what follows a `=`, a `=>` or a `:`.
import type {
  Binary,
  Call,
  Chain,
  Expression,
  Link,
  Paren,
  RangeExpression,
  Statement,
  Unary,
} from '../syntax/tree';
import { ENDLESS, choice, concat, group, hard, indent, line, sequence, space, type Doc } from './doc';
import { args, array, closure, isHuggable, map } from './lists';
import { glue, hasComment, leading, linesIn, next, verbatim, whole, type Run } from './run';
import { construct } from './statements';

/** `bare`: who asks has indented the lines already. */
export function expression(run: Run, node: Statement, bare = false): Doc {
  return whole(run, node, () => write(run, node, bare));
}

function write(run: Run, node: Statement, bare: boolean): Doc {
  switch (node.kind) {
    case 'variable':
    case 'this':
    case 'literal':
      return next(run);
    case 'path':
      return glued(run, node.end);
    case 'template':
      return verbatim(run, node.from, node.to, node.end);
    case 'array':
      return array(run, node);
    case 'map':
      return map(run, node);
    case 'paren':
      return paren(run, node);
    case 'unary':
      return unary(run, node);
    case 'binary':
      return binary(run, node, bare);
    case 'range':
      return range(run, node);
    case 'call':
      return call(run, node);
    case 'chain':
      return chain(run, node);
    case 'closure':
      return closure(run, node);
    default:
      return construct(run, node, false);
  }
}

/** Tokens without blanks between them, up to the token `end`. */
function glued(run: Run, end: number): Doc {
  const parts = [next(run)];
  while (run.at < end) parts.push(glue(run), next(run));
  return sequence(parts);
}

/** What follows a sign such as `=`: on its line, or if it is long and has no brackets to be broken in, on the next. */
export function value(run: Run, node: Statement): Doc {
  if (!hasComment(run) && !breaksBefore(run, node)) return concat(space, expression(run, node));
  return group(indent(line(), expression(run, node, true)));
}

function breaksBefore(run: Run, node: Statement): boolean {
  switch (node.kind) {
    case 'binary':
    case 'variable':
    case 'path':
    case 'range':
      return true;
    case 'literal':
    case 'template':
      return linesIn(run.source, node.from, node.to) === 0;
    default:
      return false;
  }
}

function paren(run: Run, node: Paren): Doc {
  const tight = isHuggable(run, node.inner);
  const open = next(run);
  const inner = expression(run, node.inner, true);
  const rest = leading(run, true);
  const close = next(run);
  if (tight) return concat(open, inner, rest, close);
  return group(open, indent(line(''), inner, rest), line(''), close);
}

function unary(run: Run, node: Unary): Doc {
  const sign = next(run);
  // A sign before a number belongs to the number where it touches it: `-5.abs()`.
  const gap = glue(run, node.op !== '!');
  return concat(sign, gap, expression(run, node.operand));
}

const LEVELS = ['<< >>', '* / %', '+ -', '??', '< <= > >=', 'in !in', '== !=', '&& &', '|| | ^'].map(
  (level) => level.split(' '),
);

function isSameLevel(left: string, right: string): boolean {
  return LEVELS.some((level) => level.includes(left) && level.includes(right));
}

/** Operators of one level are broken together, each at the start of a line. */
export function operands(run: Run, node: Binary): [first: Doc, rest: Doc] {
  const spine = [node];
  let first: Expression = node.left;
  while (first.kind === 'binary' && isSameLevel(first.op, node.op)) {
    spine.push(first);
    first = first.left;
  }
  const start = expression(run, first);
  const rest: Doc[] = [];
  for (const { right } of spine.reverse()) {
    rest.push(line(), next(run), space, expression(run, right));
  }
  return [start, sequence(rest)];
}

function binary(run: Run, node: Binary, bare: boolean): Doc {
  const [first, rest] = operands(run, node);
  return group(first, bare ? rest : indent(rest));
}

function range(run: Run, node: RangeExpression): Doc {
  const parts: Doc[] = [];
  if (node.left) parts.push(expression(run, node.left), glue(run));
  parts.push(next(run));
  if (node.right) parts.push(glue(run), expression(run, node.right));
  return sequence(parts);
}

function call(run: Run, node: Call): Doc {
  return concat(glued(run, node.args.first), args(run, node.args));
}

/** A chain of several method calls is on one line, or has one line for each; only the last call may be broken otherwise. */
function chain(run: Run, node: Chain): Doc {
  const pieces: Doc[][] = [[expression(run, node.root)]];
  const commented = node.links.some((link) => hasComment(run, link.first));
  for (const item of node.links) {
    const starts = item.kind === 'method' || hasComment(run);
    const doc = link(run, item);
    if (starts) pieces.push([doc]);
    else pieces[pieces.length - 1]!.push(doc);
  }
  const [root, ...calls] = pieces.map((piece) => sequence(piece));
  if (calls.length < 2 && !commented) return sequence([root!, ...calls]);
  const lines = concat(root!, indent(sequence(calls.flatMap((part) => [hard(), part]))));
  const before = sequence([root!, ...calls.slice(0, -1)]).width;
  const need = calls.length < 3 && endsOpen(run, node) ? before + calls[calls.length - 1]!.lead : ENDLESS;
  return choice(need, sequence([root!, ...calls]), lines);
}

function endsOpen(run: Run, node: Chain): boolean {
  const last = node.links[node.links.length - 1]!;
  const item = last.kind === 'method' && last.args.items[last.args.items.length - 1];
  return Boolean(item && isHuggable(run, item));
}

function link(run: Run, node: Link): Doc {
  const sign = concat(glue(run), next(run));
  if (node.kind !== 'index') {
    const name = concat(sign, next(run));
    return node.kind === 'method' ? concat(name, args(run, node.args)) : name;
  }
  const index = expression(run, node.index);
  const rest = leading(run, true);
  return concat(sign, index, rest, next(run));
}
