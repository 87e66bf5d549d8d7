import { api, orFail } from '$lib/api/client';

export async function load({ fetch, params }) {
  const path = { app: params.app };
  return { scripts: orFail(await api(fetch).GET('/api/v1/apps/{app}/scripts', { params: { path } })) };
}
