// One script being edited. Knows nothing of the DOM: an editor is a view over it.
import { Action } from '$lib/api/action.svelte';
import { api, orFail, type Problem, type Schema } from '$lib/api/client';
import { offsetOf } from './position';

export type Diagnostic = Schema<'Diagnostic'>;

export class Draft extends Action {
  text = $state('');
  /** What `text` was when it was loaded or saved. */
  saved = $state('');
  diagnostics = $state.raw<Diagnostic[]>([]);
  /** The text that `diagnostics` are about; null when it was never looked at. */
  checked = $state.raw<string | null>(null);
  /** Where the editor is asked to go; a new object for every wish. */
  wish = $state.raw<{ offset: number } | null>(null);

  dirty = $derived(this.text !== this.saved);
  /** Whether the last check found nothing, and still holds. */
  clean = $derived(this.checked === this.text && this.diagnostics.length === 0);

  /** From a source that is saved, or from one that never was. */
  constructor(source: string, saved = true) {
    super();
    this.open(source);
    if (!saved) this.saved = '';
  }

  /** Starts over from a source that is saved. */
  open(source: string) {
    this.text = this.saved = source;
    this.found(null, []);
    this.problem = null;
  }

  /** Asks the compiler. */
  check = () =>
    this.run(async () => {
      const source = this.text;
      const checked = orFail(await api().POST('/api/v1/check', { body: { source } }));
      this.found(source, checked.diagnostics);
    });

  /** Makes a version of it, which is live at once; when it does not compile, `diagnostics` say where. */
  async save(app: string, name: string, kind: Schema<'Kind'>): Promise<boolean> {
    const source = this.text;
    const well = await this.run(async () => {
      const params = { path: { app, name } };
      orFail(await api().PUT('/api/v1/apps/{app}/scripts/{name}', { params, body: { kind, source } }));
      this.saved = source;
      this.found(source, []);
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
