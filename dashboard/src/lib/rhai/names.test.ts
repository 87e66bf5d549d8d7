import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { NAME_LONGEST, nameMeant, refusalOf, RESERVED_NAMES } from './names';

/** The Rust source with a text, wherever it stands. */
function sourceWith(wanted: string): string {
  const texts = ['../host/src', '../sdk/src'].flatMap((folder) => {
    const root = join(process.cwd(), folder);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.rs')).map((file) => readFileSync(join(root, file), 'utf8'));
  });
  return texts.find((text) => text.includes(wanted))!;
}

it('are those that the host refuses', () => {
  const rule = sourceWith('RESERVED_FOR_SCRIPTS: &str =');
  const [, words] = /RESERVED_FOR_SCRIPTS: &str = "([^"]+)"/.exec(rule)!;
  expect([...RESERVED_NAMES].sort()).toEqual(words!.split(/[\s\\]+/).sort());
  const [, longest] = /SCRIPT_NAME_BYTES_MAX: usize = (\d+);/.exec(
    sourceWith('SCRIPT_NAME_BYTES_MAX: usize ='),
  )!;
  expect(Number(longest)).toBe(NAME_LONGEST);
});

it('are refused with a reason, and what was meant is found', () => {
  expect(refusalOf('shop/orders')).toBe('');
  expect(refusalOf('log')).toContain('a word of the language');
  expect(refusalOf('a'.repeat(65))).toContain('65 characters, 64 are allowed');
  expect(refusalOf('./lib')).not.toBe('');
  expect([nameMeant('./lib.rhai'), nameMeant('../myLib'), nameMeant('log')]).toEqual([
    'lib',
    'my_lib',
    'log_lib',
  ]);
});
