// Who imports whom, from where one script stands.
import type { Schema } from '$lib/api/client';

export type LinkedScript = Schema<'LinkedScript'>;

/** Both sides of a script, also through other modules. */
export interface Links {
  imports: LinkedScript[];
  importers: LinkedScript[];
}

/** Whether nothing is between the two. */
export const direct = (script: LinkedScript) => script.chain.length === 2;

/** The direct ones, or all. */
export const within = (scripts: LinkedScript[], transitive: boolean) =>
  transitive ? scripts : scripts.filter(direct);

/** How many there are only through other modules. */
export const further = ({ imports, importers }: Links) =>
  [...imports, ...importers].filter((script) => !direct(script)).length;
