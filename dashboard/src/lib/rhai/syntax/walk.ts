// Going through a syntax tree.
import { countWhile } from './search';
import type { Node } from './tree';

type Kind = Node['kind'];
type OfKind<K extends Kind> = Extract<Node, { kind: K }>;

/** The properties of a node that are nodes, or lists of them. */
type ChildProperty<N> = {
  [P in keyof N]-?: NonNullable<N[P]> extends Node | Node[] ? P : never;
}[keyof N];

/** Of each kind of node every property that is a node or a list of them, in the order of the text. */
const PROPERTIES: { readonly [K in Kind]: { readonly [P in ChildProperty<OfKind<K>>]: true } } = {
  script: { items: true },
  block: { items: true },
  array: { items: true },
  args: { items: true },
  params: { items: true },
  stray: { items: true },
  path: { parts: true },
  template: { parts: true },
  map: { fields: true },
  field: { key: true, value: true },
  paren: { inner: true },
  unary: { operand: true },
  binary: { left: true, right: true },
  range: { left: true, right: true },
  call: { callee: true, args: true },
  chain: { root: true, links: true },
  property: { name: true },
  method: { name: true, args: true },
  index: { index: true },
  closure: { params: true, body: true },
  if: { condition: true, body: true, otherwise: true },
  switch: { subject: true, arms: true },
  arm: { patterns: true, guard: true, body: true },
  while: { condition: true, body: true },
  loop: { body: true },
  do: { body: true, condition: true },
  for: { name: true, counter: true, iterable: true, body: true },
  let: { name: true, value: true },
  assign: { target: true, value: true },
  jump: { value: true },
  try: { body: true, name: true, handler: true },
  import: { path: true, alias: true },
  export: { declaration: true, variable: true, alias: true },
  fn: { receiver: true, name: true, params: true, body: true },
  name: {},
  variable: {},
  this: {},
  literal: {},
  text: {},
};

const CHILDREN = new Map<string, string[]>(
  Object.entries(PROPERTIES).map(([kind, properties]) => [kind, Object.keys(properties)]),
);

type Children = Record<string, Node | Node[] | null>;

/** Visits the direct children in the order of the text. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  for (const property of CHILDREN.get(node.kind)!) {
    const child = (node as unknown as Children)[property];
    if (Array.isArray(child)) for (const item of child) visit(item);
    else if (child) visit(child);
  }
}

/** Goes through a node and all below it, parents first; `enter` answers false to leave out what is below. */
export function walk(node: Node, enter: (node: Node) => unknown, leave?: (node: Node) => void): void {
  if (enter(node) !== false) forEachChild(node, (child) => walk(child, enter, leave));
  leave?.(node);
}

/** The last child that an offset is in, or at the end of. */
function childAt(node: Node, offset: number): Node | null {
  let found: Node | null = null;
  for (const property of CHILDREN.get(node.kind)!) {
    const child = (node as unknown as Children)[property];
    const last = Array.isArray(child) ? child[countWhile(child, ({ from }) => from <= offset) - 1] : child;
    if (last && last.from <= offset && offset <= last.to) found = last;
  }
  return found;
}

/** The nodes around an offset, from the root to the innermost; one that ends at the offset counts. */
export function pathAt(root: Node, offset: number): Node[] {
  const path: Node[] = [];
  for (let next: Node | null = root; next; next = childAt(next, offset)) path.push(next);
  return path;
}
