// Formats the document in small steps, so that the caret and all marks stay where they were.
import type { ChangeSpec } from '@codemirror/state';
import type { EditorView, KeyBinding } from '@codemirror/view';
import { format } from '../index';
import { say } from './panel';

const isLayout = (char: string | undefined) => !!char && /[\s,]/.test(char);

/** What differs between two texts that differ in white space and commas alone. */
export function changesBetween(before: string, after: string): ChangeSpec[] {
  const changes: ChangeSpec[] = [];
  let from = 0;
  let start = 0;
  while (from < before.length || start < after.length) {
    if (before[from] === after[start]) {
      from++;
      start++;
      continue;
    }
    let to = from;
    let end = start;
    while (isLayout(before[to])) to++;
    while (isLayout(after[end])) end++;
    if (before[to] !== after[end]) return [{ from: 0, to: before.length, insert: after }];
    changes.push({ from, to, insert: after.slice(start, end) });
    from = to;
    start = end;
  }
  return changes;
}

/** Why it was not done; empty when it was. */
export function formatDocument(view: EditorView): string {
  const source = view.state.doc.toString();
  const done = format(source);
  if (!done.ok) return `Line ${done.error.line}: ${done.error.message}`;
  const changes = changesBetween(source, done.text);
  if (changes.length) view.dispatch({ changes, userEvent: 'input.format' });
  return '';
}

export const formatKeys: KeyBinding[] = [
  {
    key: 'Shift-Alt-f',
    run(view) {
      const refused = formatDocument(view);
      return !refused || say(view, refused);
    },
  },
];
