// Every source of the shared corpus that can be parsed. With PICLOUD=path/to/picloud they are also run, as they are and
// formatted, and must end in the same way.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parse } from '../syntax/parser';
import { corpus } from '../testing';
import { format, type FormatOptions } from './format';

interface Row {
  source: string;
  mode: string;
  stage?: string;
  parse_ok?: boolean;
}

const rows = ['parse.jsonl', 'snippets.jsonl', 'probes.jsonl'].flatMap((file) => corpus<Row>(file) ?? []);
const sources = new Map<string, FormatOptions['mode']>();
for (const { source, mode, stage, parse_ok } of rows) {
  if (parse_ok ?? stage !== 'parse')
    sources.set(source, mode.includes('expression') ? 'expression' : 'script');
}

/** Formats twice; null, or what is wrong. */
function problemOf(source: string, options: FormatOptions): string | null {
  const once = format(source, options);
  if (!once.ok) return once.error.message;
  const twice = format(once.text, options);
  if (!twice.ok) return twice.error.message;
  if (twice.text !== once.text) return `not stable:\n${once.text}\n${twice.text}`;
  return inOrder(source, options) === inOrder(once.text, options) ? null : `moved a comment:\n${once.text}`;
}

/** Tokens and comments, without commas that end a list. */
function inOrder(source: string, options: FormatOptions): string {
  const { tokens, comments } = parse(source, options);
  const kept = tokens.filter(
    ({ kind }, index) => kind !== ',' || ![')', ']', '}'].includes(tokens[index + 1]!.kind),
  );
  const all = [...kept, ...comments].sort((a, b) => a.from - b.from);
  return all.map(({ from, to }) => source.slice(from, to)).join('\0');
}

describe.skipIf(!sources.size)('the corpus', () => {
  it('keeps its tokens and comments, and is formatted only once', () => {
    const problems = [100, 60, 30, 10].flatMap((width) =>
      [...sources].map(([source, mode]) => [source, problemOf(source, { mode, width })]),
    );
    expect(problems.filter(([, problem]) => problem)).toEqual([]);
    expect(problems.length).toBeGreaterThan(1000);
  });

  it('keeps comments and line breaks that were put anywhere', () => {
    const random = generator(20_251_120);
    const scripts = [...sources].filter(([, mode]) => mode === 'script').map(([source]) => source);
    const problems: unknown[] = [];
    let count = 0;
    for (let round = 0; round < 5000; round++) {
      const source = disturbed(scripts[Math.floor(random() * scripts.length)]!, random);
      if (parse(source).errors.length) continue;
      count++;
      const problem = problemOf(source, { width: 10 + (round % 4) * 30 });
      if (problem) problems.push([source, problem]);
    }
    expect(problems).toEqual([]);
    expect(count).toBeGreaterThan(4500);
  });
});

const DISTURBANCES = [
  ' /* x */ ',
  '/*x*/',
  ' // x\n',
  '\n// x\n',
  '\n\n// x\n\n',
  ' /* x\n  y */ ',
  '\n/* x */\n',
  '\n',
  '\n\n\n',
  '\r\n',
  '\t',
  ' // x\n// y\n',
  ' /* x */ // y\n',
];

/** A source with up to four comments or line breaks between its tokens. */
function disturbed(source: string, random: () => number): string {
  const { tokens } = parse(source);
  const places = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    Math.floor(random() * tokens.length),
  );
  let text = source;
  for (const index of places.sort((a, b) => b - a)) {
    const parts = [tokens[index - 1]?.kind, tokens[index]!.kind];
    if (parts.some((kind) => kind === 'head' || kind === 'middle' || kind === 'tail')) continue;
    const { from } = tokens[index]!;
    text = text.slice(0, from) + DISTURBANCES[Math.floor(random() * DISTURBANCES.length)] + text.slice(from);
  }
  return text;
}

/** Numbers from 0 to 1, the same ones for a seed. */
function generator(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

const picloud = process.env.PICLOUD;

describe.skipIf(!picloud || !sources.size)('rhai', () => {
  /** How a script ends: its reply or its error, and its log. Times and places are left out. */
  function run(file: string, source: string): { ending: string; all: string } {
    writeFileSync(file, source);
    const { ending, error, log, reply } = JSON.parse(output(['run', file, '--json', '--fuel', '20000000']));
    const message = error?.message.replace(/ ?\(?line \d+, position \d+\)?/g, '');
    return { ending, all: JSON.stringify([ending, error?.code, message, log, reply]) };
  }

  function output(words: string[]): string {
    try {
      return execFileSync(picloud!, words, { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  it('gives the same result for the formatted text', { timeout: 600_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'rhai-format-'));
    const file = join(folder, 'script.rhai');
    const endings: Record<string, number> = {};
    const different: unknown[] = [];
    for (const [source, mode] of sources) {
      const answer = mode === 'script' && format(source);
      if (!answer || !answer.ok || answer.text === source) continue;
      const before = run(file, source);
      endings[before.ending] = (endings[before.ending] ?? 0) + 1;
      const after = run(file, answer.text);
      if (before.all !== after.all) different.push([source, before.all, after.all]);
    }
    rmSync(folder, { recursive: true });
    console.log('run as they were and formatted:', endings);
    expect(different).toEqual([]);
  });
});
