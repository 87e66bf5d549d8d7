import { api, orFail } from '$lib/api/client';

export async function load({ fetch, params }) {
  const client = api(fetch);
  const path = { app: params.app };
  const [routes, scripts] = await Promise.all([
    client.GET('/api/v1/apps/{app}/routes', { params: { path } }),
    client.GET('/api/v1/apps/{app}/scripts', { params: { path, query: { limit: 100 } } }),
  ]);
  // Modules answer nothing.
  const endpoints = orFail(scripts).items.filter((script) => script.kind === 'endpoint');
  return { routes: orFail(routes), scripts: endpoints };
}
