// The comments that belong to a declaration.
import type { Comment } from '../syntax/token';
import type { Node } from '../syntax/tree';
import { countWhile } from '../syntax/search';
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
  let { first } = node;
  // `export let x` has its comment before `export`, `private fn` before `private`.
  if (/^(export|private)$/.test(tokens[first - 1]?.kind ?? '')) first--;
  const found: Comment[] = [];
  let next = tokens[first]?.from ?? node.from;
  for (
    let i = countWhile(comments, ({ before }) => before <= first) - 1;
    comments[i]?.before === first;
    i--
  ) {
    const comment = comments[i]!;
    const line = source.slice(source.lastIndexOf('\n', comment.from - 1) + 1, comment.from);
    // One at the end of a line belongs to that line.
    if (comment.kind === 'module' || line.trim()) break;
    // A blank line ends what belongs together; only a doc comment is not cut off by it.
    if (comment.kind !== 'doc' && /\n\s*\n/.test(source.slice(comment.to, next))) break;
    found.unshift(comment);
    next = comment.from;
  }
  const docs = found.filter((comment) => comment.kind === 'doc');
  return (docs.length ? docs : found)
    .map((comment) => plain(source.slice(comment.from, comment.to)))
    .join('\n');
}

function plain(comment: string): string {
  return comment
    .replace(/^\/\/[/!]? ?|^\/\*+|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .trim();
}
