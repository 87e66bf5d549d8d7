// What every test has: a server (one for each worker), an app of its own, a page that is signed in and must not complain.
import { expect, test as base, type Page } from '@playwright/test';

import { accessible } from './accessible';
import { Editor } from './editor';
import { startServer, type Server } from './server';
import { Shop } from './shop';

/** Short ways to what a person sees. */
export class Ui {
  readonly editor: Editor;

  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {
    this.editor = new Editor(page);
  }

  button = (name: string) => this.page.getByRole('button', { name, exact: true });
  link = (name: string) => this.page.getByRole('link', { name, exact: true });
  field = (name: string) => this.page.getByLabel(name);
  cell = (name: string) => this.page.getByRole('cell', { name, exact: true });
  alert = (text: string | RegExp) => this.page.getByRole('alert').filter({ hasText: text });
  region = (name: string) => this.page.getByRole('region', { name, exact: true });
  tab = (name: string) => this.page.locator('main nav').getByRole('link', { name, exact: true }).click();
  inDialog = (name: string) =>
    this.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  sees = (text: string | RegExp) => expect(this.page.getByText(text).first()).toBeVisible();
  looks = (name: string) => accessible(this.page, name);

  /** The token is tried before it is believed: inside is who can sign out. */
  async signIn(token: string) {
    await this.field('Token').fill(token);
    await this.button('Sign in').click();
    await expect(this.button('Sign out')).toBeVisible();
  }

  /** Records are written behind the request: asks again until it is there. */
  async refreshUntil(target: ReturnType<Page['getByRole']>) {
    await expect(async () => {
      if (!(await target.isVisible())) await this.button('Refresh').click();
      await expect(target).toBeVisible({ timeout: 500 });
    }).toPass();
  }
}

interface Fixtures {
  shop: Shop;
  ui: Ui;
  /** Signed in as the operator from the start. */
  operator: void;
  /** Errors of scripts, and what the page's own policy refuses. */
  quiet: void;
}

export const test = base.extend<Fixtures & { signedIn: boolean }, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the fixtures it needs from the pattern.
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      const { code, log } = await server.stop();
      expect(code, `the server stops as asked:\n${log}`).toBe(0);
    },
    { scope: 'worker' },
  ],

  signedIn: [true, { option: true }],

  operator: [
    async ({ context, server, signedIn }, use) => {
      if (signedIn)
        await context.addInitScript((token) => sessionStorage.setItem('picloud.token', token), server.token);
      await use();
    },
    { auto: true },
  ],

  quiet: [
    async ({ page }, use) => {
      const heard: string[] = [];
      page.on('pageerror', (error) => heard.push(String(error)));
      page.on('console', (message) => {
        // A refused call is part of the story, and shown to the person.
        const refused = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !refused) heard.push(message.text());
      });
      await use();
      expect(heard, 'nothing complained').toEqual([]);
    },
    { auto: true },
  ],

  shop: async ({ server }, use, { testId }) => {
    const shop = new Shop(
      server,
      `t-${testId
        .slice(-12)
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '')}`,
    );
    await shop.api('POST', '/apps', { name: shop.name });
    await use(shop);
    await fetch(`${server.dashboard}/api/v1/apps/${shop.name}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.token}` },
    });
  },

  ui: async ({ page, server }, use) => {
    await use(new Ui(page, server));
  },
});

export { expect };
