// Rhai's own lexer and parser are the judge. A case that differs is named below with the reason.
import { describe, expect, it } from 'vitest';

import { parsed, tokens } from '.';
import { corpus, hasCorpus, type Failure, type Mode } from './corpus';
import { stringify } from './numbers';

/** Cases of the corpus in which we differ, by name, and why. */
const DIFFERENCES: Record<string, string> = {};

function modeOf(mode: Mode): 'script' | 'expression' {
  return mode === 'expression' || mode === 'compile_expression' ? 'expression' : 'script';
}

function unexpected(names: string[]): string[] {
  return names.filter((name) => !(name in DIFFERENCES));
}

interface Verdict {
  name: string;
  source: string;
  mode: Mode;
  failure: Failure | null;
}

function verdicts(): Verdict[] {
  return [
    ...corpus('parse').map(({ name, source, mode, parse_ok, error }) => ({
      name,
      source,
      mode,
      failure: parse_ok ? null : error,
    })),
    ...[...corpus('probes'), ...corpus('snippets')].map(({ name, source, mode, stage, error }) => ({
      name,
      source,
      mode,
      failure: stage === 'parse' ? (error ?? null) : null,
    })),
  ];
}

describe.runIf(hasCorpus)('the corpus', () => {
  it('has the same tokens, with the same text and position', () => {
    const rows = corpus('tokens');
    const wrong = rows.filter((row) => stringify(tokens(row.source)) !== JSON.stringify(row.tokens));
    expect(rows.length).toBeGreaterThan(1000);
    expect(unexpected(wrong.map(({ name }) => name))).toEqual([]);
  });

  it('is accepted and refused as by Rhai, on the same line', () => {
    const rows = verdicts();
    const wrong: string[] = [];
    let refused = 0;
    let elsewhere = 0;
    for (const { name, source, mode, failure } of rows) {
      const { ok, errors } = parsed(source, { mode: modeOf(mode) });
      if (ok !== !failure) wrong.push(name);
      if (ok || !failure) continue;
      refused++;
      if (errors[0]!.line !== failure.line) elsewhere++;
    }
    expect(refused).toBeGreaterThan(200);
    expect(unexpected(wrong)).toEqual([]);
    expect(elsewhere / refused).toBeLessThan(0.05);
  });

  it('has the same structure', () => {
    const rows = corpus('trees');
    const wrong = rows.filter(({ source, mode, tree, functions }) => {
      const own = parsed(source, { mode: modeOf(mode) });
      const ours: unknown = JSON.parse(
        stringify([own.tree, own.functions.map((row) => stringify(row)).sort()]),
      );
      const theirs = [tree, functions.map((row) => JSON.stringify(row)).sort()];
      return JSON.stringify(ours) !== JSON.stringify(theirs);
    });
    expect(rows.length).toBeGreaterThan(1000);
    expect(unexpected(wrong.map(({ name }) => name))).toEqual([]);
  });
});
