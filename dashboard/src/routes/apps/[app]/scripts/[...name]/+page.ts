import { api, orFail, type Schema } from '$lib/api/client';
import { placeIn } from '$lib/scripts/place';

const STARTER = {
  endpoint: `// The last value is the reply. \`req\` is the request, \`ctx\` says who runs.
log::info("called", #{ path: req.path });

#{ hello: "world", method: req.method }
`,
  module: `/// Scripts of this app call it after \`import "…" as it;\`
fn double(n) {
	n * 2
}
`,
};

export async function load({ fetch, params, url }) {
  const { app, name } = params;
  const made = url.searchParams.get('new');
  if (made !== null) {
    const kind: Schema<'Kind'> = made === 'module' ? 'module' : 'endpoint';
    return { name, kind, live: 0, source: STARTER[kind], at: null, versions: null, links: null };
  }
  const client = api(fetch);
  const path = { app, name };
  const linked = { params: { path, query: { transitive: true } } };
  const [script, versions, imports, importers] = await Promise.all([
    client.GET('/api/v1/apps/{app}/scripts/{name}', { params: { path } }),
    client.GET('/api/v1/apps/{app}/scripts/{name}/versions', { params: { path } }),
    client.GET('/api/v1/apps/{app}/scripts/{name}/imports', linked),
    client.GET('/api/v1/apps/{app}/scripts/{name}/importers', linked),
  ]);
  const { kind, version, source } = orFail(script);
  return {
    name,
    kind,
    live: version,
    source,
    /** Where to begin. */
    at: placeIn(url.searchParams),
    versions: orFail(versions),
    links: { imports: orFail(imports).items, importers: orFail(importers).items },
  };
}
