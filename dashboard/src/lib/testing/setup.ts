// What the tests' node lacks of a browser: its storage.
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

globalThis.sessionStorage ??= storage();
globalThis.localStorage ??= storage();
