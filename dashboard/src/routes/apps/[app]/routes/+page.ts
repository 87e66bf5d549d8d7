import { api, orFail } from '$lib/api/client';
import { everyScript } from '$lib/api/scripts';

export async function load({ fetch, params }) {
  const client = api(fetch);
  const path = { app: params.app };
  const [routes, scripts] = await Promise.all([
    client.GET('/api/v1/apps/{app}/routes', { params: { path } }),
    everyScript(client, params.app),
  ]);
  // Modules answer nothing.
  const endpoints = scripts.filter((script) => script.kind === 'endpoint');
  return { routes: orFail(routes), scripts: endpoints };
}
