import { invalidateAll } from '$app/navigation';
import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';

import { Pages } from '$lib/api/pages.svelte';
import type { Schema } from '$lib/api/client';
import Tokens from './Tokens.svelte';

type Token = Schema<'Token'>;
const token = {
  id: 'tok_1',
  name: 'robot',
  role: 'viewer',
  handle: 'abc',
  created_at: '2026-11-01T00:00:00Z',
};

function shown(items: object[], props: object = {}) {
  const none = () => Promise.resolve({ items: [], next: null });
  return render(Tokens, {
    tokens: new Pages<Token>({ items: items as Token[], next: null }, none),
    create: vi.fn(() => Promise.resolve({ secret: 'pic_secret' } as Schema<'NewTokenMade'>)),
    revoke: vi.fn(() => Promise.resolve()),
    ...props,
  });
}

test('a token is made with its role and its end, and its secret is shown', async () => {
  const create = vi.fn(() => Promise.resolve({ secret: 'pic_secret' }));
  const screen = await shown([], {
    create,
    roles: [
      ['viewer', 'reads'],
      ['deployer', 'saves'],
    ],
  });
  await screen.getByLabelText('New token').fill(' the robot ');
  await screen.getByLabelText('Role').selectOptions('viewer');
  await screen.getByLabelText('Expires').selectOptions('never');
  await screen.getByRole('button', { name: 'Create' }).click();
  await expect.element(screen.getByTestId('secret')).toHaveTextContent('pic_secret');
  expect(create).toHaveBeenCalledWith({ name: 'the robot', role: 'viewer', expires_at: null });
  await expect.element(screen.getByLabelText('New token')).toHaveValue('');
  expect(invalidateAll).toHaveBeenCalledOnce();
});

test('where all have one role none is offered; a refusal is shown and no secret', async () => {
  const create = () => Promise.reject(new Error('your role may not do this'));
  const screen = await shown([], { create });
  await expect.element(screen.getByLabelText('Role')).not.toBeInTheDocument();
  await screen.getByLabelText('New token').fill('x');
  await screen.getByRole('button', { name: 'Create' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('your role may not do this');
  await expect.element(screen.getByTestId('secret')).not.toBeInTheDocument();
});

test('a token is revoked when that was confirmed', async () => {
  const revoke = vi.fn(() => Promise.resolve());
  const screen = await shown([token], { revoke });
  await screen.getByRole('button', { name: 'Revoke the token “robot”' }).click();
  expect(revoke).not.toHaveBeenCalled();
  await screen.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(() => revoke).toHaveBeenCalledWith('tok_1');
  expect(invalidateAll).toHaveBeenCalledOnce();
});
