// What a function or closure may give back.
import type { Closure, Function, Node } from '../syntax/tree';
import { walk } from '../syntax/walk';

const known = new WeakMap<Node, (Node | null)[]>();

/** The values of its `return`s, and its body, unless that ends with a jump and so has no value of its own. */
export function resultsOf({ body }: Function | Closure): readonly (Node | null)[] {
  const before = known.get(body);
  if (before) return before;
  const results: (Node | null)[] = [];
  const last = body.kind === 'block' ? body.items[body.items.length - 1] : body;
  if (last?.kind !== 'jump') results.push(body);
  walk(body, (node) => {
    if (node.kind === 'jump' && node.word === 'return') results.push(node.value);
    return node.kind !== 'closure';
  });
  known.set(body, results);
  return results;
}
