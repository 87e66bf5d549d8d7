// A list that comes in pages: what is loaded so far, and how to get what follows.
import { Action } from './action.svelte';

export interface Page<Item> {
  items: Item[];
  next?: string | null;
}

/** Starts with a first page; `more` adds the one after. */
export class Pages<Item> extends Action {
  items = $state.raw<Item[]>([]);
  next = $state.raw<string | null>(null);
  readonly #fetch: (after: string) => Promise<Page<Item>>;

  constructor(first: Page<Item>, fetch: (after: string) => Promise<Page<Item>>) {
    super();
    this.items = first.items;
    this.next = first.next ?? null;
    this.#fetch = fetch;
  }

  more = () =>
    this.run(async () => {
      if (this.next === null) return;
      const page = await this.#fetch(this.next);
      this.items = [...this.items, ...page.items];
      this.next = page.next ?? null;
    });
}
