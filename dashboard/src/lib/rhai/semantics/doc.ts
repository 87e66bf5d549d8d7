// The comments that belong to a declaration.
import type { Comment } from '../syntax/token';
import type { Node } from '../syntax/tree';
import type { Analysis, Declaration } from './symbols';

/** The comment right above a declaration, or its doc comment, without its slashes and stars. */
export function docOf(analysis: Analysis, declaration: Declaration): string {
  const { kind, node } = declaration;
  return kind === 'function' || node.kind === 'let' || node.kind === 'import'
    ? docBefore(analysis, node)
    : '';
}

function docBefore(analysis: Analysis, node: Node): string {
  const { comments, source, tokens } = analysis.tree;
  let low = 0;
  let high = comments.length;
  const first = exportBefore(analysis, node);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.before <= first) low = middle + 1;
    else high = middle;
  }
  const found: Comment[] = [];
  let next = tokens[first]?.from ?? node.from;
  for (let i = low - 1; i >= 0 && comments[i]!.before === first; i--) {
    const comment = comments[i]!;
    if (comment.kind === 'module' || isTrailing(source, comment)) break;
    // A blank line ends what belongs together; only a doc comment is not cut off by it.
    const apart = /\n[ \t\r]*\n/.test(source.slice(comment.to, next));
    if (apart && comment.kind !== 'doc') break;
    found.unshift(comment);
    next = comment.from;
  }
  const docs = found.filter((comment) => comment.kind === 'doc');
  return (docs.length ? docs : found)
    .map((comment) => plain(source.slice(comment.from, comment.to)))
    .join('\n');
}

/** `export let x` has its comment before `export`, `private fn` before `private`. */
function exportBefore(analysis: Analysis, node: Node): number {
  const before = analysis.tree.tokens[node.first - 1]?.kind;
  return before === 'export' || before === 'private' ? node.first - 1 : node.first;
}

/** A comment at the end of a line belongs to that line. */
function isTrailing(source: string, comment: Comment): boolean {
  const line = source.slice(source.lastIndexOf('\n', comment.from - 1) + 1, comment.from);
  return /\S/.test(line);
}

function plain(comment: string): string {
  if (comment.startsWith('//')) return comment.replace(/^\/\/\/?!? ?/, '').trimEnd();
  return comment
    .replace(/^\/\*\*?|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}
