// Expressions to documents: operators, chains, calls, and what follows a `=`, a `=>` or a `:`.
import type { Binary, Chain, Expression, Node, Paren, Statement } from '../syntax/tree';
import { forEachChild } from '../syntax/walk';
import { ENDLESS, choice, concat, group, hard, indent, line, sequence, space, type Doc } from './doc';
import { args, array, closure, isHuggable, map, params } from './lists';
import { apart, glue, hasComment, leading, linesIn, next, verbatim, whole, type Run } from './run';
import { block, choose, conditional, isShort, loop } from './statements';

/** An expression or a statement. `bare`: who asks has indented its lines already. */
export function expression(run: Run, node: Statement, bare = false): Doc {
  return whole(run, node, () => write(run, node, bare));
}

/** `top`: it is a statement, not a value. */
export function write(run: Run, node: Statement, bare: boolean, top = false): Doc {
  if (node.end - node.first === 1) return next(run);
  switch (node.kind) {
    case 'template':
      return verbatim(run, node.from, node.to, node.end);
    case 'array':
      return array(run, node);
    case 'map':
      return map(run, node);
    case 'paren':
      return paren(run, node);
    case 'binary':
      return binary(run, node, bare);
    case 'chain':
      return chain(run, node);
    case 'closure':
      return closure(run, node);
    case 'block':
      return top ? block(run, node) : group(block(run, node, isShort(run, node)));
    case 'if':
      return conditional(run, node, !top && isShort(run, node));
    case 'switch':
      return choose(run, node);
    case 'while':
      return loop(run, node);
    case 'let':
    case 'assign': {
      if (!node.value) return inOrder(run, node, apart);
      return concat(inOrder(run, node, apart, node.value.first), value(run, node.value));
    }
    case 'path':
    case 'unary':
    case 'range':
    case 'call':
      return inOrder(run, node, glue);
    default:
      return inOrder(run, node, apart);
  }
}

/** The tokens and the parts of a node up to the token `end`, with what a function puts between them. */
function inOrder(run: Run, node: Node, between: (run: Run) => Doc, end = node.end): Doc {
  const children = new Map<number, Node>();
  forEachChild(node, (child) => children.set(child.first, child));
  const parts: Doc[] = [];
  while (run.at < end) {
    if (parts.length) parts.push(between(run));
    const child = children.get(run.at);
    parts.push(child ? part(run, child) : next(run));
  }
  return sequence(parts);
}

function part(run: Run, node: Node): Doc {
  switch (node.kind) {
    case 'args':
      return args(run, node);
    case 'params':
      return params(run, node);
    case 'block':
      return block(run, node);
    case 'name':
      return next(run);
    default:
      return expression(run, node as Statement);
  }
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

/** A chain of several method calls is on one line, or has one line for each; only the last call may be broken otherwise. */
function chain(run: Run, node: Chain): Doc {
  const pieces: Doc[][] = [[expression(run, node.root)]];
  const commented = node.links.some((link) => hasComment(run, link.first));
  for (const item of node.links) {
    const starts = item.kind === 'method' || hasComment(run);
    const doc = concat(glue(run), inOrder(run, item, glue));
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
