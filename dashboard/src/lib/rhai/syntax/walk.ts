// Going through a syntax tree.
import type { Node } from './tree';

/** The properties of each kind of node that are nodes, or lists of them, in the order of the text. */
const CHILDREN = new Map(
  `script items|block items|array items|args items|params items|stray items|path parts|template parts|map fields
field key value|paren inner|unary operand|binary left right|range left right|call callee args|chain root links
property name|method name args|index index|closure params body|if condition body otherwise|switch subject arms
arm patterns guard body|while condition body|loop body|do body condition|for name counter iterable body
let name value|assign target value|jump value|try body name handler|import path alias
export declaration variable alias|fn receiver name params body`
    .split(/[|\n]/)
    .map((row) => row.split(' '))
    .map(([kind, ...properties]) => [kind, properties]),
);

/** Visits the direct children in the order of the text. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  for (const property of CHILDREN.get(node.kind) ?? []) {
    const child = (node as unknown as Record<string, Node | Node[] | null>)[property];
    if (Array.isArray(child)) for (const item of child) visit(item);
    else if (child) visit(child);
  }
}

/** Goes through a node and all below it, parents first; `enter` answers false to leave out what is below. */
export function walk(node: Node, enter: (node: Node) => unknown, leave?: (node: Node) => void): void {
  if (enter(node) !== false) forEachChild(node, (child) => walk(child, enter, leave));
  leave?.(node);
}

/** The nodes around an offset, from the root to the innermost; one that ends at the offset counts. */
export function pathAt(root: Node, offset: number): Node[] {
  const path: Node[] = [];
  let next: Node | null = root;
  while (next) {
    path.push(next);
    const node: Node = next;
    next = null;
    forEachChild(node, (child) => {
      if (child.from <= offset && offset <= child.to) next = child;
    });
  }
  return path;
}
