// A place in a script as an address carries it: `?line=3&column=5`.
import type { Schema } from '$lib/api/client';

export type Place = Schema<'Place'>;

/** Ready to be put behind a path; empty without a place. */
export const queryOf = (at?: Place | null) => (at ? `?line=${at.line}&column=${at.column}` : '');

/** What an address asks for, if anything. */
export function placeIn(query: URLSearchParams): Place | null {
  const [line, column] = ['line', 'column'].map((name) => Number(query.get(name)));
  return line! > 0 ? { line: Math.trunc(line!), column: Math.max(1, Math.trunc(column!) || 1) } : null;
}
