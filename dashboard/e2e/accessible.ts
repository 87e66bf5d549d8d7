// What axe finds on a page, and pictures of it for whoever sets E2E_PICTURES to a folder.
import { join } from 'node:path';

import type { Page } from '@playwright/test';
import axe from 'axe-core';

interface Violation {
  id: string;
  help: string;
  nodes: { html: string }[];
}

/** Throws what axe finds (WCAG 2.2 AA and best practices), in the light and in the dark. */
export async function accessible(page: Page, name: string): Promise<void> {
  const folder = process.env.E2E_PICTURES;
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
      return (await axe.run()).violations;
    });
    if (folder) await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
    if (violations.length === 0) continue;
    const lines = violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.map(({ html }) => html).join('\n    ')}`,
    );
    throw new Error(`${page.url()} (${colorScheme}):\n  ${lines.join('\n  ')}`);
  }
}
