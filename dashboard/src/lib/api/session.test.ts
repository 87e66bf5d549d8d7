import { expect, test } from 'vitest';

import { Session } from './session.svelte';

/** The part of a tab's storage that a session needs. */
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

test('a session outlives a reload, and no longer', () => {
  const tab = storage();
  new Session(tab).begin(' pic_abc ');
  const reloaded = new Session(tab);
  expect(reloaded.token).toBe('pic_abc');

  reloaded.end('the token has expired');
  expect(reloaded.token).toBe('');
  expect(reloaded.ended).toBe('the token has expired');
  expect(new Session(tab).token).toBe('');
});

test('a new session forgets why the last one ended', () => {
  const session = new Session(storage());
  session.end('the token was revoked');
  session.begin('pic_abc');
  expect(session.ended).toBe('');
});
