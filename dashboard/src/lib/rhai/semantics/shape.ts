// What is said of a value, and what several values have in common.
import type { Closure, Function } from '../syntax/tree';
import type { Analysis } from './symbols';

export interface Field {
  name: string;
  from: number;
  to: number;
  /** The script that it stands in. */
  analysis: Analysis;
  shape: () => Shape;
}

export interface Shape {
  /** The type's name; empty when unknown. */
  type: string;
  fields?: Map<string, Field>;
  item?: Shape;
  /** The function or closure that a pointer points at. */
  callable?: Function | Closure;
}

export const UNKNOWN: Shape = { type: '' };

export const simple = (type: string): Shape => (type === 'any' ? UNKNOWN : { type });

/** What values of these shapes have in common; of fields that several of them have, the first counts. */
export function all(shapes: readonly Shape[]): Shape {
  const [first = UNKNOWN] = shapes;
  const { type } = first;
  if (!type || shapes.every((shape) => shape === first)) return first;
  if (shapes.some((shape) => shape.type !== type)) return UNKNOWN;
  if (type === 'array') return arrayOf(shapes.flatMap(({ item }) => item ?? []));
  if (type !== 'map') return { type };
  const groups = new Map<string, Field[]>();
  for (const shape of shapes) {
    for (const [name, field] of shape.fields ?? []) {
      const group = groups.get(name);
      if (group) group.push(field);
      else groups.set(name, [field]);
    }
  }
  const fields = new Map([...groups].map(([name, group]) => [name, together(group)]));
  return { type, fields };
}

/** A field that several maps have. */
function together(group: Field[]): Field {
  const [first] = group as [Field];
  return group.length > 1 ? { ...first, shape: () => all(group.map((field) => field.shape())) } : first;
}

/** An array of these; what is nothing says nothing of the others, and an empty array nothing of its items. */
export function arrayOf(items: readonly Shape[]): Shape {
  const values = items.filter(({ type }) => type !== '()');
  return { type: 'array', ...(items.length && { item: all(values.length ? values : items) }) };
}

/** With one more item, where it is an array. */
export function withItem(shape: Shape, item: Shape | undefined): Shape {
  return shape.type === 'array' && item ? arrayOf([...(shape.item ? [shape.item] : []), item]) : shape;
}

/** With fields; those that are known keep their place. */
export function withFields(shape: Shape, fields: Iterable<[string, Field]>): Shape {
  return { ...shape, fields: new Map([...fields, ...(shape.fields ?? [])]) };
}
