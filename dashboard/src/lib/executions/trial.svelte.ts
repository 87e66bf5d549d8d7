// One run of a draft, or of what is live, against an event that a person wrote.
import { Action } from '$lib/api/action.svelte';
import { api, orFail, type Schema } from '$lib/api/client';
import { emptyEvent, eventOf, type EventForm } from './event';
import { diagnosticsOf, type Draft } from '$lib/editor/draft.svelte';

export class Trial extends Action {
  event: EventForm = $state(emptyEvent());
  /** Whether the run is kept among the executions. */
  record = $state(false);
  result = $state.raw<Schema<'Ran'> | null>(null);

  /** Runs the draft's text when it is not what is saved; else the live version. */
  async start(app: string, name: string, draft: Draft) {
    const text = draft.text;
    const source = draft.dirty ? text : null;
    await this.run(async () => {
      this.result = null;
      const body = { event: eventOf(this.event), record: this.record, source };
      const params = { path: { app, name } };
      const ran = await api().POST('/api/v1/apps/{app}/scripts/{name}/run', { params, body });
      // The client's type forgets that a header is a pair.
      this.result = orFail(ran) as Schema<'Ran'>;
    });
    const diagnostics = this.problem ? diagnosticsOf(this.problem) : [];
    if (diagnostics.length > 0) draft.found(text, diagnostics);
  }
}
