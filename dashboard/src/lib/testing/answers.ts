// An API for components that are tested in a browser: what it was asked, and what it answers.
import { vi } from 'vitest';

import { session } from '$lib/api/session.svelte';

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** Answers by `METHOD path` (without `/api/v1`); `[status, body]`, or a body that is answered with 200. */
export function answering(answers: Record<string, unknown>): Asked[] {
  const asked: Asked[] = [];
  session.begin('pic_abc');
  vi.stubGlobal('fetch', async (request: Request) => {
    const path = new URL(request.url).pathname.replace('/api/v1', '');
    const text = await request.text();
    asked.push({ method: request.method, path, body: text ? JSON.parse(text) : null });
    const found = answers[`${request.method} ${path}`] ?? [
      404,
      refused('not_found', 'there is no such thing'),
    ];
    const [status, body] = Array.isArray(found) ? (found as [number, unknown]) : [200, found];
    return Response.json(body, { status });
  });
  return asked;
}

export const refused = (code: string, message: string, details = {}) => ({
  error: { code, message, details },
});
