// One script being edited. Knows nothing of the DOM: an editor is a view over it.
import { Action } from '$lib/api/action.svelte';
import { api, orFail, type Problem, type Schema } from '$lib/api/client';
import { offsetOf } from './position';

export type Diagnostic = Schema<'Diagnostic'>;

const TIDIES = 'format when saving';

/** What is live in place of what was loaded: somebody else saved it, or deleted it (version 0). */
export interface Conflict {
  version: number;
  source: string;
}

/** So often a save is tried again because the script was only linked anew meanwhile. */
const TRIES = 3;

export class Draft extends Action {
  text = $state('');
  /** What `text` was when it was loaded or saved. */
  saved = $state('');
  diagnostics = $state.raw<Diagnostic[]>([]);
  /** The text that `diagnostics` are about; null when it was never looked at. */
  checked = $state.raw<string | null>(null);
  /** Scripts that the last save linked with it anew. */
  relinked = $state.raw<Schema<'Relinked'>[]>([]);
  /** The version that `saved` is, which a save replaces and no other; 0 when there is none. */
  version = $state(0);
  /** Why the last save was not made; nothing was lost, and a person has to say what to do. */
  conflict = $state.raw<Conflict | null>(null);
  /** Where the editor is asked to go; a new object for every wish. */
  wish = $state.raw<{ offset: number } | null>(null);
  #tidies = $state(localStorage.getItem(TIDIES) === 'true');
  /** How saving formats; a text with an error stays as it is. */
  tidy: (() => void) | null = null;

  dirty = $derived(this.text !== this.saved);
  /** Whether the last check found nothing, and still holds. */
  clean = $derived(this.checked === this.text && this.diagnostics.length === 0);
  /** A problem that `diagnostics` do not tell. */
  refusal = $derived(this.problem && diagnosticsOf(this.problem).length === 0 ? this.problem : null);

  /** From a source and its version, 0 for one that never was saved; `at` is where to begin: a place, or an offset. */
  constructor(source: string, version: number, at: Schema<'Place'> | number | null = null) {
    super();
    this.open(source, version);
    if (!version) this.saved = '';
    if (typeof at === 'number') this.wish = { offset: at };
    else if (at) this.goto(at.line, at.column);
  }

  /** Whether saving formats, here and in what is opened later. */
  get tidies() {
    return this.#tidies;
  }
  set tidies(wished: boolean) {
    this.#tidies = wished;
    localStorage.setItem(TIDIES, String(wished));
  }

  /** Starts over from a source that is saved. */
  open(source: string, version: number) {
    this.text = this.saved = source;
    this.version = version;
    this.conflict = null;
    this.found(null, []);
    this.relinked = [];
    this.problem = null;
  }

  /** Asks the compiler, which looks among the app's modules for what it imports. */
  check = (app: string, name: string, kind: Schema<'Kind'>) =>
    this.run(async () => {
      const source = this.text;
      const body = { app, name, kind, source };
      const checked = orFail(await api().POST('/api/v1/check', { body }));
      this.found(source, checked.diagnostics);
      this.relinked = [];
    });

  /**
   * Makes a version of it, which is live at once, and links what imports it anew. `diagnostics` say what is worth a
   * warning, or where it does not compile. What somebody else saved meanwhile is a `conflict`; to save over it is to
   * be asked for, and holds for that version alone.
   */
  async save(app: string, name: string, kind: Schema<'Kind'>, over?: Conflict): Promise<boolean> {
    if (this.tidies) this.tidy?.();
    const source = this.text;
    const well = await this.run(async () => {
      this.relinked = [];
      this.conflict = null;
      let base = over?.version ?? this.version;
      for (let tries = 0; tries < TRIES; tries++) {
        const answer = await put(app, name, { kind, source }, base);
        if (answer.response.status !== CONFLICT) return this.#saved(source, orFail(answer));
        const other = await liveOf(app, name);
        // Linked anew with a module it is another version of the same text.
        const same = other !== null && base > 0 && other.source === (over?.source ?? this.saved);
        if (!same) return void (this.conflict = other ?? { version: 0, source: '' });
        base = other.version;
      }
      throw new Error('It is being linked anew over and over: save again.');
    });
    const diagnostics = this.problem ? diagnosticsOf(this.problem) : [];
    if (diagnostics.length > 0) this.found(source, diagnostics);
    return well && !this.conflict;
  }

  #saved(source: string, { version, warnings, relinked }: Schema<'SavedScript'>) {
    this.saved = source;
    this.version = version;
    this.found(source, warnings);
    this.relinked = relinked;
  }

  /** Asks the editor to show a position. */
  goto(line: number, column: number) {
    if (line > 0) this.wish = { offset: offsetOf(this.text, line, Math.max(1, column)) };
  }

  /** What the compiler said of `source`. */
  found(source: string | null, diagnostics: Diagnostic[]) {
    this.checked = source;
    this.diagnostics = diagnostics;
  }
}

/** `version_conflict`: the script is in another version than the save was made for. */
const CONFLICT = 412;

/** Saves over that version and no other; over none when it is 0. */
function put(app: string, name: string, body: Schema<'NewVersion'>, version: number) {
  const header = version ? { 'If-Match': `"${version}"` } : { 'If-None-Match': '*' };
  const params = { path: { app, name }, header };
  return api().PUT('/api/v1/apps/{app}/scripts/{name}', { params, body });
}

/** What is live; null when the script is gone. */
async function liveOf(app: string, name: string): Promise<Conflict | null> {
  const answer = await api().GET('/api/v1/apps/{app}/scripts/{name}', { params: { path: { app, name } } });
  return answer.response.status === 404 ? null : orFail(answer);
}

/** Those of a source that does not compile; none for any other problem. */
export function diagnosticsOf(problem: Problem): Diagnostic[] {
  return problem.code === 'compile_failed' ? ((problem.details?.diagnostics as Diagnostic[]) ?? []) : [];
}
