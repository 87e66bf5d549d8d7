import { api, orFail } from '$lib/api/client';

export async function load({ fetch, params }) {
  const answer = await api(fetch).GET('/api/v1/apps/{app}/executions/{id}', { params: { path: params } });
  return { execution: orFail(answer) };
}
