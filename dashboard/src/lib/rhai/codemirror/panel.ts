// The panel below the text: a list that jumps, a field, or a word of why something was not done. Esc closes it.
import { StateEffect, StateField } from '@codemirror/state';
import { showPanel } from '@codemirror/view';
import type { EditorView, KeyBinding, PanelConstructor } from '@codemirror/view';
import { element } from './dom';

const setPanel = StateEffect.define<PanelConstructor | null>();

export const panel = StateField.define<PanelConstructor | null>({
  create: () => null,
  update(shown, { effects }) {
    for (const effect of effects) if (effect.is(setPanel)) return effect.value;
    return shown;
  },
  provide: (field) => showPanel.from(field),
});

export function closePanel(view: EditorView): boolean {
  if (!view.state.field(panel)) return false;
  view.dispatch({ effects: setPanel.of(null) });
  view.focus();
  return true;
}

function open(view: EditorView, title: string, ...children: (Node | string)[]) {
  const close = element(
    'button',
    { type: 'button', 'aria-label': 'Close', onclick: () => closePanel(view) },
    '×',
  );
  const dom = element(
    'section',
    { class: 'rhai-panel', 'aria-label': title },
    element('header', {}, title, close),
    ...children,
  );
  dom.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    closePanel(view);
  });
  view.dispatch({ effects: setPanel.of(() => ({ dom })) });
  return dom;
}

export function say(view: EditorView, message: string): boolean {
  open(view, 'Rhai', element('p', { role: 'alert' }, message));
  return true;
}

export interface Row {
  label: (Node | string)[];
  jump: () => void;
}

/** Rows that jump, and a word about them; the arrow keys go from one to the next. */
export function list(view: EditorView, title: string, rows: Row[], note = '') {
  const buttons = rows.map(({ label, jump }) =>
    element('button', { type: 'button', onclick: jump }, ...label),
  );
  const items = element('ul', {}, ...buttons.map((button) => element('li', {}, button)));
  items.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && buttons[buttons.indexOf(event.target as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  open(view, title, ...(note ? [element('p', {}, note)] : []), items);
  buttons[0]?.focus();
}

/** A field; what `submit` answers is shown, and the panel closed if that is nothing. */
export function ask(view: EditorView, title: string, value: string, submit: (value: string) => string) {
  const input = element('input', { value, 'aria-label': title, spellcheck: 'false' }) as HTMLInputElement;
  const answer = element('p', { role: 'alert' });
  const onsubmit = (event: Event) => {
    event.preventDefault();
    answer.textContent = submit(input.value);
    if (!answer.textContent) closePanel(view);
  };
  open(view, title, element('form', { onsubmit }, input, element('button', {}, 'Rename')), answer);
  input.select();
}

export const panelKeys: KeyBinding[] = [{ key: 'Escape', run: closePanel }];
