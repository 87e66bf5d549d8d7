// What is shown beside the text: the docs under the mouse, and the parameters of the call being written.
import { StateEffect, StateField } from '@codemirror/state';
import type { EditorState } from '@codemirror/state';
import { hoverTooltip, showTooltip } from '@codemirror/view';
import type { EditorView, KeyBinding, Tooltip } from '@codemirror/view';
import { hover, signature } from '../index';
import type { SignatureHelp } from '../index';
import { card, element } from './dom';
import { serviceOf } from './service';

export const hovering = hoverTooltip(async ({ state }, at): Promise<Tooltip | null> => {
  const analysis = await serviceOf(state).pause(state.doc);
  const found = analysis && hover(analysis, at);
  if (!found) return null;
  const { from, to, signature, value, doc } = found;
  return { pos: from, end: to, above: true, create: () => ({ dom: card(signature, value, doc) }) };
});

const ask = StateEffect.define<boolean>();

function tooltip({ from, signatures, active, parameter }: SignatureHelp): Tooltip {
  const create = () => {
    const { label, params, doc } = signatures[active]!;
    const part = params[Math.min(parameter, params.length - 1)];
    const { from = 0, to = 0 } = part ?? {};
    const line = element(
      'span',
      {},
      label.slice(0, from),
      element('strong', {}, label.slice(from, to)),
      label.slice(to),
    );
    const more = signatures.length - 1;
    if (more) line.append(` (+${more})`);
    const dom = card(line, '', doc.split('\n')[0]!);
    dom.classList.add('rhai-signature');
    return { dom };
  };
  return { pos: from, above: true, create };
}

const help = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    const { state, docChanged, selection, effects } = transaction;
    let asked = shown !== null;
    for (const effect of effects) if (effect.is(ask)) asked = effect.value;
    if (transaction.isUserEvent('input.type') || transaction.isUserEvent('input.complete'))
      asked ||= opens(state);
    if (!asked) return null;
    if (shown && !docChanged && !selection) return shown;
    const { doc } = state;
    const analysis = serviceOf(state).ready(doc);
    const found = analysis && signature(analysis, state.selection.main.head);
    return found && tooltip(found);
  },
  provide: (field) => showTooltip.from(field),
});

/** Whether an opening parenthesis or a comma has just been written. */
function opens({ doc, selection }: EditorState): boolean {
  const { head } = selection.main;
  return /[(,]\s?$/.test(doc.sliceString(Math.max(0, head - 2), head));
}

const show = (view: EditorView) => {
  view.dispatch({ effects: ask.of(true) });
  return true;
};

const hide = (view: EditorView) => {
  if (!view.state.field(help)) return false;
  view.dispatch({ effects: ask.of(false) });
  return true;
};

export const signatureHelp = help;
export const signatureKeys: KeyBinding[] = [
  { key: 'Mod-Shift-Space', run: show },
  { key: 'Escape', run: hide },
];
