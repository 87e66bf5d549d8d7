// An app's scripts, all of them.
import { type api, orFail } from './client';
import { everyItem } from './pages.svelte';

/** Without their sources, by name; an app may have more than a page of them. */
export const everyScript = (client: ReturnType<typeof api>, app: string) =>
  everyItem(async (after) => {
    const params = { path: { app }, query: { after, limit: 100 } };
    return orFail(await client.GET('/api/v1/apps/{app}/scripts', { params }));
  });
