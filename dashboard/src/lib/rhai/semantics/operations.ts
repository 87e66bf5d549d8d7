// Types that follow from operators and from the functions that go through arrays.

const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in', '!in']);

/** The type of `left op right`; empty when it cannot be told. */
export function binaryType(op: string, left: string, right: string): string {
  if (COMPARISONS.has(op)) return 'bool';
  if (!left || !right) return op === '+' && (left === 'string' || right === 'string') ? 'string' : '';
  if (left === right) return left === 'char' ? (op === '+' ? 'string' : '') : left;
  const numbers = (left === 'int' || left === 'float') && (right === 'int' || right === 'float');
  if (numbers) return 'float';
  if (op !== '+') return left === 'string' && op === '-' ? left : '';
  if (left === 'string' || right === 'string') return 'string';
  return left === 'array' || left === 'blob' ? left : '';
}

/** What `for` finds in a value of that type. */
export function itemsOf(type: string): string {
  return type === 'string' ? 'char' : type === 'blob' ? 'int' : 'any';
}

/** Which parameters of the closure are items of the array; the one that follows is a number. */
export const NUMBERED: Record<string, readonly number[]> = {
  map: [0],
  filter: [0],
  for_each: [],
  find: [0],
  find_map: [0],
  all: [0],
  some: [0],
  index_of: [0],
  retain: [0],
  drain: [0],
  extract: [0],
  sort: [0, 1],
  sort_by: [0, 1],
  order_by: [0, 1],
  dedup: [0, 1],
  reduce: [1],
  reduce_rev: [1],
};

/** What adds to an array or a map, and which argument is what it adds. */
export const ADDERS: Record<string, number> = {
  push: 0,
  insert: 1,
  append: 0,
  pad: 1,
  set: 1,
  mixin: 0,
  fill_with: 0,
};
