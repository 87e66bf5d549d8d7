import { expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';

import Confirm from './Confirm.svelte';

const asking = (props: { work?: () => Promise<void>; typed?: string } = {}) =>
  render(Confirm, {
    label: 'Delete',
    about: 'the app shop',
    question: 'There is no way back.',
    work: () => Promise.resolve(),
    ...props,
  });

const focused = () => document.activeElement?.textContent?.trim();

test('a dialog has the focus, keeps it, and gives it back when it is left by Escape', async () => {
  const work = vi.fn(() => Promise.resolve());
  const screen = await asking({ work });
  await screen.getByRole('button', { name: 'Delete the app shop' }).click();
  const dialog = screen.getByRole('dialog', { name: 'Delete the app shop?' });
  await expect.element(dialog).toBeVisible();
  expect(focused()).toBe('Cancel');
  const seen = new Set<string | undefined>();
  for (let press = 0; press < 6; press++) {
    await userEvent.keyboard('{Tab}');
    seen.add(focused());
  }
  expect([...seen].filter((text) => text === 'Delete' || text === 'Cancel')).toHaveLength(2);
  expect(dialog.element().contains(document.activeElement) || document.activeElement === document.body).toBe(
    true,
  );
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog).not.toBeInTheDocument();
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete the app shop');
  expect(work).not.toHaveBeenCalled();
});

test('what was confirmed is done once, and the dialog closes', async () => {
  let done = () => {};
  const work = vi.fn(() => new Promise<void>((resolve) => (done = resolve)));
  const screen = await asking({ work });
  await screen.getByRole('button', { name: 'Delete the app shop' }).click();
  const button = screen.getByRole('dialog').getByRole('button', { name: 'Delete' });
  await button.click();
  await expect.element(button).toBeDisabled();
  await userEvent.keyboard('{Enter}');
  expect(work).toHaveBeenCalledTimes(1);
  done();
  await expect.element(screen.getByRole('dialog')).not.toBeInTheDocument();
});

test('why it was refused is said in the dialog, and forgotten when it is asked again', async () => {
  const screen = await asking({ work: () => Promise.reject(new Error('a script is in use')) });
  const open = screen.getByRole('button', { name: 'Delete the app shop' });
  await open.click();
  await screen.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('a script is in use');
  await screen.getByRole('button', { name: 'Cancel' }).click();
  await open.click();
  await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
});

test('with a word to type nothing is done before it is there', async () => {
  const work = vi.fn(() => Promise.resolve());
  const screen = await asking({ work, typed: 'shop' });
  await screen.getByRole('button', { name: 'Delete the app shop' }).click();
  const field = screen.getByLabelText('Type “shop” to confirm');
  await expect.element(field).toHaveFocus();
  await field.fill('sho');
  await userEvent.keyboard('{Enter}');
  expect(work).not.toHaveBeenCalled();
  await field.fill('shop');
  await userEvent.keyboard('{Enter}');
  expect(work).toHaveBeenCalledOnce();
});
