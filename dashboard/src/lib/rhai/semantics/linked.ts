// What the scripts that take part in a run bring along without a path: functions for values, and functions that a
// closure finds in the module that calls it.
import { importedName, moduleNamed } from './modules';
import type { Analysis } from './symbols';

export interface Linked {
  /** All that is imported is known, through all modules, so that nothing else can take part. */
  complete: boolean;
  /** The names of all functions of these modules, private ones too. */
  functions: ReadonlySet<string>;
  /** Those of functions for values, `fn int.double()`: they need no path. */
  receivers: ReadonlySet<string>;
  /** One of them gives its `this` another value. */
  assignsThis: boolean;
}

const known = new WeakMap<Analysis, Linked>();

export function linkedTo(analysis: Analysis): Linked {
  let linked = known.get(analysis);
  if (!linked) known.set(analysis, (linked = collect(analysis)));
  return linked;
}

function collect(analysis: Analysis): Linked {
  const functions = new Set<string>();
  const receivers = new Set<string>();
  // Whoever imports a module may bring others along.
  let complete = analysis.options.kind !== 'module';
  let assignsThis = false;
  const seen = new Set<string>();
  const waiting = [analysis];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    for (const node of at.imports) {
      const name = importedName(at, node);
      const module = name ? moduleNamed(analysis.options, name) : null;
      if (!module) complete = false;
      if (!module || seen.has(name)) continue;
      seen.add(name);
      waiting.push(module.analysis);
      assignsThis ||= module.analysis.assignsThis;
      for (const [own, list] of module.analysis.functions) {
        functions.add(own);
        if (list.some(({ receiver }) => receiver)) receivers.add(own);
      }
    }
  }
  return { complete, functions, receivers, assignsThis };
}
