// What tests of those who call the API share.
import { vi } from 'vitest';

/** A server that always gives this answer, or one that depends on the path; it remembers what it was asked. */
export function server(status: number, body: unknown | ((path: string) => unknown)) {
  const asked: Request[] = [];
  const fetch = async (request: RequestInfo | URL) => {
    asked.push(request as Request);
    const said = typeof body === 'function' ? body(new URL((request as Request).url).pathname) : body;
    return said instanceof Response ? said : Response.json(said, { status });
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
