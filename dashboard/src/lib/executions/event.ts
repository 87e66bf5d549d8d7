// The event of a trial run, as a person writes it in a form.
import type { Schema } from '$lib/api/client';

export interface EventForm {
  method: string;
  /** With a query, as one would write it behind a host. */
  path: string;
  /** Lines of `name: value`. */
  headers: string;
  /** Lines of `name = value`, as a route would have found them. */
  params: string;
  body: string;
}

export const emptyEvent = (): EventForm => ({ method: 'GET', path: '/', headers: '', params: '', body: '' });

/** Throws a sentence about the first line that cannot be read. */
export function eventOf(form: EventForm): Schema<'GivenEvent'> {
  const target = form.path.trim() || '/';
  const at = target.indexOf('?');
  const headers: Record<string, string[]> = {};
  for (const [name, value] of pairs(form.headers, ':', 'headers')) (headers[name] ??= []).push(value);
  return {
    method: form.method,
    path: at < 0 ? target : target.slice(0, at),
    query: at < 0 ? '' : target.slice(at + 1),
    headers,
    params: Object.fromEntries(pairs(form.params, '=', 'parameters')),
    body: form.body || null,
  };
}

function pairs(text: string, separator: string, what: string): [string, string][] {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const at = line.indexOf(separator);
      if (at < 1) throw new Error(`${what}: write "name${separator} value", not "${line.trim()}"`);
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
}

/** A reply's body to look at: JSON with its structure, anything else as it is. */
export function readable(reply: Schema<'Reply'>): string {
  const body = reply.body ?? reply.body_base64 ?? '';
  const json = reply.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /[/+]json\b/.test(value),
  );
  try {
    return json ? JSON.stringify(JSON.parse(body), null, 2) : body;
  } catch {
    return body;
  }
}
