// Where an offset is: among the tokens, in a comment or a string, and in the tree.
import type { Token } from '../syntax/token';
import type { Chain, Link, Node, Tree } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import { countWhile } from '../syntax/search';
import { usageAt } from '../semantics/shapes';
import type { Analysis, Declaration, Usage } from '../semantics/symbols';

/** Index of the last token that begins before an offset; -1 when there is none. */
export function tokenBefore({ tokens }: Tree, offset: number): number {
  const index = countWhile(tokens, ({ from }) => from < offset) - 1;
  return tokens[index]?.kind === 'end' ? index - 1 : index;
}

export function inComment({ comments, source }: Tree, offset: number): boolean {
  const comment = comments[countWhile(comments, ({ from }) => from < offset) - 1];
  if (!comment || offset > comment.to) return false;
  return offset < comment.to || source.startsWith('//', comment.from) || !source.endsWith('*/', comment.to);
}

/** Whether an offset is inside of the quotes of a token that begins before it. */
export function inText({ source }: Tree, { kind, from, to }: Token, offset: number): boolean {
  if (!/^(string|char|head|middle|tail|bad)$/.test(kind) || offset > to) return false;
  const [quote] = /["'`]/.exec(source.slice(from, to)) ?? [];
  const closed = to - from > 1 && source[to - 1] === quote;
  return offset < to || !(closed || /head|middle/.test(kind));
}

export const WORD = /^[A-Za-z_]\w*$/;

/** The word that ends at or goes over an offset, and the index of the token before it. */
export function wordAt(tree: Tree, offset: number): { from: number; to: number; before: number } {
  return wordOf(tree, tokenBefore(tree, offset), offset);
}

function wordOf(tree: Tree, index: number, offset: number): { from: number; to: number; before: number } {
  const token = tree.tokens[index];
  const isWord = token && token.to >= offset && WORD.test(tree.source.slice(token.from, token.to));
  return isWord
    ? { from: token.from, to: token.to, before: index - 1 }
    : { from: offset, to: offset, before: index };
}

/** The step of a chain whose dot, or bracket, is the token of that index. */
export function linkAt(tree: Tree, index: number): { chain: Chain; link: Link; place: number } | null {
  for (const node of pathAt(tree.root, tree.tokens[index]!.from).reverse()) {
    if (node.kind !== 'chain') continue;
    const place = node.links.findIndex((link) => link.first === index);
    if (place >= 0) return { chain: node, link: node.links[place]!, place };
  }
  return null;
}

/** The nodes around an offset; what is not finished goes on over the white space behind it. */
export function pathAround(tree: Tree, offset: number): Node[] {
  const before = tree.tokens[tokenBefore(tree, offset)];
  if (!before || before.to >= offset) return pathAt(tree.root, offset);
  const path = pathAt(tree.root, before.to);
  return path.filter((node) => offset <= node.to || !/[)}\]]/.test(tree.source[node.to - 1]!));
}

/** What is named at an offset. */
export interface Named {
  from: number;
  to: number;
  name: string;
  declaration: Declaration | null;
  usage: Usage | null;
  /** From the root to the name. */
  path: Node[];
}

export function namedAt(analysis: Analysis, offset: number): Named | null {
  const { tree } = analysis;
  const path = pathAt(tree.root, offset);
  const inner = path[path.length - 1]!;
  const quoted = inner.kind === 'literal' && usageAt(analysis, inner.from + 1);
  if (quoted) return { ...quoted, usage: quoted, path };
  // One that begins at the offset is meant rather than one that ends there.
  const next = wordOf(tree, tokenBefore(tree, offset + 1), offset);
  const { from, to } = next.from < next.to ? next : wordAt(tree, offset);
  if (from === to) return null;
  const name = tree.source.slice(from, to);
  const usage = usageAt(analysis, from) ?? null;
  const declaration =
    usage?.declaration ?? analysis.declarations.find((it) => it.from === from && it.to === to) ?? null;
  return { from, to, name, declaration, usage, path: pathAt(tree.root, (from + to) >> 1) };
}
