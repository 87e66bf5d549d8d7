import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

import { launch } from './e2e/chromium.ts';
import manifest from './package.json' with { type: 'json' };
import { scriptApi } from './scripts/script-api.ts';

export default defineConfig({
  plugins: [scriptApi(), sveltekit()],
  // `npm run dev` shows a server that runs beside it, and reads ../sdk/api.
  server: {
    proxy: { '/api': process.env.PICLOUD_ADMIN ?? 'http://127.0.0.1:8081' },
    fs: { allow: ['..'] },
  },
  // Svelte's client build, also in tests.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : undefined,
  test: {
    // For a machine that does other things as well.
    testTimeout: 60_000,
    attachmentsDir: join(tmpdir(), 'picloud-vitest'),
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.svelte.test.ts'],
          setupFiles: ['src/lib/testing/setup.ts'],
        },
      },
      {
        // Components, in a real browser: focus, dialogs and forms are its own.
        extends: true,
        // What is found late is prepared late, and then the page is loaded again in the middle of a test.
        optimizeDeps: {
          include: Object.keys(manifest.devDependencies).filter((name) =>
            /^@(codemirror|lezer)\//.test(name),
          ),
        },
        test: {
          name: 'components',
          include: ['src/**/*.svelte.test.ts'],
          setupFiles: ['src/lib/testing/page.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launch }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
