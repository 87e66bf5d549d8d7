// Two texts of a script in one view: what the second has otherwise than the first.
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { rhaiColours } from '$lib/rhai/codemirror';
import { look } from './theme';

const changes = EditorView.theme({
  '&': { maxHeight: '50vh' },
  '.cm-deletedChunk': { background: 'var(--bad-soft)' },
  '.cm-changedLine': { background: 'var(--good-soft)' },
  '.cm-changedText, .cm-deletedText': { background: 'none', textDecoration: 'underline' },
});

/** Shows it; what is answered takes it away. */
export function compare(element: HTMLElement, before: string, after: string): () => void {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  const state = EditorState.create({
    doc: after,
    extensions: [
      lineNumbers(),
      rhaiColours(),
      look,
      changes,
      EditorState.readOnly.of(true),
      EditorState.tabSize.of(4),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ 'aria-label': 'What you wrote, compared', tabindex: '0' }),
      unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: {} }),
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  return () => view.destroy();
}
