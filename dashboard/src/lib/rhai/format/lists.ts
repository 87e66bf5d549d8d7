// Lists between brackets: arguments, parameters, arrays, maps. On one line if they fit, else one item per line.
import type { Args, ArrayLiteral, Closure, Field, MapLiteral, Params, Range } from '../syntax/tree';
import {
  ENDLESS,
  choice,
  comma,
  concat,
  fill,
  group,
  hard,
  indent,
  line,
  nothing,
  sequence,
  space,
  type Doc,
} from './doc';
import { expression, value } from './expressions';
import { blankBefore, hasComment, kindAt, leading, linesIn, next, whole, type Run } from './run';

export function args(run: Run, node: Args): Doc {
  return list(run, node, node.items, (item) => expression(run, item), { hug: true });
}

export function array(run: Run, node: ArrayLiteral): Doc {
  return list(run, node, node.items, (item) => expression(run, item), {});
}

export function params(run: Run, node: Params): Doc {
  return list(run, node, node.items, () => next(run), {});
}

/** A map that was begun on a line of its own stays on several lines. */
export function map(run: Run, node: MapLiteral): Doc {
  const open = run.tokens[node.first]!;
  const broken = linesIn(run.source, open.to, run.tokens[node.first + 1]!.from) > 0;
  return list(run, node, node.fields, (field) => whole(run, field, () => pair(run, field)), {
    padding: ' ',
    broken,
  });
}

function pair(run: Run, field: Field): Doc {
  return concat(next(run), next(run), value(run, field.value));
}

interface Style {
  /** What is between the brackets and the items on one line. */
  padding?: string;
  broken?: boolean;
  /** Only the last item is broken, if that is enough. */
  hug?: boolean;
}

function list<Item extends Range & { kind: string }>(
  run: Run,
  node: Range,
  items: Item[],
  write: (item: Item) => Doc,
  { padding = '', broken = false, hug = false }: Style,
): Doc {
  const last = items[items.length - 1];
  if (!last) return node.end - node.first === 1 ? next(run) : empty(run);
  const box = group();
  run.commas.set(last.end - 1, comma(box));
  const open = next(run);
  const rows: Doc[] = [];
  const cells: Doc[] = [];
  for (const item of items) {
    if (item !== items[0]) {
      const sign = next(run);
      rows.push(sign, line(' ', blankBefore(run)));
      cells.push(sign, space);
    }
    hug &&= item !== last || (!hasComment(run) && isHuggable(run, last));
    const doc = write(item);
    rows.push(doc);
    cells.push(doc);
  }
  if (kindAt(run) === ',') run.at++;
  const rest = leading(run, true);
  const close = next(run);
  fill(box, open, indent(broken ? hard() : line(padding), sequence(rows), rest), line(padding), close);
  if (!hug || rest !== nothing) return box;
  const tail = cells.pop()!;
  const head = concat(open, sequence(cells));
  const need = head.width + tail.lead;
  return need < ENDLESS ? choice(need, concat(head, tail, close), box) : box;
}

/** Brackets with nothing but comments between them. `( )` is not the unit `()`. */
export function empty(run: Run): Doc {
  const paired = kindAt(run) === '(' || kindAt(run) === '|';
  const braces = kindAt(run) === '{' || kindAt(run) === '#{';
  const open = next(run);
  const inner = leading(run, true);
  if (inner === nothing) return concat(open, paired ? space : nothing, next(run));
  const inline = braces && inner.parts[0]!.kind === 'gap' ? space : nothing;
  return concat(open, inline, indent(inner), inline, next(run));
}

/** Whether an item may begin on the line of its brackets when it needs several lines. */
export function isHuggable(run: Run, item: Range & { kind: string }): boolean {
  switch (item.kind) {
    case 'closure':
      return isHuggable(run, (item as Closure).body);
    case 'template':
    case 'literal':
      return linesIn(run.source, item.from, item.to) > 0;
    default:
      return ['block', 'if', 'switch', 'while', 'loop', 'for', 'do', 'map', 'array'].includes(item.kind);
  }
}

/** `|a, b| body` */
export function closure(run: Run, node: Closure): Doc {
  return concat(bars(run, node.params), value(run, node.body));
}

function bars(run: Run, node: Params): Doc {
  if (!node.items.length) return node.end - node.first === 1 ? next(run) : empty(run);
  const parts: Doc[] = [];
  while (run.at < node.end) parts.push(next(run), kindAt(run, run.at - 1) === ',' ? space : nothing);
  return sequence(parts);
}
