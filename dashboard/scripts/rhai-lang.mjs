// The Rhai package for other programs: a JSON line {"op": "...", "source": "..."} on stdin, a JSON line on stdout.
//   tokens   the rows of the corpus' tokens.jsonl
//   parse    {ok, errors: [{message, line, col, from, to}], tree, functions} as in trees.jsonl;
//            takes "mode": "expression" and "depth": [script, fn], which is Rhai's own [64, 32] when left out
//   format   {ok: true, text} or {ok: false, error: {message, line, col, from, to}}; takes what parse takes
//   symbols  {declarations: [{name, kind, line, col, from, to, depth, doc, usages}], unresolved, diagnostics};
//            takes "api": false to know nothing of PiCloud's script API, and "modules": {name: source}
// It runs what `npm run rhai` built into build-rhai/, and builds that first when a source is newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function isStale() {
  const built = join(ROOT, 'build-rhai/oracle.js');
  if (!existsSync(built)) return true;
  const { mtimeMs } = statSync(built);
  const sources = readdirSync(join(ROOT, 'src/lib/rhai'), { recursive: true });
  return sources.some((name) => statSync(join(ROOT, 'src/lib/rhai', name)).mtimeMs > mtimeMs);
}

if (isStale()) {
  // Its complaint about the size goes to stderr and is no reason not to answer.
  spawnSync(process.execPath, ['scripts/build-rhai.mjs'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (isStale()) throw new Error('The Rhai package could not be built: try `npm run rhai`.');
}
const { apiOf, formatted, stringify, symbols, tokens, parsed } = await import('../build-rhai/oracle.js');

const api = apiOf(JSON.parse(readFileSync(join(ROOT, '../sdk/api/script.json'), 'utf8')));

const OPS = {
  tokens: ({ source }) => tokens(source),
  parse: (request) => parsed(request.source, optionsOf(request)),
  format: (request) => formatted(request.source, optionsOf(request)),
  symbols: ({ source, api: wanted, modules, kind }) =>
    symbols(source, {
      ...(wanted === false ? {} : { api }),
      ...(modules && { modules: (name) => sourceOf(modules, name), moduleNames: () => Object.keys(modules) }),
      ...(kind && { kind }),
    }),
};

function sourceOf(modules, name) {
  const source = Object.hasOwn(modules, name) ? modules[name] : undefined;
  return typeof source === 'string' ? source : undefined;
}

function optionsOf({ mode, depth }) {
  return { mode: /expression/.test(mode) ? 'expression' : 'script', ...(isDepth(depth) && { depth }) };
}

function isDepth(depth) {
  return Array.isArray(depth) && depth.length === 2 && depth.every(Number.isInteger);
}

function answer(line) {
  try {
    const request = Object(JSON.parse(line));
    const op = Object.hasOwn(OPS, request.op) && OPS[request.op];
    if (!op) return { error: `There is no op "${request.op}": use ${Object.keys(OPS).join(', ')}.` };
    if (typeof request.source !== 'string') return { error: 'Give the script as a string in "source".' };
    return op(request);
  } catch (error) {
    return { error: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) process.stdout.write(stringify(answer(line)) + '\n');
}
