import { api, orFail } from '$lib/api/client';

export async function load({ fetch }) {
  return { apps: orFail(await api(fetch).GET('/api/v1/apps')) };
}
