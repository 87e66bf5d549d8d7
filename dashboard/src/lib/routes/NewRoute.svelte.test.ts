import { invalidateAll } from '$app/navigation';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

import { answering, refused } from '$lib/testing/answers';
import NewRoute from './NewRoute.svelte';

const props = {
  app: 'shop',
  scripts: ['orders', 'pay'],
  hosts: [] as string[],
  wanted: null as string | null,
};

test('a route is added as it was written, and the list is loaded again', async () => {
  const asked = answering({ 'POST /apps/shop/routes': { id: 'rou_1' } });
  const screen = await render(NewRoute, { ...props, hosts: ['shop.example.org'], wanted: 'pay' });
  await screen.getByLabelText('Method').selectOptions('POST');
  await screen.getByLabelText('Path').fill(' /orders/{id} ');
  await screen.getByLabelText('Host').selectOptions('shop.example.org');
  await screen.getByLabelText('Idempotency-Key').selectOptions('require');
  await screen.getByRole('button', { name: 'Add route' }).click();
  await expect.poll(() => invalidateAll).toHaveBeenCalledOnce();
  expect(asked).toEqual([
    {
      method: 'POST',
      path: '/apps/shop/routes',
      body: {
        method: 'POST',
        pattern: '/orders/{id}',
        script: 'pay',
        host: 'shop.example.org',
        idempotency: 'require',
      },
    },
  ]);
  await expect.element(screen.getByLabelText('Path')).toHaveValue('/');
});

test('a conflict names the other route, and what was written stays', async () => {
  const taken = refused('conflict', 'GET /orders/{other} is a route of pay');
  answering({ 'POST /apps/shop/routes': [409, taken] });
  const screen = await render(NewRoute, props);
  await screen.getByLabelText('Path').fill('/orders/{id}');
  await screen.getByRole('button', { name: 'Add route' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('/orders/{other}');
  await expect.element(screen.getByLabelText('Path')).toHaveValue('/orders/{id}');
  expect(invalidateAll).not.toHaveBeenCalled();
});

test('hosts are offered where the app has some, and a wish for a script that is gone is none', async () => {
  const screen = await render(NewRoute, { ...props, wanted: 'gone' });
  await expect.element(screen.getByLabelText('Host')).not.toBeInTheDocument();
  await expect.element(screen.getByLabelText('Idempotency-Key')).not.toBeInTheDocument();
  await expect.element(screen.getByLabelText('Script')).toHaveValue('orders');
});
