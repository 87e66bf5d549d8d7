// One script being edited. Knows nothing of the DOM: an editor is a view over it.
import { Action } from '$lib/api/action.svelte';
import { api, orFail, type Problem, type Schema } from '$lib/api/client';
import { offsetOf } from './position';

export type Diagnostic = Schema<'Diagnostic'>;

const TIDIES = 'format when saving';

export class Draft extends Action {
  text = $state('');
  /** What `text` was when it was loaded or saved. */
  saved = $state('');
  diagnostics = $state.raw<Diagnostic[]>([]);
  /** The text that `diagnostics` are about; null when it was never looked at. */
  checked = $state.raw<string | null>(null);
  /** Scripts that the last save linked with it anew. */
  relinked = $state.raw<Schema<'Relinked'>[]>([]);
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

  /** From a source that is saved, or from one that never was; `at` is where to begin: a place, or an offset. */
  constructor(source: string, saved = true, at: Schema<'Place'> | number | null = null) {
    super();
    this.open(source);
    if (!saved) this.saved = '';
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
  open(source: string) {
    this.text = this.saved = source;
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
   * warning, or where it does not compile.
   */
  async save(app: string, name: string, kind: Schema<'Kind'>): Promise<boolean> {
    if (this.tidies) this.tidy?.();
    const source = this.text;
    const well = await this.run(async () => {
      const params = { path: { app, name } };
      this.relinked = [];
      const answer = await api().PUT('/api/v1/apps/{app}/scripts/{name}', { params, body: { kind, source } });
      const { warnings, relinked } = orFail(answer);
      this.saved = source;
      this.found(source, warnings);
      this.relinked = relinked;
    });
    const diagnostics = this.problem ? diagnosticsOf(this.problem) : [];
    if (diagnostics.length > 0) this.found(source, diagnostics);
    return well;
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

/** Those of a source that does not compile; none for any other problem. */
export function diagnosticsOf(problem: Problem): Diagnostic[] {
  return problem.code === 'compile_failed' ? ((problem.details?.diagnostics as Diagnostic[]) ?? []) : [];
}
