// Where an offset is: among the tokens, in a comment or a string, and in the tree.
import type { Token } from '../syntax/token';
import type { Chain, Link, Node, Tree } from '../syntax/tree';
import { pathAt } from '../syntax/tree';
import { usageAt } from '../semantics/shapes';
import type { Analysis, Declaration, Usage } from '../semantics/symbols';

/** Index of the last token that begins before an offset; -1 when there is none. */
export function tokenBefore(tree: Tree, offset: number): number {
  const { tokens } = tree;
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.from < offset) low = middle + 1;
    else high = middle;
  }
  return tokens[low - 1]?.kind === 'end' ? low - 2 : low - 1;
}

export function inComment(tree: Tree, offset: number): boolean {
  const { comments, source } = tree;
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.from < offset) low = middle + 1;
    else high = middle;
  }
  const comment = comments[low - 1];
  if (!comment || offset > comment.to) return false;
  return offset < comment.to || source.startsWith('//', comment.from) || !source.endsWith('*/', comment.to);
}

const QUOTED = /^(string|char|head|middle|tail|bad)$/;

/** Whether an offset is inside of the quotes of a token that begins before it. */
export function inText(tree: Tree, token: Token, offset: number): boolean {
  if (!QUOTED.test(token.kind) || offset > token.to) return false;
  if (offset < token.to) return true;
  const text = tree.source.slice(token.from, token.to);
  if (token.kind === 'head' || token.kind === 'middle') return false;
  const open = /^#*["'`]/.exec(text);
  return !!open && (text.length < 2 || !text.endsWith(open[0].slice(-1)));
}

const WORD = /^[A-Za-z_][A-Za-z0-9_]*$/;

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
  const token = tree.tokens[index];
  if (!token) return null;
  const path = pathAt(tree.root, token.from);
  for (let i = path.length - 1; i >= 0; i--) {
    const node = path[i]!;
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
  const quoted = textUsage(analysis, path[path.length - 1]);
  if (quoted) return { ...quoted, declaration: quoted.declaration, usage: quoted, path };
  // One that begins at the offset is meant rather than one that ends there.
  const next = wordOf(tree, tokenBefore(tree, offset + 1), offset);
  const { from, to } = next.from < next.to ? next : wordAt(tree, offset);
  if (from === to) return null;
  const name = tree.source.slice(from, to);
  const usage = usageAt(analysis, from) ?? null;
  const declaration = usage?.declaration ?? declarationAt(analysis, from);
  return { from, to, name, declaration, usage, path: pathTo(tree, from, to) };
}

function textUsage(analysis: Analysis, node: Node | undefined): Usage | null {
  return (node?.kind === 'literal' && usageAt(analysis, node.from + 1)) || null;
}

/** Where two nodes touch, the way to the one that is the word. */
function pathTo(tree: Tree, from: number, to: number): Node[] {
  const path = pathAt(tree.root, (from + to) >> 1);
  const last = path[path.length - 1]!;
  return last.from <= from && to <= last.to ? path : pathAt(tree.root, to);
}

const placed = new WeakMap<Analysis, Map<number, Declaration>>();

export function declarationAt(analysis: Analysis, from: number): Declaration | null {
  let map = placed.get(analysis);
  if (!map) placed.set(analysis, (map = new Map(analysis.declarations.map((it) => [it.from, it]))));
  return map.get(from) ?? null;
}
