// Where an app answers, as seen from where the dashboard is seen.
import type { Schema } from '$lib/api/client';

type Place = Pick<Schema<'System'>, 'apps_port' | 'base_domain'>;

/** With a `/` at its end. `seen_at` is the host name in the browser's address bar. */
export function addressOf(app: string, place: Place, seen_at: string): string {
  if (place.base_domain) return `https://${app}.${place.base_domain}/`;
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(seen_at);
  return here
    ? `http://${app}.localhost:${place.apps_port}/`
    : `http://${seen_at}:${place.apps_port}/~${app}/`;
}
