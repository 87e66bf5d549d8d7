// Marks the other occurrences of the name at the caret.
import { Decoration, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, EditorView, ViewUpdate } from '@codemirror/view';
import { highlights } from '../index';
import { serviceOf } from './service';

const PAUSE_MS = 100;

const read = Decoration.mark({ class: 'rhai-read' });
const write = Decoration.mark({ class: 'rhai-write' });

class Occurrences {
  decorations: DecorationSet = Decoration.none;
  timer = 0;

  constructor(readonly view: EditorView) {}

  update({ changes, docChanged, selectionSet }: ViewUpdate) {
    if (docChanged) this.decorations = this.decorations.map(changes);
    if (!docChanged && !selectionSet) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.find(), PAUSE_MS);
  }

  async find() {
    const { state } = this.view;
    const analysis = await serviceOf(state).pause(state.doc);
    if (!analysis || this.view.state !== state) return;
    const { head, empty } = state.selection.main;
    const found = empty ? highlights(analysis, head) : [];
    if (!found.length && !this.decorations.size) return;
    this.decorations = Decoration.set(
      found.map((it) => (it.write ? write : read).range(it.from, it.to)),
      true,
    );
    this.view.dispatch({});
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

export const occurrences = ViewPlugin.fromClass(Occurrences, { decorations: (it) => it.decorations });
