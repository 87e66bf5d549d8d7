// What a script may be called, known before the server is asked. The server decides; a test compares the words.
import type { Schema } from '$lib/api/client';

/** What each kind is for. */
export const KINDS: [Schema<'Kind'>, string][] = [
  ['endpoint', 'It answers events: routes point at it.'],
  ['module', 'It keeps functions and constants that other scripts of this app import.'],
];

/** `RESERVED_FOR_SCRIPTS` of host/src/manager/names.rs. */
export const RESERVED =
  'base64 crypto ctx docs env event global hex http invoke json jwt kv log queue random regex req reply secret text ' +
  'time topic url as async await break case catch const continue debug default do else eval export exit false fn for ' +
  'go goto if import in is let loop match module new nil null package print private protected public return shared ' +
  'spawn static super switch sync this thread throw true try type_of until use var void while with yield call curry ' +
  'is_def_fn is_def_var is_shared';

const reserved = new Set(RESERVED.split(' '));

/** Why a script of this kind cannot have the name; null when it may. */
export function refusedName(name: string, kind: Schema<'Kind'>): string | null {
  if (kind !== 'module' || !reserved.has(name)) return null;
  return (
    `"${name}" is a word of the script language or of its API, so no module can have it; ` +
    `${name}_lib would do`
  );
}

/** What a module would be called where it is imported. */
export function aliasOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return reserved.has(last) ? name.replaceAll('/', '_') : last;
}

/** Lines that import a module and call its first function, if it has one. */
export function usage(name: string, source: string): string {
  const alias = aliasOf(name);
  const [, called, given = ''] = /^fn\s+(\w+)\s*\(([^)]*)\)/m.exec(source) ?? [];
  const call = called ? `\n${alias}::${called}(${given.replace(/\s+/g, ' ').trim()})` : '';
  return `import "${name}" as ${alias};\n${call}`.trimEnd();
}
