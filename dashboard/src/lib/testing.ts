// What tests of those who call the API share.
import { vi } from 'vitest';

/** A server that always gives this answer, and remembers what it was asked. */
export function server(status: number, body: unknown) {
  const asked: Request[] = [];
  const fetch = async (request: RequestInfo | URL) => {
    asked.push(request as Request);
    return Response.json(body, { status });
  };
  // A browser knows its own address; node does not.
  vi.stubGlobal(
    'Request',
    class extends Request {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        super(typeof input === 'string' ? new URL(input, 'http://localhost') : input, init);
      }
    },
  );
  return { asked, fetch: fetch as typeof globalThis.fetch };
}
