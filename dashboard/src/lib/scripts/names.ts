// What a script may be called, known before the server is asked; the server decides.
import type { Schema } from '$lib/api/client';
import { RESERVED_NAMES } from '$lib/rhai/names';

/** What each kind is for. */
export const KINDS: [Schema<'Kind'>, string][] = [
  ['endpoint', 'It answers events: routes point at it.'],
  ['module', 'It keeps functions and constants that other scripts of this app import.'],
];

/** Why a script of this kind cannot have the name; null when it may. */
export function refusedName(name: string, kind: Schema<'Kind'>): string | null {
  if (kind !== 'module' || !RESERVED_NAMES.has(name)) return null;
  return (
    `"${name}" is a word of the script language or of its API, so no module can have it; ` +
    `${name}_lib would do`
  );
}

/** What a module would be called where it is imported. */
export function aliasOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return RESERVED_NAMES.has(last) ? name.replaceAll('/', '_') : last;
}

/** Lines that import a module and call its first function, if it has one. */
export function usage(name: string, source: string): string {
  const alias = aliasOf(name);
  const [, called, given = ''] = /^fn\s+(\w+)\s*\(([^)]*)\)/m.exec(source) ?? [];
  const call = called ? `\n${alias}::${called}(${given.replace(/\s+/g, ' ').trim()})` : '';
  return `import "${name}" as ${alias};\n${call}`.trimEnd();
}
