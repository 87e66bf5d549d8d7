// How far one question may lead: from values to variables, functions and scripts. The stack is finite, scripts are not.

/** Levels, each of them some calls deep. */
const DEEPEST = 200;

let depth = 0;

/** The answer of `compute`, or `otherwise` where it would lead too far. */
export function bounded<T>(otherwise: T, compute: () => T): T {
  if (depth >= DEEPEST) return otherwise;
  depth++;
  try {
    return compute();
  } finally {
    depth--;
  }
}
