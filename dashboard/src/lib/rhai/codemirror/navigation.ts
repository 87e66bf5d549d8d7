// Going to declarations and usages, the outline, and renaming.
import type { Command, EditorView, KeyBinding } from '@codemirror/view';
import { EditorView as View } from '@codemirror/view';
import { definition, moduleSeenAt, outline, references, rename, renameable } from '../index';
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

/** Which other scripts were looked at, and why they could not be. */
interface Looked {
  module: string | undefined;
  importers: string[];
  failed: string;
}

/** Goes on when those scripts are there that may use what is at the caret; not if the text has changed meanwhile. */
async function withImporters(view: EditorView, then: (looked: Looked) => unknown) {
  const { doc } = view.state;
  const { host } = serviceOf(view.state);
  const seen = () => moduleSeenAt(analysisOf(view.state), head(view));
  // What it belongs to may be on its way.
  const module = seen() ?? ((await host.settle?.()) ? seen() : undefined);
  const looked: Looked = { module, importers: [], failed: '' };
  try {
    if (module !== undefined) looked.importers = (await host.load?.(module)) ?? [];
  } catch (thrown) {
    looked.failed = thrown instanceof Error ? thrown.message : problemIn(thrown);
  }
  if (view.state.doc === doc) then(looked);
}

/** What the page's client throws has its message within. */
function problemIn(thrown: unknown): string {
  return (thrown as { body?: { message?: string } } | null)?.body?.message ?? String(thrown);
}

/** Whose usages a list has, where it could be more than those of the open script. */
function lookedAt({ module, importers, failed }: Looked): string {
  if (failed) return `Only this script was looked at: ${failed}`;
  if (module === undefined) return '';
  if (!importers.length) return `No other script imports ${module}.`;
  return `Looked at what imports ${module}: ${importers.join(', ')}.`;
}

function row(view: EditorView, it: Reference) {
  const { module = '', line, text, at, from, to } = it;
  const end = at + to - from;
  const mark = element('mark', {}, text.slice(at, end));
  const label = [element('small', {}, `${module}:${line} `), text.slice(0, at), mark, text.slice(end)];
  return { label, jump: () => jump(view, it) };
}

const usages: Command = (view) => {
  void withImporters(view, (looked) => {
    const found = references(analysisOf(view.state), head(view), looked.importers);
    if (!found.length) return say(view, 'Nothing is known of usages here.');
    const title = found.length === 1 ? '1 usage' : `${found.length} usages`;
    const rows = found.map((it) => row(view, it));
    list(view, title, rows, lookedAt(looked));
  });
  return true;
};

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

const renameHere: Command = (view) => {
  void withImporters(view, ({ importers, failed }) => {
    const { doc } = view.state;
    const offset = head(view);
    const target = renameable(analysisOf(view.state), offset);
    if ('refused' in target) return say(view, target.refused);
    if (failed) return say(view, `Who uses it could not be found out: ${failed}`);
    const { name } = target.declaration;
    ask(view, `Rename ${name}`, name, (next) => {
      if (view.state.doc !== doc) return 'The script has changed meanwhile.';
      const done = rename(analysisOf(view.state), offset, next, importers);
      if ('refused' in done) return done.refused;
      view.dispatch({ changes: done.edits, userEvent: 'input.rename' });
      return '';
    });
  });
  return true;
};

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
