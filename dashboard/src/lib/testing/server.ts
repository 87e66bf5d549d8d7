// What tests of those who call the API share.
import { vi } from 'vitest';

/** A server that always gives this answer, or one that depends on the path and the request; it remembers what it was asked. */
export function server(status: number, body: unknown) {
  const asked: Request[] = [];
  const fetch = (input: RequestInfo | URL) => {
    const request = input as Request;
    asked.push(request);
    const { pathname } = new URL(request.url);
    const said =
      typeof body === 'function'
        ? (body as (path: string, request: Request) => unknown)(pathname, request)
        : body;
    return Promise.resolve(said instanceof Response ? said : Response.json(said, { status }));
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
  return { asked, fetch };
}
