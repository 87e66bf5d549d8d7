// Builds src/lib/rhai as a package of its own into build-rhai/ (`npm run rhai`) and says how large it is: the whole
// feature without CodeMirror has to stay below what the dashboard's bundle allows for it; `npm run build` fails otherwise.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Bytes of the whole feature as it is sent: compressed. */
const GZIP_LARGEST = 45_000;

/** Each entry is built alone, so that the package's size has nothing of the other in it. */
async function bundle(name, entry) {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: 'build-rhai',
      emptyOutDir: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: { [name]: entry },
        external: [/^@codemirror\//, /^@lezer\//],
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  const code = readFileSync(new URL(`../build-rhai/${name}.js`, import.meta.url));
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

// The dashboard's tsconfig.json extends one that SvelteKit makes.
if (!existsSync(new URL('../.svelte-kit/tsconfig.json', import.meta.url))) {
  execFileSync('npx', ['--no-install', 'svelte-kit', 'sync'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
}
await bundle('rhai', 'src/lib/rhai/index.ts');
await bundle('oracle', 'src/lib/rhai/oracle/index.ts');
// All that the dashboard has of it, the glue included.
const size = await bundle('editor', 'src/lib/rhai/codemirror/index.ts');
console.log(`build-rhai/editor.js: ${size.minified} bytes, ${size.gzip} with gzip`);
if (size.gzip > GZIP_LARGEST) {
  console.error(`The Rhai package is too large: ${size.gzip} bytes with gzip, at most ${GZIP_LARGEST}.`);
  process.exitCode = 1;
}
