// Programs that run get no error and no warning. With PICLOUD=path/to/picloud the same programs are run as well.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { analyse, diagnosticsOf } from '..';
import { api } from '../testing';
import { generate } from './generate';

const programs = Array.from({ length: 400 }, (_, seed) => generate(seed));

it('nothing that runs is called a mistake', () => {
  const alarms = programs.flatMap((source) =>
    diagnosticsOf(analyse(source, { api }))
      .filter(({ severity }) => severity !== 'hint')
      .map(({ code, message }) => `${code}: ${message}\n${source}`),
  );
  expect(alarms).toEqual([]);
});

it.skipIf(!process.env.PICLOUD)('they do run', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rhai-differential-'));
  const file = join(folder, 'program.rhai');
  for (const source of programs) {
    writeFileSync(file, source);
    const out = execFileSync(process.env.PICLOUD!, ['run', file, '--json'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(JSON.parse(out).ending, source).toBe('replied');
  }
  rmSync(folder, { recursive: true });
});
