import { invalidateAll } from '$app/navigation';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

import { session } from '$lib/api/session.svelte';
import { answering, refused } from '$lib/testing/answers';
import SignIn from './SignIn.svelte';

async function door() {
  session.end();
  const screen = await render(SignIn);
  const field = screen.getByLabelText('Token');
  await expect.element(field).toHaveFocus();
  return async (token: string) => {
    await field.fill(token);
    await screen.getByRole('button', { name: 'Sign in' }).click();
    return screen;
  };
}

test('a token that works opens, without the white space that came with it', async () => {
  const asked = answering({ 'GET /system': {} });
  const signIn = await door();
  await signIn(' pic_good\t');
  await expect.poll(() => session.token).toBe('pic_good');
  expect(asked.map(({ path }) => path)).toEqual(['/system']);
  expect(invalidateAll).toHaveBeenCalledOnce();
});

test('one that does not work stays outside', async () => {
  answering({ 'GET /system': [401, refused('unauthenticated', 'this token is not known')] });
  const signIn = await door();
  const screen = await signIn('pic_wrong');
  await expect.element(screen.getByRole('alert')).toHaveTextContent('this token is not known');
  expect(session.token).toBe('');
});

test('what is no token is not even sent', async () => {
  const asked = answering({});
  const signIn = await door();
  const screen = await signIn('two words');
  await expect.element(screen.getByRole('alert')).toHaveTextContent('A token is one word');
  expect(asked).toEqual([]);
});

test('why the last session ended is said', async () => {
  answering({});
  session.end('the token has expired');
  const screen = await render(SignIn);
  await expect.element(screen.getByRole('status')).toHaveTextContent('the token has expired');
});
