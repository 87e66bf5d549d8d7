// For tests: the script API, sources with a marked place, and the shared corpus where it is there.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { analyse, apiOf, diagnosticsOf } from '.';
import type { Analysis, ApiDocument, Options } from '.';

export const document = JSON.parse(
  readFileSync(resolve(process.cwd(), '../sdk/api/script.json'), 'utf8'),
) as ApiDocument;

export const api = apiOf(document);

/** A script in which `¦` marks a place. */
export function at(marked: string, options: Options = {}): [Analysis, number] {
  const offset = marked.indexOf('¦');
  return [analyse(marked.replace('¦', ''), { api, ...options }), offset];
}

/** `code: text it is about`, one for each diagnostic. */
export function lint(source: string, options: Options = {}): string[] {
  const all = diagnosticsOf(analyse(source, { api, ...options }));
  return all.map(({ code, from, to }) => `${code}: ${source.slice(from, to)}`);
}

/** The text after the first fix of the diagnostic with that code. */
export function fixed(source: string, code: string, options: Options = {}, place = 0): string | undefined {
  const found = diagnosticsOf(analyse(source, { api, ...options })).find((it) => it.code === code);
  const fix = found?.fixes[place];
  return fix && edited(source, fix.edits);
}

export function edited(
  source: string,
  edits: readonly { from: number; to: number; insert: string }[],
): string {
  const last = [...edits].sort((a, b) => b.from - a.from);
  return last.reduce((text, { from, to, insert }) => text.slice(0, from) + insert + text.slice(to), source);
}

/** An app's scripts. */
export function app(scripts: Record<string, string>, name?: string): Options {
  return {
    ...(name === undefined ? {} : { name }),
    modules: (of) => scripts[of],
    moduleNames: () => Object.keys(scripts),
  };
}

export interface Case {
  name: string;
  source: string;
  mode: string;
  expect_error: boolean;
}

/** A file of the shared corpus; null, with a notice, where it is not there. */
export function corpus<T>(file: string): T[] | null {
  const path = resolve(process.cwd(), '../../shared/corpus/rhai', file);
  if (!existsSync(path)) {
    console.warn(`skipped: there is no ${path}`);
    return null;
  }
  const text = readFileSync(path, 'utf8');
  if (!file.endsWith('.jsonl')) return [JSON.parse(text) as T];
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
