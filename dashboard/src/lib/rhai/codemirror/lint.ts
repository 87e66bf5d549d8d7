// Diagnostics in the editor: ours with their quick fixes, and beside them those that the server found.
import { forceLinting, linter, lintGutter } from '@codemirror/lint';
import type { Action, Diagnostic as Shown } from '@codemirror/lint';
import { StateEffect, StateField } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { diagnosticsOf } from '../index';
import type { Diagnostic } from '../index';
import { analysisOf, refresh, serviceOf } from './service';

export interface ServerDiagnostic {
  from: number;
  to: number;
  message: string;
}

const DELAY_MS = 300;

const setServer = StateEffect.define<readonly ServerDiagnostic[]>();

const server = StateField.define<readonly ServerDiagnostic[]>({
  create: () => [],
  update(list, { changes, effects, docChanged }) {
    for (const effect of effects) if (effect.is(setServer)) return effect.value;
    // They go with their text, and with it when it is removed.
    return docChanged
      ? list.flatMap((it) => {
          const from = changes.mapPos(it.from);
          const to = changes.mapPos(it.to, -1);
          return from > to || (from === to && it.from < it.to) ? [] : { ...it, from, to };
        })
      : list;
  },
});

function same(view: EditorView, { code }: Diagnostic, from: number) {
  return diagnosticsOf(analysisOf(view.state)).find((it) => it.from === from && it.code === code);
}

/** The text may have changed since: the fix is looked for again. */
function actions(diagnostic: Diagnostic): Action[] {
  return diagnostic.fixes.map(({ title }) => ({
    name: title,
    apply(view, from) {
      const fix = same(view, diagnostic, from)?.fixes.find((it) => it.title === title);
      if (fix) view.dispatch({ changes: fix.edits, userEvent: 'input.fix' });
      view.focus();
    },
  }));
}

function shown(diagnostic: Diagnostic): Shown {
  const { from, to, severity, message, tag } = diagnostic;
  return {
    from,
    to,
    severity,
    message,
    actions: actions(diagnostic),
    ...(tag && { markClass: `rhai-${tag}` }),
  };
}

async function source(view: EditorView): Promise<Shown[]> {
  const analysis = await serviceOf(view.state).pause(view.state.doc);
  if (!analysis) return [];
  return [
    ...diagnosticsOf(analysis).map(shown),
    ...view.state
      .field(server)
      .map(({ from, to, message }): Shown => ({ from, to, message, severity: 'error', source: 'server' })),
  ];
}

export const lint = [
  server,
  linter(source, {
    delay: DELAY_MS,
    needsRefresh: ({ transactions }) =>
      transactions.some(({ effects }) => effects.some((it) => it.is(setServer) || it.is(refresh))),
  }),
  lintGutter(),
];

/** Shows what the server found beside our own. */
export function setServerDiagnostics(view: EditorView, list: readonly ServerDiagnostic[]) {
  view.dispatch({ effects: setServer.of(list) });
  forceLinting(view);
}
