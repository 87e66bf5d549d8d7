// The names of scripts in a refusal's sentence, so that they can be links.
import type { Problem } from '$lib/api/client';
import type { Place } from './place';

/** Text, or a script of the app. */
export type Part = string | { script: string; at?: Place };

/** So many names are in a sentence; then it says how many more there are. */
const NAMES_SHOWN = 10;

/** The message in parts. Put together again they are the message, whatever the details are. */
export function partsOf({ code, message, details }: Problem): Part[] {
  if (code === 'import_cycle') return named(message, names(details?.cycle), ' → ');
  if (code === 'imports_too_deep') return named(message, names(details?.chain), ' → ');
  if (code === 'in_use') return named(message, names(details?.importers).slice(0, NAMES_SHOWN), ', ');
  if (code === 'link_failed') return failed(message, details ?? {});
  return [message];
}

/** With the list of names, which stands last if it stands there more than once. */
function named(message: string, scripts: string[], separator: string): Part[] {
  const list = scripts.join(separator);
  const at = scripts.length ? message.lastIndexOf(list) : -1;
  if (at < 0) return [message];
  const links = scripts.flatMap((script, nth): Part[] => (nth ? [separator, { script }] : [{ script }]));
  return full([message.slice(0, at), ...links, message.slice(at + list.length)]);
}

/** The script that could not be linked comes first, in quotes; its place is known unless its modules are gone. */
function failed(message: string, details: Record<string, unknown>): Part[] {
  const { script, line, column } = details;
  if (typeof script !== 'string' || typeof line !== 'number') return [message];
  const start = `"${script}"`;
  if (!message.startsWith(start)) return [message];
  const at = { line, column: Number(column) || 1 };
  return full(['"', { script, at }, message.slice(start.length - 1)]);
}

const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const full = (parts: Part[]) => parts.filter((part) => part !== '');
