// A list that comes in pages: what is loaded so far, and how to get what follows.
import { Action } from './action.svelte';

export interface Page<Item> {
  items: Item[];
  next?: string | null;
}

/** All items of a list that comes in pages, for what offers a choice among all of them. */
export async function everyItem<Item>(fetch: (after?: string) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await fetch(after);
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return items;
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
