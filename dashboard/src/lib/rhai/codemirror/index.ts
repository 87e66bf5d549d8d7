// Rhai for CodeMirror 6: one extension with everything, except for how it looks.
import { closeBrackets } from '@codemirror/autocomplete';
import { bracketMatching, codeFolding, indentOnInput, indentUnit } from '@codemirror/language';
import { Prec } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import type { EditorView } from '@codemirror/view';
import { outline } from '../index';
import { completion } from './completion';
import { formatKeys } from './formatting';
import { languageOf } from './language';
import { lint } from './lint';
import { clicking, navigationKeys } from './navigation';
import { occurrences } from './occurrences';
import { panel, panelKeys } from './panel';
import { analysisOf, refresh, Service, service, serviceOf } from './service';
import type { Host } from './service';
import { hovering, signatureHelp, signatureKeys } from './tooltips';

export { formatDocument } from './formatting';
export type { Host } from './service';

export function rhai(host: Host = {}): Extension {
  const own = new Service(host);
  return [
    service.of(own),
    languageOf(own),
    indentUnit.of('\t'),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    codeFolding(),
    completion,
    lint,
    hovering,
    signatureHelp,
    panel,
    occurrences,
    clicking,
    Prec.high(keymap.of([...navigationKeys, ...formatKeys])),
    keymap.of([...signatureKeys, ...panelKeys]),
  ];
}

/** Rhai that is only looked at: its colours. */
export function rhaiColours(): Extension {
  const own = new Service({});
  return [service.of(own), languageOf(own)];
}

/** The host knows more than before, of the API or of other scripts. */
export function hostChanged(view: EditorView) {
  serviceOf(view.state).forget();
  view.dispatch({ effects: refresh.of(null) });
}

export const outlineOf = (view: EditorView) => outline(analysisOf(view.state));
