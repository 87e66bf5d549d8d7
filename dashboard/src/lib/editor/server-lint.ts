// What the server found, marked in the editor as it is: an error, or a warning.
import { forceLinting, linter, type Diagnostic as Shown } from '@codemirror/lint';
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Diagnostic } from './draft.svelte';
import { offsetOf } from './position';

const setFound = StateEffect.define<readonly Shown[]>();

const field = StateField.define<readonly Shown[]>({
  create: () => [],
  update(list, { changes, effects, docChanged }) {
    for (const effect of effects) if (effect.is(setFound)) return effect.value;
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

export const serverLint: Extension = [
  field,
  linter(({ state }) => state.field(field), {
    needsRefresh: ({ transactions }) =>
      transactions.some(({ effects }) => effects.some((it) => it.is(setFound))),
    // The language service's own linter says when; the longest of all counts.
    delay: 0,
  }),
];

/** As the editor wants them; what has no place is not among them. */
export function marksOf(source: string, list: readonly Diagnostic[]): Shown[] {
  return list
    .filter(({ line }) => line > 0)
    .map(({ line, column, message, severity }) => {
      const from = offsetOf(source, line, column);
      // The name, number or string that begins there, or the one character.
      const [word] = /^(?:\w+|"[^"\n]*")?/.exec(source.slice(from))!;
      const to = Math.min(from + Math.max(1, word.length), source.length);
      return { from, to, message, severity: severity === 'warning' ? 'warning' : 'error', source: 'server' };
    });
}

/** Shows what the server found in the text that is shown. */
export function showFound(view: EditorView, list: readonly Diagnostic[]) {
  view.dispatch({ effects: setFound.of(marksOf(view.state.doc.toString(), list)) });
  forceLinting(view);
}
