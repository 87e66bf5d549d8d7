// The package's own house rules: its files import each other in no circle, but for the recursion of a grammar.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;

/** Where Rhai's grammar is recursive, so are those who read and print it: an expression has blocks, and these have statements. */
const GRAMMAR = [/^syntax\/parse-(?!core)[a-z]+\.ts$/, /^format\/(lists|expressions|statements)\.ts$/];

type Graph = Map<string, string[]>;

function importsOf(text: string): string[] {
  return [...text.matchAll(/^(?:import|export|\}) .*?from '(\.[^']*)';|^import '(\.[^']*)';/gm)].map(
    (found) => found[1] ?? found[2]!,
  );
}

/** All files of the package that are no tests, and what of it they import; types count as well. */
function graphOf(root: string): Graph {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const to = importsOf(text).map((path) => relative(root, join(root, dirname(file), path)) || '.');
      const named = to.flatMap((path) =>
        [`${path}.ts`, path === '.' ? 'index.ts' : `${path}/index.ts`].filter((it) => known.has(it)),
      );
      return [file, named];
    }),
  );
}

/** The first circle that is found, as the files it leads through. */
function circleIn(graph: Graph): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const search = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    done.add(file);
    path.push(file);
    for (const other of graph.get(file) ?? []) {
      const found = search(other);
      if (found) return found;
    }
    path.pop();
    return null;
  };
  for (const file of graph.keys()) {
    const found = search(file);
    if (found) return found;
  }
  return null;
}

/** Without the imports among the files of one group. */
function withoutGrammar(graph: Graph): Graph {
  const apart = (from: string, to: string) => !GRAMMAR.some((group) => group.test(from) && group.test(to));
  return new Map([...graph].map(([from, list]) => [from, list.filter((to) => apart(from, to))]));
}

describe('imports', () => {
  const graph = graphOf(ROOT);

  it('are all found', () => {
    expect(graph.get('index.ts')).toContain('syntax/parser.ts');
    expect(graph.get('syntax/parser.ts')).toContain('syntax/lexer.ts');
    expect(graph.get('codemirror/lint.ts')).toContain('index.ts');
    expect(graph.get('lints/index.ts')).toContain('lints/unused.ts');
  });

  it('lead in no circle', () => {
    expect(circleIn(withoutGrammar(graph))?.join(' -> ') ?? '').toBe('');
  });

  it('are a circle only where the grammar is one', () => {
    for (const group of GRAMMAR) {
      const inside = new Map([...graph].filter(([file]) => group.test(file)));
      expect(circleIn(inside), String(group)).not.toBeNull();
    }
  });

  it('of types count, too', () => {
    const circle = new Map([
      ['a.ts', ['b.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['b.ts']],
    ]);
    expect(circleIn(circle)).toEqual(['b.ts', 'c.ts', 'b.ts']);
    expect(
      importsOf("import type { A } from './a';\nimport {\n  b,\n} from './b';\nexport * from './c';"),
    ).toEqual(['./a', './b', './c']);
  });

  it('of the package stay within it, but for the editor', () => {
    for (const file of graph.keys()) {
      if (/^(codemirror|oracle)\/|^testing|\/testing/.test(file)) continue;
      const text = readFileSync(join(ROOT, file), 'utf8');
      expect(
        [...text.matchAll(/ from '([^.][^']*)'/g)].map((found) => found[1]),
        file,
      ).toEqual([]);
    }
  });
});
