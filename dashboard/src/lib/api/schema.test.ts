import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

test('schema.ts is what openapi.json says (npm run api makes it anew)', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const [program, source, ...options] = scripts.api.split(' ').filter((word: string) => word !== '--output');
  const made = execFileSync(`node_modules/.bin/${program}`, [source, ...options.slice(0, -1)], {
    encoding: 'utf8',
  });
  expect(readFileSync('src/lib/api/schema.ts', 'utf8')).toBe(made);
}, 60_000);
