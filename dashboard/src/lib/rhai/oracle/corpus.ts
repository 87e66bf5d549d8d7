// The corpus of what Rhai itself says about scripts, for tests. It lies beside the repository and is not part of it.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../../../../shared/corpus/rhai/', import.meta.url));

/** Tests that need the corpus are left out without it; the notice says so. */
export const hasCorpus = existsSync(FOLDER);
if (!hasCorpus) console.warn(`The Rhai corpus is not at ${FOLDER}: the tests that need it are left out.`);

interface Rows {
  tokens: { name: string; source: string; tokens: unknown[] };
  parse: { name: string; source: string; mode: Mode; parse_ok: boolean; error: Failure | null };
  probes: { name: string; source: string; mode: Mode; stage: string; error?: Failure };
  snippets: { name: string; source: string; mode: Mode; stage: string; error?: Failure };
  trees: { name: string; source: string; mode: Mode; tree: unknown; functions: unknown[] };
}

export type Mode = 'script' | 'compile' | 'expression' | 'compile_expression';

export interface Failure {
  message: string;
  line: number;
  col: number;
}

export function corpus<K extends keyof Rows>(file: K): Rows[K][] {
  const lines = readFileSync(`${FOLDER}${file}.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Rows[K]);
}

/** The probes of the grammar that are part of the repository. */
export function probes(): [source: string, mode: Mode, line: number | null][] {
  const text = readFileSync(fileURLToPath(new URL('./probes.jsonl', import.meta.url)), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [string, Mode, number | null]);
}

/** Every source of the corpus once, or of the probes where there is no corpus. */
export function sources(): string[] {
  if (!hasCorpus) return probes().map(([source]) => source);
  const files = ['tokens', 'parse', 'probes', 'snippets', 'trees'] as const;
  return [...new Set(files.flatMap((file) => corpus(file).map(({ source }) => source)))];
}
