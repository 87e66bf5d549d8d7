import { api, orFail } from '$lib/api/client';
import type { operations } from '$lib/api/schema';
import { everyScript } from '$lib/api/scripts';

type Ending = NonNullable<operations['executions_list']['parameters']['query']>['ending'];

export async function load({ fetch, params, url }) {
  const client = api(fetch);
  const path = { app: params.app };
  const filter = {
    script: url.searchParams.get('script') || undefined,
    ending: (url.searchParams.get('ending') as Ending | null) || undefined,
  };
  const [executions, scripts] = await Promise.all([
    client.GET('/api/v1/apps/{app}/executions', { params: { path, query: filter } }),
    everyScript(client, params.app),
  ]);
  return {
    executions: orFail(executions),
    scripts: scripts.map((script) => script.name),
    filter,
  };
}
