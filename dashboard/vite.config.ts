import process from 'node:process';

import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

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
  test: { include: ['src/**/*.test.ts'], setupFiles: ['src/lib/testing/setup.ts'] },
});
