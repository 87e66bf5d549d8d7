// Chromium as the system has it; nothing is downloaded, and it talks to nobody but us.
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const startBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
  });

/** What goes wrong in a page without anybody looking: script errors, and what its own policy refuses. */
export function complaints(page) {
  const heard = [];
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('console', (message) => {
    // A refused call is part of the story, and shown to the person.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) heard.push(message.text());
  });
  return heard;
}

/** Throws what axe finds (WCAG 2.2 AA and best practices), in the light and in the dark. */
export async function accessible(page) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    if (violations.length === 0) continue;
    const lines = violations.map(
      (found) => `${found.id}: ${found.help}\n    ${found.nodes.map((node) => node.html).join('\n    ')}`,
    );
    throw new Error(`${page.url()} (${colorScheme}):\n  ${lines.join('\n  ')}`);
  }
}
