import { EditorState, Text } from '@codemirror/state';
import type { ChangeSpec } from '@codemirror/state';
import { ensureSyntaxTree, foldable, getIndentation, matchBrackets, syntaxTree } from '@codemirror/language';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';
import { describe, expect, it } from 'vitest';
import { format } from '../index';
import { corpus } from '../testing';
import type { Case } from '../testing';
import { changesBetween } from './formatting';
import { rhai } from './index';
import { languageOf } from './language';
import { analysisOf, Service, serviceOf } from './service';

const stateOf = (doc: string) => EditorState.create({ doc, extensions: rhai() });

/** The names of the nodes around an offset, from the outermost. */
function around(doc: string, at: number): string {
  const names: string[] = [];
  for (let node = syntaxTree(stateOf(doc)).resolveInner(at, 1); node.parent; node = node.parent)
    names.unshift(node.name);
  return names.join(' ');
}

/** The words that have a tag. */
function tagged(doc: string, tag: keyof typeof tags): string {
  const words: string[] = [];
  const highlighter = tagHighlighter([{ tag: tags[tag] as never, class: 'it' }]);
  highlightTree(syntaxTree(stateOf(doc)), highlighter, (from, to) => words.push(doc.slice(from, to)));
  return words.join(' ');
}

/** `|` in the text is the offset. */
function at<T>(text: string, ask: (state: EditorState, offset: number) => T): T {
  const offset = text.indexOf('|');
  return ask(stateOf(text.replace('|', '')), offset);
}

describe('the tree', () => {
  it('has the nodes of our own', () => {
    expect(around('let x = f(1 + 2);', 10)).toBe('let call args binary Number');
    expect(around('// a\nfn f() {}', 0)).toBe('LineComment');
  });

  it('covers every token once, in order and within its parents, for whole and for broken texts', () => {
    for (const source of [
      '',
      '()',
      'f( )',
      'x.',
      'let = ',
      '`a ${b /* c */ + 1} d`',
      '/* open',
      'a?[0]?.b',
      '}',
      'switch x { _ => 1',
    ]) {
      const tree = syntaxTree(stateOf(source));
      let last = 0;
      tree.iterate({
        enter({ from, to, node, name }) {
          expect(to).toBeLessThanOrEqual(node.parent?.to ?? source.length);
          if (node.firstChild || name === '⚠' || !node.parent) return;
          expect(from).toBeGreaterThanOrEqual(last);
          expect(source.slice(last, from)).toMatch(/^\s*$/);
          last = to;
        },
      });
      expect(source.slice(last), source).toMatch(/^\s*$/);
    }
  });

  it('says of names what they are', () => {
    const source = 'import "m" as m; const C = 1; fn f(p) { p + 1 } m::g(C, f(2), req.path);';
    expect(tagged(source, 'namespace')).toBe('m m');
    expect(tagged(source, 'propertyName')).toBe('path');
    expect(tagged('const C = 1; C + c', 'keyword')).toBe('const');
    expect(around(source, source.indexOf('C, '))).toMatch(/Constant$/);
    expect(around(source, source.indexOf('p + '))).toMatch(/Parameter$/);
    expect(around(source, source.indexOf('f(2'))).toMatch(/Function$/);
    expect(around(source, source.indexOf('f(p'))).toMatch(/FunctionDefinition$/);
  });

  it('is there for a text that is in no editor', () => {
    const { parser } = languageOf(new Service({}));
    const tree = parser.parse('fn f() {\n\t12\n}\n');
    expect([tree.length, tree.resolveInner(10, 1).name]).toEqual([15, 'Number']);
  });

  it('is there for a large text after a pause, with what is unchanged until then', async () => {
    const part = 'fn f(a) { a + 1 }\n';
    const before = EditorState.create({ doc: part.repeat(8_000), extensions: rhai() });
    analysisOf(before);
    expect(ensureSyntaxTree(before, before.doc.length, 1_000)!.topNode.name).toBe('script');
    const { state } = before.update({ changes: { from: 20_000, insert: 'x' } });
    expect(serviceOf(state).ready(state.doc)).toBe(null);
    expect(syntaxTree(state).resolveInner(1, 1).name).toBe('Definition');
    expect(await serviceOf(state).pause(state.doc)).not.toBe(null);
  });
});

describe('what the editor makes of it', () => {
  it('folds what is in brackets, and long comments', () => {
    const folded = (text: string) =>
      at(text, (state, from) => foldable(state, state.doc.lineAt(from).from, state.doc.lineAt(from).to));
    expect(folded('|fn f() {\n\t1\n}')).toEqual({ from: 8, to: 12 });
    expect(folded('|switch x {\n\t_ => 1\n}')).toEqual({ from: 10, to: 19 });
    expect(folded('|let x = 1;')).toBe(null);
  });

  it('indents what follows an open bracket, and a statement that goes on', () => {
    const indentation = (text: string) => at(text, getIndentation);
    expect(indentation('fn f() {\n|\n}')).toBe(4);
    expect(indentation('fn f() {\n\tif a {\n|')).toBe(8);
    expect(indentation('fn f() {\n\t1\n|}')).toBe(0);
    expect(indentation('let x = a\n|.b()')).toBe(4);
    expect(indentation('let x = 1;\n|')).toBe(0);
  });

  it('matches brackets, but not those of strings', () => {
    const match = (text: string) => at(text, (state, offset) => matchBrackets(state, offset, 1)?.end?.from);
    expect(match('|#{ a: "}" }')).toBe(10);
    expect(match('f|(")")')).toBe(5);
    expect(match('f|()')).toBe(2);
  });
});

describe('the analysis', () => {
  it('is made once for a text', () => {
    const { doc } = stateOf('let x = 1;');
    const service = new Service({});
    expect(service.of(doc)).toBe(service.of(doc));
    const analysis = service.of(doc);
    service.forget();
    expect(service.of(doc)).not.toBe(analysis);
    expect(service.of(doc).tree).toBe(analysis.tree);
  });

  it('of a large text is left when the text changes', async () => {
    const service = new Service({});
    const text = (count: number) => Text.of(Array<string>(count).fill('let x = 1;'));
    const first = service.pause(text(20_000));
    const second = service.pause(text(20_001));
    expect(await first).toBe(null);
    expect((await second)!.tree.errors).toEqual([]);
  });
});

describe('formatting', () => {
  const sources = (corpus<Case>('snippets.jsonl') ?? []).map(({ source }) => source.replace(/\r\n?/g, '\n'));
  const apply = (source: string, changes: ChangeSpec) =>
    EditorState.create({ doc: source }).update({ changes }).newDoc.toString();

  it('changes white space and commas only', () => {
    for (const source of ['fn f( a,b ){a+b}', 'let x = [1,2,3,];', 'let s = `a , b`;\n\n\n\nx', ...sources]) {
      const done = format(source);
      if (!done.ok) continue;
      const changes = changesBetween(source, done.text) as { from: number; to: number; insert: string }[];
      expect(apply(source, changes)).toBe(done.text);
      expect(changes.every(({ insert }) => /^[\s,]*$/.test(insert))).toBe(true);
    }
  });
});
