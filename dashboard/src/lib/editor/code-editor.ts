// CodeMirror with Rhai, in a shadow root: there its styles need no exception from the page's policy.
import { closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { foldGutter, foldKeymap } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { formatDocument, hostChanged, rhai, type Host } from '$lib/rhai/codemirror';
import type { Diagnostic } from './draft.svelte';
import { serverLint, showFound } from './server-lint';
import { look } from './theme';

/** As the editor counts: every line ends with one character. */
const unified = (text: string) => text.replace(/\r\n?/g, '\n');

export interface Settings {
  host: Host;
  text: string;
  hint: string;
  onchange: (text: string) => void;
}

export class CodeEditor {
  readonly #view: EditorView;

  constructor(element: HTMLElement, { host, text, hint, onchange }: Settings) {
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const state = EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightActiveLineGutter(),
        foldGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        search({ top: true }),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ 'aria-label': 'Source', 'aria-description': hint }),
        // The page runs and saves by these.
        keymap.of([{ key: 'Mod-Enter', run: () => true }]),
        rhai(host),
        serverLint,
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          indentWithTab,
          ...defaultKeymap,
        ]),
        look,
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onchange(state.doc.toString());
        }),
      ],
    });
    this.#view = new EditorView({ state, parent: root, root });
  }

  /** Shows a text that came from elsewhere. */
  set(text: string) {
    const { state } = this.#view;
    const insert = unified(text);
    if (insert === state.doc.toString()) return;
    this.#view.dispatch({ changes: { from: 0, to: state.doc.length, insert } });
  }

  /** Puts the caret at an offset of `text`, which is what is shown. */
  goto(text: string, offset: number) {
    const anchor = Math.min(unified(text.slice(0, offset)).length, this.#view.state.doc.length);
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
    });
    this.#view.focus();
  }

  /** What the server found in the text that is shown. */
  diagnose = (list: readonly Diagnostic[]) => showFound(this.#view, list);

  refresh = () => hostChanged(this.#view);

  /** Why it was not formatted; empty when it was. */
  format = () => formatDocument(this.#view);

  destroy = () => this.#view.destroy();
}
