// Going through a syntax tree.
import type { Node } from './tree';

/** Visits the direct children in the order of the text. */
export function forEachChild(node: Node, visit: (child: Node) => void): void {
  const some = (child: Node | null) => child && visit(child);
  const all = (children: readonly Node[]) => {
    for (const child of children) visit(child);
  };
  switch (node.kind) {
    case 'script':
    case 'block':
    case 'array':
    case 'args':
    case 'params':
    case 'stray':
      return all(node.items);
    case 'path':
    case 'template':
      return all(node.parts);
    case 'map':
      return all(node.fields);
    case 'field':
      visit(node.key);
      return visit(node.value);
    case 'paren':
      return visit(node.inner);
    case 'unary':
      return visit(node.operand);
    case 'binary':
    case 'range':
      some(node.left);
      some(node.right);
      return;
    case 'call':
      visit(node.callee);
      return visit(node.args);
    case 'chain':
      visit(node.root);
      return all(node.links);
    case 'property':
      return visit(node.name);
    case 'method':
      visit(node.name);
      return visit(node.args);
    case 'index':
      return visit(node.index);
    case 'closure':
      visit(node.params);
      return visit(node.body);
    case 'if':
      visit(node.condition);
      visit(node.body);
      some(node.otherwise);
      return;
    case 'switch':
      visit(node.subject);
      return all(node.arms);
    case 'arm':
      all(node.patterns);
      some(node.guard);
      return visit(node.body);
    case 'while':
      visit(node.condition);
      return visit(node.body);
    case 'loop':
      return visit(node.body);
    case 'do':
      visit(node.body);
      return visit(node.condition);
    case 'for':
      visit(node.name);
      some(node.counter);
      visit(node.iterable);
      return visit(node.body);
    case 'let':
      visit(node.name);
      some(node.value);
      return;
    case 'assign':
      visit(node.target);
      return visit(node.value);
    case 'jump':
      some(node.value);
      return;
    case 'try':
      visit(node.body);
      some(node.name);
      return visit(node.handler);
    case 'import':
      visit(node.path);
      some(node.alias);
      return;
    case 'export':
      some(node.declaration);
      some(node.variable);
      some(node.alias);
      return;
    case 'fn':
      some(node.receiver);
      visit(node.name);
      visit(node.params);
      return visit(node.body);
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
