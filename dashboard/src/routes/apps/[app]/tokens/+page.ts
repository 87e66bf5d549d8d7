import { api, orFail } from '$lib/api/client';

export async function load({ fetch, params }) {
  const path = { app: params.app };
  return { tokens: orFail(await api(fetch).GET('/api/v1/apps/{app}/tokens', { params: { path } })) };
}
