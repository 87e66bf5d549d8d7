// What may follow a dot, by the type of what is before it.
import type { Api, ApiFunction } from '../semantics/api';

export interface ApiMember {
  method: boolean;
  /** Every type has it. */
  common: boolean;
  functions: ApiFunction[];
}

/** Properties and methods of a type by name; of an unknown type those of all types. */
export function apiMembers({ properties, methods }: Api, type: string): Map<string, ApiMember> {
  const found = new Map<string, ApiMember>();
  for (const of of type ? [type, 'any'] : new Set([...properties.keys(), ...methods.keys()])) {
    const common = of === 'any';
    for (const [name, it] of properties.get(of) ?? []) {
      if (!found.has(name)) found.set(name, { method: false, common, functions: [it] });
    }
    for (const [name, list] of methods.get(of) ?? []) {
      const known = found.get(name);
      if (known?.method) known.functions = known.functions.concat(list);
      else if (!known) found.set(name, { method: true, common, functions: list });
    }
  }
  return found;
}
