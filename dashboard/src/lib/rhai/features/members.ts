// What may follow a dot, by the shape of what is before it.
import type { Api, ApiFunction } from '../semantics/api';
import type { Shape } from '../semantics/shapes';

export interface ApiMember {
  name: string;
  method: boolean;
  functions: ApiFunction[];
}

/** Functions that make sense only between their arguments, or without a dot. */
const PLAIN = /^(print|debug|reply|parse_json|blob|range|exit|E|PI)$/;

/** Properties and methods of a type; of an unknown type all methods. */
export function apiMembers(api: Api | undefined, { type }: Shape): ApiMember[] {
  const found = new Map<string, ApiMember>();
  if (!api) return [];
  for (const of of type ? [type, 'any'] : [...api.properties.keys()]) {
    for (const [name, it] of api.properties.get(of) ?? []) {
      if (type || !found.has(name)) found.set(name, { name, method: false, functions: [it] });
    }
  }
  for (const of of type ? [type, 'any'] : [...api.methods.keys()]) {
    for (const [name, functions] of api.methods.get(of) ?? []) {
      const known = found.get(name);
      if (known?.method) known.functions = known.functions.concat(functions);
      else if (!known && !(PLAIN.test(name) && of === 'any')) {
        found.set(name, { name, method: true, functions });
      }
    }
  }
  return [...found.values()];
}
