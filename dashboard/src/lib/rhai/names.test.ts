import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { NAME_LONGEST, nameMeant, refusalOf, RESERVED_NAMES } from './names';

/** The host's file that says what scripts may be called, wherever it stands. */
function hostsRule(): string {
  const root = join(process.cwd(), '../host/src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.rs'),
  );
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  return texts.find((text) => text.includes('RESERVED_FOR_SCRIPTS: &str ='))!;
}

it('are those that the host refuses', () => {
  const rule = hostsRule();
  const [, words] = /RESERVED_FOR_SCRIPTS: &str = "([^"]+)"/.exec(rule)!;
  expect([...RESERVED_NAMES].sort()).toEqual(words!.split(/[\s\\]+/).sort());
  expect(rule).toContain(`SCRIPT_NAME_BYTES_MAX: usize = ${NAME_LONGEST};`);
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
