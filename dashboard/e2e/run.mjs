// `npm run e2e`: a person's first hour with the dashboard, in a real browser against the real server.
import { join } from 'node:path';
import { tmpdir } from 'node:os';

import { startBrowser, complaints } from './browser.mjs';
import { startServer } from './server.mjs';
import { story } from './story.mjs';

const TIMEOUT_MS = 20_000;

const server = await startServer();
const browser = await startBrowser();
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
context.setDefaultTimeout(TIMEOUT_MS);
const page = await context.newPage();
const heard = complaints(page);

let passed = 0;
let failed = 0;
async function test(name, work) {
  try {
    await work();
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    const picture = join(process.env.E2E_PICTURES ?? tmpdir(), `picloud-e2e-failed-${failed}.png`);
    await page.screenshot({ path: picture }).catch(() => {});
    console.log(`FAILED  ${name}\n${error.stack}\n  at ${page.url()}, see ${picture}`);
  }
}

await story({ test, page, server, heard });
await browser.close();
await test('the server stops as asked', async () => {
  const code = await server.stop();
  if (code !== 0) throw new Error(`exit code ${code}:\n${server.log()}`);
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
