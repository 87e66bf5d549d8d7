import { api, orFail } from '$lib/api/client';

export async function load({ fetch, params }) {
  const client = api(fetch);
  const path = { app: params.app };
  const [app, system] = await Promise.all([
    client.GET('/api/v1/apps/{app}', { params: { path } }),
    client.GET('/api/v1/system'),
  ]);
  return { app: orFail(app), system: orFail(system) };
}
