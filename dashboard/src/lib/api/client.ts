// The management API as the dashboard calls it: typed by the server's own description, with the session's token.
import { error, isHttpError } from '@sveltejs/kit';
import createClient from 'openapi-fetch';

import type { components, paths } from './schema';
import { session } from './session.svelte';

/** A shape of the API by its name in `sdk/api/openapi.json`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** What a failed call is to those who show it. */
export type Problem = App.Error & { status: number };

/** A client; in `load` functions with the `fetch` they are given. */
export function api(fetch: typeof globalThis.fetch = globalThis.fetch, token: string = session.token) {
  return createClient<paths>({
    fetch: async (request) => {
      if (!token) return refusal(401, 'unauthenticated', 'Sign in first.');
      try {
        return await fetch(request);
      } catch {
        return refusal(503, 'unreachable', 'The server cannot be reached. Is it running?');
      }
    },
    headers: { authorization: `Bearer ${token}` },
  });
}

/** The data of an answer, or an error that pages and actions show. */
export function orFail<Data>(answer: {
  data?: Data;
  error?: unknown;
  response: Response;
}): NonNullable<Data> {
  if (answer.response.ok) return answer.data as NonNullable<Data>;
  const problem = problemOf(answer.error, answer.response);
  if (problem.status === 401 && session.token) session.end(problem.message);
  error(problem.status, problem);
}

/** What to show for whatever was thrown. */
export function problem(thrown: unknown): Problem {
  if (isHttpError(thrown)) return { ...thrown.body, status: thrown.status };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { status: 500, code: 'dashboard', message };
}

function problemOf(body: unknown, response: Response): Problem {
  const said = (body as Partial<Schema<'Error'>> | undefined)?.error;
  return {
    status: response.status,
    code: said?.code ?? 'unexpected',
    message: said?.message ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    details: said?.details,
  };
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status });
}
