// `npm run e2e`: the dashboard as a person has it, in a real browser against the real server.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineConfig } from '@playwright/test';

import { launch } from './e2e/chromium';

export default defineConfig({
  testDir: 'e2e',
  // Each worker has a server of its own.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  reporter: 'list',
  outputDir: join(tmpdir(), 'picloud-e2e-results'),
  timeout: 90_000,
  expect: { timeout: 20_000 },
  use: {
    launchOptions: launch,
    viewport: { width: 1280, height: 900 },
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
