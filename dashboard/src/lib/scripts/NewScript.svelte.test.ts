import { goto } from '$app/navigation';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

import { answering } from '$lib/testing/answers';
import NewScript from './NewScript.svelte';

async function form() {
  const screen = await render(NewScript, { app: 'shop' });
  const name = screen.getByLabelText('New script');
  return { screen, name, create: () => screen.getByRole('button', { name: 'Create' }).click() };
}

test('a free name leads to the editor, with the kind that was chosen', async () => {
  answering({});
  const { screen, name, create } = await form();
  await name.fill('  shop/tax ');
  await screen.getByRole('radio', { name: 'module' }).click();
  await create();
  await expect.poll(() => goto).toHaveBeenCalledWith('/apps/shop/scripts/shop/tax?new=module');
});

test('a word of the language is refused for a module, told to the field and gone when it is changed', async () => {
  const asked = answering({});
  const { screen, name, create } = await form();
  await name.fill('log');
  await screen.getByRole('radio', { name: 'module' }).click();
  await create();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('log_lib would do');
  await expect.element(name).toHaveFocus();
  await expect.element(name).toHaveAttribute('aria-invalid', 'true');
  await expect.element(name).toHaveAccessibleDescription(/log_lib would do/);
  expect(asked).toEqual([]);
  await name.fill('log_lib');
  await expect.element(screen.getByRole('alert')).not.toBeInTheDocument();
});

test('a script that is there is not begun again', async () => {
  answering({ 'GET /apps/shop/scripts/orders': { name: 'orders' } });
  const { screen, name, create } = await form();
  await name.fill('orders');
  await create();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('a script "orders" exists');
  expect(goto).not.toHaveBeenCalled();
});

test('a name that none can have does not leave the form', async () => {
  const asked = answering({});
  const { name, create } = await form();
  await name.fill('Orders.rhai');
  await create();
  expect((name.element() as HTMLInputElement).validity.patternMismatch).toBe(true);
  expect(asked).toEqual([]);
});
