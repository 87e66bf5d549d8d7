// Diagnostics in the editor, with their quick fixes.
import { linter, lintGutter } from '@codemirror/lint';
import type { Action, Diagnostic as Shown } from '@codemirror/lint';
import type { EditorView } from '@codemirror/view';
import { diagnosticsOf } from '../index';
import type { Diagnostic } from '../index';
import { analysisOf, refresh, serviceOf } from './service';

const DELAY_MS = 300;

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
  return diagnosticsOf(analysis).map(shown);
}

export const lint = [
  linter(source, {
    delay: DELAY_MS,
    needsRefresh: ({ transactions }) =>
      transactions.some(({ effects }) => effects.some((it) => it.is(refresh))),
  }),
  lintGutter(),
];
