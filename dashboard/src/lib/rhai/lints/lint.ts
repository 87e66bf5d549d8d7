// What a lint is, and what several lints need.
import type { Edit, Fix, Node } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import type { Analysis } from '../semantics/symbols';
import type { Code, Severity } from './severity';

export interface Diagnostic {
  from: number;
  to: number;
  severity: Severity;
  /** A kebab-case word. */
  code: string;
  message: string;
  tag?: 'unnecessary';
  fixes: Fix[];
}

export type Report = (
  at: { from: number; to: number },
  code: Code,
  message: string,
  fixes?: (Fix | null)[],
) => void;

export type Lint = (analysis: Analysis, report: Report) => void;

export const quote = (name: string) => '`' + name + '`';

export const insertion = (at: number, insert: string): Edit => ({ from: at, to: at, insert });

/** A fix that replaces one piece of text. */
export const replacement = (
  title: string,
  { from, to }: { from: number; to: number },
  insert: string,
): Fix => ({
  title,
  edits: [{ from, to, insert }],
});

/** How many letters have to be changed, left out, put in or exchanged with the next one; `most` when it is no less. */
function difference(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return Math.min(row[b.length]!, most);
}

/** How many similar names are looked for in one script: beyond that it is not a slip. */
const MOST = 20;

/** What is longer is no slip of another: to compare two names costs the product of their lengths. */
const COMPARED_MAX = 64;

const looked = new WeakMap<Analysis, number>();

/** The known name that was probably meant. */
export function similar(analysis: Analysis, name: string, known: () => Iterable<string>): string {
  const done = looked.get(analysis) ?? 0;
  looked.set(analysis, done + 1);
  let best = '';
  let least = name.length < 3 ? 1 : name.length < 6 ? 2 : 3;
  for (const other of done < MOST && name.length <= COMPARED_MAX ? known() : []) {
    const letters = difference(name.toLowerCase(), other.toLowerCase().replace('()', ''), least);
    if (other !== name && letters < least) {
      least = letters;
      best = other;
    }
  }
  return best;
}

/** ` Did you mean ..?` and the fix for it. */
export function suggestion(at: { from: number; to: number }, best: string): [string, Fix | null] {
  const name = quote(best);
  return best ? [` Did you mean ${name}?`, replacement(`Change to ${name}`, at, best)] : ['', null];
}

/** The statement around an offset. */
export function statementAt(analysis: Analysis, offset: number): Node | undefined {
  const path = pathAt(analysis.tree.root, offset);
  for (let i = path.length - 1; i > 0; i--) {
    const parent = path[i - 1]!;
    if (parent.kind === 'block' || parent.kind === 'script') return path[i];
  }
  return undefined;
}

/** The white space before a node on its line. */
export function indentAt(analysis: Analysis, offset: number): string {
  const { source } = analysis.tree;
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(source.slice(start, offset))![0];
}

/** The edit that removes a statement with its semicolon, and its line when nothing else is in it. */
export function removal(analysis: Analysis, node: Node): Edit {
  const { source, tokens } = analysis.tree;
  const next = tokens[node.end];
  let from = tokens[node.first]?.from ?? node.from;
  let to = next?.kind === ';' ? next.to : node.to;
  const start = source.lastIndexOf('\n', from - 1) + 1;
  const rest = /^[ \t]*\r?(\n|$)/.exec(source.slice(to));
  if (rest && !source.slice(start, from).trim()) {
    from = start;
    to += rest[0].length;
  }
  return { from, to, insert: '' };
}
