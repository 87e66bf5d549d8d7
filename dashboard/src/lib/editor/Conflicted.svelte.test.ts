import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';

import Conflicted from './Conflicted.svelte';
import { Draft } from './draft.svelte';

async function conflicted(version = 2) {
  const draft = new Draft('let a = 1;\nlet same = 0;\n', 1);
  draft.text = 'let mine = 1;\nlet same = 0;\n';
  const overwrite = vi.fn(() => Promise.resolve());
  const screen = await render(Conflicted, { draft, name: 'orders', overwrite });
  expect(screen.getByRole('dialog').query()).toBeNull();
  const conflict = { version, source: version ? 'let theirs = 1;\nlet same = 0;\n' : '' };
  draft.conflict = conflict;
  await expect.element(screen.getByRole('dialog')).toBeVisible();
  const click = (name: string) => screen.getByRole('button', { name }).click();
  return { screen, draft, conflict, overwrite, click };
}

test('it says what happened, and keeping on leaves everything as it is', async () => {
  const { screen, draft, overwrite, click } = await conflicted();
  await expect
    .element(screen.getByRole('dialog'))
    .toHaveTextContent('You began with version 1, and version 2 is live');
  await click('Keep editing');
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
  expect([draft.text.startsWith('let mine'), draft.version, draft.conflict]).toEqual([true, 1, null]);
  expect(overwrite).not.toHaveBeenCalled();
});

test('the other version is shown beside what was written', async () => {
  const { screen, click } = await conflicted();
  await click('See version 2');
  await expect.element(screen.getByText('let theirs = 1;')).toBeVisible();
  await expect.element(screen.getByText('let mine = 1;')).toBeVisible();
  await expect.element(screen.getByRole('button', { name: 'See version 2' })).not.toBeInTheDocument();
});

test('saving over it is for the version that was told', async () => {
  const { conflict, overwrite, click } = await conflicted();
  await click('Save over it');
  expect(overwrite).toHaveBeenCalledExactlyOnceWith(conflict);
});

test('of a script that is gone there is nothing to see', async () => {
  const { screen, click, overwrite } = await conflicted(0);
  await expect.element(screen.getByRole('dialog', { name: '“orders” was deleted meanwhile' })).toBeVisible();
  expect(screen.getByRole('button', { name: /^See/ }).query()).toBeNull();
  await click('Save it anew');
  expect(overwrite).toHaveBeenCalledExactlyOnceWith({ version: 0, source: '' });
});
