import { goto, invalidateAll } from '$app/navigation';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

import type { Schema } from '$lib/api/client';
import { answering, refused } from '$lib/testing/answers';
import AppSettings from './AppSettings.svelte';
import NewApp from './NewApp.svelte';

const app = { name: 'shop', hosts: ['a.example.org'], show_errors: false } as Schema<'App'>;

test('an app is made and opened; one that is refused is not', async () => {
  answering({ 'POST /apps': { name: 'shop' } });
  const screen = await render(NewApp);
  await screen.getByLabelText('New app').fill(' shop ');
  await screen.getByRole('button', { name: 'Create' }).click();
  await expect.poll(() => goto).toHaveBeenCalledWith('/apps/shop');
  answering({ 'POST /apps': [409, refused('conflict', 'an app "shop" exists')] });
  await screen.getByRole('button', { name: 'Create' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('an app "shop" exists');
});

test('settings are kept, one host for each line', async () => {
  const asked = answering({ 'PATCH /apps/shop': app });
  const screen = await render(AppSettings, { app });
  const hosts = screen.getByLabelText('Own hosts');
  await expect.element(hosts).toHaveValue('a.example.org');
  await hosts.fill('a.example.org\n\n b.example.org ');
  await screen.getByLabelText('Show a script’s own errors').click();
  await screen.getByRole('button', { name: 'Save settings' }).click();
  await expect.element(screen.getByRole('status')).toHaveTextContent('Saved.');
  expect(asked[0]!.body).toEqual({ hosts: ['a.example.org', 'b.example.org'], show_errors: true });
  expect(invalidateAll).toHaveBeenCalledOnce();
});

test('settings that are refused stay as they were written', async () => {
  answering({ 'PATCH /apps/shop': [422, refused('invalid', 'hosts: not a host')] });
  const screen = await render(AppSettings, { app });
  await screen.getByLabelText('Own hosts').fill('not a host!');
  await screen.getByRole('button', { name: 'Save settings' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('not a host');
  await expect.element(screen.getByRole('status')).not.toBeInTheDocument();
  await expect.element(screen.getByLabelText('Own hosts')).toHaveValue('not a host!');
});
