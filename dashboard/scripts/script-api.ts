// A plugin of the build: of ../sdk/api/script.json the page gets what the editor shows, a third of it.

import type { ApiDocument } from '../src/lib/rhai';

/** Operators have no name that could be completed. */
const NAMED = /^[a-z_$]/i;

/** The words before any heading or example. */
const brief = (doc: string) => doc.split(/\n+#|\n*```/, 1)[0]!.trim();

export function trimmed({ functions, names }: ApiDocument): ApiDocument {
  return {
    functions: functions
      .filter(({ name }) => NAMED.test(name))
      .map(({ name, namespace, doc, params, returns, signature }) => ({
        name,
        namespace,
        doc: brief(doc),
        params,
        returns,
        // Says what the parameters do not.
        signature: params ? '' : signature,
      })),
    names,
  };
}

export const scriptApi = () => ({
  name: 'picloud:script-api',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    return id.endsWith('/sdk/api/script.json')
      ? { code: JSON.stringify(trimmed(JSON.parse(code))), map: null }
      : undefined;
  },
});
