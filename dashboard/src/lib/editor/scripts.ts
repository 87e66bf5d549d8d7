// What the language service asks of the world beside the script at hand: the script API and the app's other scripts.
import { api, orFail, type Schema } from '$lib/api/client';
import { everyScript } from '$lib/api/scripts';
import type { Api, Options } from '$lib/rhai';

let scriptApi: Promise<Api> | null = null;

/** In a file of its own, which is loaded and read once. */
async function loadApi(): Promise<Api> {
  const [document, { apiOf }] = await Promise.all([
    import('../../../../sdk/api/script.json'),
    import('$lib/rhai'),
  ]);
  return apiOf(document.default);
}

export class Scripts {
  /** Called when more is known than before. */
  onchange = () => {};

  #api: Api | undefined;
  #names: string[] | null = null;
  #sources = new Map<string, string>();
  #versions = new Map<string, number>();
  #loading = new Map<string, Promise<void>>();

  constructor(
    readonly app: string,
    readonly name: string,
    readonly kind: Schema<'Kind'>,
    /** What is in the editor. */
    readonly text: () => string,
  ) {}

  /** Gets the API and the names of the scripts; sources only when one is imported. */
  async start() {
    this.#api = await (scriptApi ??= loadApi());
    this.onchange();
    this.#names = await this.#list();
    this.onchange();
  }

  #options = (): Options => {
    const { name, kind } = this;
    const names = this.#names;
    const others = names && { modules: this.#source, moduleNames: () => names };
    return { name, kind, api: this.#api, ...others };
  };

  /** The scripts that import a module, also through others, as they are live now. */
  #load = async (module: string): Promise<string[]> => {
    const params = { path: { app: this.app, name: module }, query: { transitive: true } };
    const answer = await api().GET('/api/v1/apps/{app}/scripts/{name}/importers', { params });
    // One that was never saved is imported by none.
    if (answer.response.status === 404 && module === this.name) return [];
    const importers = orFail(answer).items.filter(({ name }) => name !== this.name);
    for (const { name, version } of importers)
      if (this.#versions.get(name) !== version) this.#loading.delete(name);
    await Promise.all(importers.map(({ name }) => this.#get(name)));
    return importers.map(({ name }) => name);
  };

  /** Waits for what is being fetched; whether there was any. */
  #settle = async () => {
    const waiting = [...this.#loading].filter(([name]) => !this.#sources.has(name));
    await Promise.allSettled(waiting.map(([, loading]) => loading));
    return waiting.length > 0;
  };

  /** What is not there yet is fetched, and told by `onchange`. */
  #source = (name: string): string | undefined => {
    // Who imports this one means what it is becoming.
    if (name === this.name) return this.text();
    const source = this.#sources.get(name);
    if (source === undefined && this.#names?.includes(name)) void this.#get(name).catch(() => {});
    return source;
  };

  readonly host = { options: this.#options, load: this.#load, settle: this.#settle };

  #get(name: string): Promise<void> {
    let loading = this.#loading.get(name);
    if (!loading) this.#loading.set(name, (loading = this.#fetch(name)));
    return loading;
  }

  async #fetch(name: string) {
    const params = { path: { app: this.app, name } };
    const script = orFail(await api().GET('/api/v1/apps/{app}/scripts/{name}', { params }));
    this.#sources.set(name, script.source);
    this.#versions.set(name, script.version);
    this.onchange();
  }

  async #list(): Promise<string[]> {
    return (await everyScript(api(), this.app)).map((script) => script.name);
  }
}
