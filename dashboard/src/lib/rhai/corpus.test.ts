// What must hold for every script of the corpus: no false alarm, and no exception, also not in the midst of typing.
import { expect, it } from 'vitest';

import {
  analyse,
  apiOf,
  complete,
  definition,
  diagnosticsOf,
  highlights,
  hover,
  outline,
  references,
  rename,
  signature,
} from '.';
import type { Analysis } from '.';
import { symbols } from './oracle/symbols';
import { corpus, document } from './testing';
import type { Case } from './testing';

type Library = Record<string, { sigs: { p: [name: string, type: string][]; r: string | null }[] }>;

/** The API and what the corpus' Rhai has besides: the time functions. */
function wholeApi(library: Library) {
  const known = new Set(document.functions.map((it) => it.name));
  const rest = Object.entries(library)
    .filter(([name]) => !known.has(name))
    .flatMap(([name, { sigs }]) =>
      sigs.map(({ p, r }) => ({
        name,
        namespace: '',
        doc: '',
        params: p.map(([name, type]) => ({ name, type })),
        returns: r,
        signature: '',
      })),
    );
  return apiOf({ ...document, functions: [...document.functions, ...rest] });
}

/** Everything that can be asked about a place. */
function askAll(analysis: Analysis, offset: number): void {
  complete(analysis, offset, true);
  signature(analysis, offset);
  hover(analysis, offset);
  definition(analysis, offset);
  references(analysis, offset);
  highlights(analysis, offset);
}

const cases = [...(corpus<Case>('probes.jsonl') ?? []), ...(corpus<Case>('snippets.jsonl') ?? [])];

it.runIf(cases.length)('nothing that Rhai runs is called an error', () => {
  const api = wholeApi(corpus<Library>('stdlib-compact.json')![0]!);
  const runs = cases.filter(({ expect_error, mode }) => !expect_error && mode === 'script');
  expect(runs.length).toBeGreaterThan(900);
  const alarms = runs.flatMap(({ name, source }) =>
    diagnosticsOf(analyse(source, { api }))
      // `eval` is Rhai's, and refused by PiCloud.
      .filter(({ severity, code }) => code !== 'eval' && /error|warning/.test(severity))
      .map(({ code, message }) => `${name}: ${code}: ${message}`),
  );
  expect(alarms).toEqual([]);
});

it.runIf(cases.length)(
  'nothing throws on any prefix of a script, wherever one asks',
  { timeout: 120_000 },
  () => {
    const api = wholeApi(corpus<Library>('stdlib-compact.json')![0]!);
    for (const { source } of cases) {
      // All of a short one; of a long one as many, spread over it.
      const step = Math.max(1, Math.floor(source.length / 60));
      for (let end = 0; end <= source.length; end += step) {
        const analysis = analyse(source.slice(0, end), { api });
        diagnosticsOf(analysis);
        outline(analysis);
        askAll(analysis, end);
        askAll(analysis, end >> 1);
      }
      const whole = analyse(source, { api });
      symbols(source, { api });
      for (const { from } of whole.declarations) rename(whole, from, 'other');
    }
  },
);

it('nothing throws on scripts that are cut and glued at random', { timeout: 120_000 }, () => {
  let seed = 20_261_120;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const pieces =
    'let x = |a| { fn f ( ) } #{ a: [ 1 , "s" ] `t${ }` . :: => if else for in switch _ import as try catch x f req =';
  const words = pieces.split(' ');
  for (let i = 0; i < 5_000; i++) {
    const source = Array.from({ length: random(30) }, () => words[random(words.length)]).join(' ');
    const analysis = analyse(source, {});
    diagnosticsOf(analysis);
    outline(analysis);
    askAll(analysis, random(source.length + 1));
    for (const { from } of analysis.declarations) rename(analysis, from, 'other');
  }
});
