// Going to declarations and usages, the outline, and renaming.
import type { Command, EditorView, KeyBinding } from '@codemirror/view';
import { EditorView as View } from '@codemirror/view';
import { definition, outline, references, rename, renameable } from '../index';
import type { Location, OutlineItem, Reference } from '../index';
import { element } from './dom';
import { ask, list, say } from './panel';
import { analysisOf, serviceOf } from './service';

/** Shows a place, here or in another script. */
export function jump(view: EditorView, { from, to, module }: Location) {
  if (module !== undefined) return serviceOf(view.state).host.open?.(module, from, to);
  view.dispatch({
    selection: { anchor: from, head: to },
    effects: View.scrollIntoView(from, { y: 'center' }),
    userEvent: 'select',
  });
  view.focus();
}

const head = ({ state }: EditorView) => state.selection.main.head;

function goTo(view: EditorView, offset: number): boolean {
  const found = definition(analysisOf(view.state), offset);
  if (found) jump(view, found);
  return !!found;
}

const toDefinition: Command = (view) =>
  goTo(view, head(view)) || say(view, 'There is no declaration to go to.');

/** After all scripts of the app are there; not if the text has changed meanwhile. */
function withScripts(view: EditorView, then: () => unknown): boolean {
  const { doc } = view.state;
  Promise.resolve(serviceOf(view.state).host.load?.()).then(
    () => view.state.doc === doc && then(),
    (thrown) => say(view, String(thrown.message ?? thrown)),
  );
  return true;
}

function row(view: EditorView, it: Reference) {
  const { module = '', line, text, at, from, to } = it;
  const end = at + to - from;
  const mark = element('mark', {}, text.slice(at, end));
  const label = [element('small', {}, `${module}:${line} `), text.slice(0, at), mark, text.slice(end)];
  return { label, jump: () => jump(view, it) };
}

const usages: Command = (view) =>
  withScripts(view, () => {
    const found = references(analysisOf(view.state), head(view));
    if (!found.length) return say(view, 'Nothing is known of usages here.');
    list(
      view,
      found.length === 1 ? '1 usage' : `${found.length} usages`,
      found.map((it) => row(view, it)),
    );
  });

const outlinePanel: Command = (view) => {
  const rows = (items: OutlineItem[], indent: string): { label: string[]; jump: () => void }[] =>
    items.flatMap(({ name, kind, detail, nameFrom, nameTo, children }) => [
      {
        label: [`${indent}${kind} ${name}${detail}`],
        jump: () => jump(view, { from: nameFrom, to: nameTo }),
      },
      ...rows(children, `${indent}\u2003`),
    ]);
  list(view, 'Outline', rows(outline(analysisOf(view.state)), ''));
  return true;
};

const renameHere: Command = (view) =>
  withScripts(view, () => {
    const { doc } = view.state;
    const offset = head(view);
    const target = renameable(analysisOf(view.state), offset);
    if ('refused' in target) return say(view, target.refused);
    const { name } = target.declaration;
    ask(view, `Rename ${name}`, name, (next) => {
      if (view.state.doc !== doc) return 'The script has changed meanwhile.';
      const done = rename(analysisOf(view.state), offset, next);
      if ('refused' in done) return done.refused;
      view.dispatch({ changes: done.edits, userEvent: 'input.rename' });
      return '';
    });
  });

export const navigationKeys: KeyBinding[] = [
  { key: 'F12', run: toDefinition },
  { key: 'Shift-F12', run: usages },
  { key: 'F2', run: renameHere },
  { key: 'Mod-Shift-o', run: outlinePanel },
];

/** Ctrl or Cmd with a click. */
export const clicking = View.domEventHandlers({
  mousedown(event, view) {
    if (!(event.ctrlKey || event.metaKey) || event.button) return false;
    const offset = view.posAtCoords({ x: event.clientX, y: event.clientY });
    if (offset === null || !goTo(view, offset)) return false;
    event.preventDefault();
    return true;
  },
});
