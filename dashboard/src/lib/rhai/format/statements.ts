// Statements to documents: one per line, at most one blank line between them.
import { positions } from '../syntax/position';
import type { Arm, Block, Expression, If, Statement, Switch, While } from '../syntax/tree';
import { walk } from '../syntax/walk';
import { concat, fresh, group, hard, indent, line, pinned, sequence, space, text, type Doc } from './doc';
import { expression, operands, value, write } from './expressions';
import { empty, isHuggable } from './lists';
import { blankBefore, kindAt, leading, linesIn, next, verbatim, whole, type Run } from './run';

/** Statements and their semicolons, up to the token `end`. */
export function statements(run: Run, items: Statement[], end: number): Doc {
  const parts: Doc[] = [];
  let index = 0;
  while (run.at < end) {
    if (parts.length) parts.push(hard(blankBefore(run)));
    const item = items[index];
    if (item && item.first <= run.at) {
      parts.push(
        isPinned(run, item) ? pin(run, item) : whole(run, item, () => write(run, item, false, true)),
      );
      index++;
    }
    const until = items[index]?.first ?? end;
    while (run.at < until) parts.push(next(run));
  }
  parts.push(leading(run, true));
  return sequence(parts);
}

/** Whether the value of a string in a statement depends on the column where the statement begins. */
function isPinned(run: Run, item: Statement): boolean {
  let inside = continuedIn(run, item);
  if (!inside.length) return false;
  walk(item, (node) => {
    if (node.kind === 'block') inside = inside.filter((index) => index < node.first || node.end <= index);
    return node.kind !== 'block' && node.kind !== 'template';
  });
  return inside.length > 0;
}

function continuedIn({ continued }: Run, { first, end }: Statement): number[] {
  let low = 0;
  for (let high = continued.length; low < high;) {
    const middle = (low + high) >> 1;
    if (continued[middle]! < first) low = middle + 1;
    else high = middle;
  }
  const inside: number[] = [];
  while (low < continued.length && continued[low]! < end) inside.push(continued[low++]!);
  return inside;
}

/** Leaves a statement as it is, where it is. */
function pin(run: Run, item: Statement): Doc {
  const { source } = run;
  const before = leading(run);
  const indentation = source.slice(source.lastIndexOf('\n', item.from - 1) + 1, item.from);
  const prefix = /^\s*$/.test(indentation) ? indentation : ' '.repeat(columnOf(run, item.from) - 1);
  return concat(
    before,
    fresh(),
    verbatim(run, item.from, item.to, item.end, (written) => pinned(prefix, written)),
  );
}

function columnOf({ source, tree }: Run, offset: number): number {
  return positions(source, tree.odd).positionAt(offset).column;
}

/** Blocks of one statement that were written on one line stay there if they are values and fit. */
export function isShort(run: Run, node: Block | If): boolean {
  if (linesIn(run.source, node.from, node.to)) return false;
  for (let at: Block | If | null = node; at; at = at.kind === 'if' ? at.otherwise : null) {
    if ((at.kind === 'if' ? at.body : at).items.length > 1) return false;
  }
  return true;
}

export function block(run: Run, node: Block, short = false): Doc {
  if (node.end - node.first === 2) return empty(run);
  const open = next(run);
  const body = statements(run, node.items, node.end - 1);
  const close = next(run);
  return concat(open, indent(short ? line() : hard(), body), short ? line() : hard(), close);
}

export function conditional(run: Run, node: If, short: boolean): Doc {
  const parts: Doc[] = [];
  let branch: If | Block | null = node;
  while (branch?.kind === 'if') {
    parts.push(next(run), guard(run, branch.condition), block(run, branch.body, short));
    branch = branch.otherwise;
    if (branch) parts.push(space, next(run), space);
  }
  if (branch) parts.push(block(run, branch, short));
  return short ? group(sequence(parts)) : sequence(parts);
}

export function loop(run: Run, node: While): Doc {
  return concat(next(run), guard(run, node.condition), block(run, node.body));
}

/** A condition and what separates it from its block: a line break if the condition has several lines. */
function guard(run: Run, condition: Expression): Doc {
  if (condition.kind !== 'binary') return concat(space, expression(run, condition), space);
  const doc = whole(run, condition, () => {
    const [first, rest] = operands(run, condition);
    return concat(first, indent(rest));
  });
  return concat(space, group(doc, line()));
}

export function choose(run: Run, node: Switch): Doc {
  const head = concat(next(run), space, expression(run, node.subject), space);
  if (!node.arms.length) return concat(head, empty(run));
  const open = next(run);
  const rows: Doc[] = [];
  for (const item of node.arms) {
    const last = item === node.arms[node.arms.length - 1];
    rows.push(hard(item !== node.arms[0] && blankBefore(run)));
    const anew = last && !isHuggable(run, item.body);
    if (anew) run.commas.set(item.body.end - 1, text(','));
    rows.push(whole(run, item, () => arm(run, item)));
    if (kindAt(run) === ',') {
      if (anew) run.at++;
      else rows.push(next(run));
    }
  }
  const rest = leading(run, true);
  return concat(head, open, indent(sequence(rows), rest), hard(), next(run));
}

function arm(run: Run, node: Arm): Doc {
  const [first, ...others] = node.patterns;
  const start = first ? expression(run, first) : next(run);
  const rest: Doc[] = [];
  for (const pattern of others) rest.push(line(), next(run), space, expression(run, pattern));
  const parts = [group(start, indent(sequence(rest)))];
  if (node.guard) parts.push(space, next(run), space, expression(run, node.guard));
  parts.push(space, next(run), value(run, node.body));
  return sequence(parts);
}
