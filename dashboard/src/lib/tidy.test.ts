// The house rules of the page's own code: which folder may use which, and how long a component may be.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

const LIB = import.meta.dirname;
const COMPONENT_LINES_MAX = 120;

/** Folders by what they may use; a page in `routes/` may use all. */
const MAY_USE: Record<string, string[]> = {
  api: [],
  ui: ['api'],
  rhai: [],
  editor: ['api', 'ui', 'rhai'],
  scripts: ['api', 'ui', 'rhai', 'editor'],
  executions: ['api', 'ui', 'editor', 'scripts'],
  routes: ['api', 'ui'],
  apps: ['api', 'ui'],
  tokens: ['api', 'ui'],
};

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.(ts|svelte)$/.test(file) && !/\.test\.ts$|^testing\//.test(file));

const read = (file: string) => readFileSync(join(LIB, file), 'utf8');

it('every folder is a noun that is known here', () => {
  const folders = new Set(files.map((file) => file.split('/')[0]!));
  expect([...folders].sort()).toEqual(Object.keys(MAY_USE).sort());
});

it('a folder uses only what it may', () => {
  for (const file of files) {
    const [folder] = file.split('/') as [string];
    const used = [...read(file).matchAll(/'\$lib\/([^/']+)/g)].map((found) => found[1]!);
    for (const other of used) expect([folder, ...MAY_USE[folder]!], file).toContain(other);
    // Of its own it says `./`, so that moving the folder is moving it.
    expect(used, file).not.toContain(folder);
  }
});

it('of the language service only its faces are used', () => {
  for (const file of files.filter((file) => !file.startsWith('rhai/'))) {
    const used = [...read(file).matchAll(/'\$lib\/rhai([^']*)'/g)].map((found) => found[1]!);
    for (const part of used) expect(['', '/codemirror', '/names'], file).toContain(part);
  }
});

it('components are short', () => {
  for (const file of files.filter((file) => file.endsWith('.svelte'))) {
    expect(read(file).split('\n').length, file).toBeLessThanOrEqual(COMPONENT_LINES_MAX);
  }
});
