// The formatter: from text to text, or to the reason why the text stays as it is.
import { parse, type ParseOptions } from '../syntax/parser';
import { positions } from '../syntax/position';
import type { Tree } from '../syntax/tree';
import { firstDifference } from './check';
import { print } from './print';
import { start } from './run';
import { statements } from './statements';

export interface FormatOptions extends ParseOptions {
  /** Columns of a line. */
  width?: number;
}

export type Formatted = { ok: true; text: string } | { ok: false; error: FormatError };

export interface FormatError {
  message: string;
  from: number;
  to: number;
  /** Rhai's position of `from`. */
  line: number;
  col: number;
}

/** Lays a script out anew. Its tokens and comments stay as they are; a text with an error stays as a whole. */
export function format(source: string, options: FormatOptions = {}): Formatted {
  const tree = parse(source, options);
  const [error] = tree.errors;
  if (error) return refuse(tree, error.message, error.from, error.to);
  const text = layOut(tree, options.width ?? 100);
  const changed = firstDifference(tree, parse(text, options));
  if (changed === null) return { ok: true, text };
  return refuse(
    tree,
    'Nothing was formatted: the formatter would have changed the code here.',
    changed,
    changed,
  );
}

function refuse(tree: Tree, message: string, from: number, to: number): Formatted {
  const { line, column } = positions(tree.source, tree.odd).positionAt(from);
  return { ok: false, error: { message, from, to, line, col: column } };
}

function layOut(tree: Tree, width: number): string {
  const run = start(tree);
  const text = print(statements(run, tree.root.items, tree.tokens.length - 1), width);
  return text && !endsInComment(tree) ? text + '\n' : text;
}

/** Whether the text ends within a comment, to which a line break would belong. */
function endsInComment({ source, comments }: Tree): boolean {
  const last = comments[comments.length - 1];
  if (last?.to !== source.length || source[last.from + 1] !== '*') return false;
  const marks = source.slice(last.from).match(/\/\*|\*\//g)!;
  return marks.filter((mark) => mark === '/*').length * 2 > marks.length;
}
