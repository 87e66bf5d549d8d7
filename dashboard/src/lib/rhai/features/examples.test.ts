// Every word of the examples that is not given by them is proposed when its first letter is written.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { analyse, complete } from '..';
import type { Options } from '..';
import { api, app } from '../testing';

const EXAMPLES = join(process.cwd(), '../sdk/examples');

/** The scripts by folder and name: those of a folder are an app. */
function apps(): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const file of readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })) {
    const [, folder = '', name] = /^(?:(\w+)\/)?(.+)\.rhai$/.exec(file) ?? [];
    if (name) found.set(folder, { ...found.get(folder), [name]: readFileSync(join(EXAMPLES, file), 'utf8') });
  }
  return found;
}

/** The words that are not proposed, with what is before them, and how many there are in all. */
function missed(source: string, options: Options): { misses: string[]; count: number } {
  const whole = analyse(source, { api, ...options });
  const given = new Set(whole.declarations.map(({ from }) => from));
  const misses: string[] = [];
  let count = 0;
  for (const { kind, from, to } of whole.tree.tokens) {
    const word = source.slice(from, to);
    const written = kind === 'name' || kind === 'callable' || kind === word;
    const isKey = /^\s*:(?!:)/.test(source.slice(to));
    if (!written || !/^[a-z]\w+$/i.test(word) || given.has(from) || isKey) continue;
    count++;
    const begun = analyse(source.slice(0, from + 1) + source.slice(to), { api, ...options });
    const items = complete(begun, from + 1)?.items ?? [];
    if (!items.some(({ label }) => label === word)) misses.push(source.slice(Math.max(0, from - 12), to));
  }
  return { misses, count };
}

it('what an author writes in the examples is proposed, but for fields that nothing else tells of', () => {
  let count = 0;
  const misses: string[] = [];
  for (const [, scripts] of apps()) {
    for (const [name, source] of Object.entries(scripts)) {
      const found = missed(source, app(scripts, name));
      count += found.count;
      misses.push(...found.misses.map((miss) => `${name}: ${miss}`));
    }
  }
  expect(misses.filter((miss) => !/\.\w+$/.test(miss))).toEqual([]);
  // One word in forty: what other services answer has fields that stand in no script.
  expect(misses.length / count, misses.join('\n')).toBeLessThan(0.025);
});
