// Going to where something is declared, and to where it is used; also across the app's scripts.
import { memberOf, membersOf, moduleNamed } from '../semantics/modules';
import type { Analysis, Declaration } from '../semantics/symbols';
import { meaningAt } from './meaning';

export interface Location {
  from: number;
  to: number;
  /** The script it is in; none when it is the one at hand. */
  module?: string;
}

export interface Reference extends Location {
  kind: 'declaration' | 'read' | 'write';
  /** 1-based. */
  line: number;
  /** The line, without the white space around it, and where the name is in it. */
  text: string;
  at: number;
}

export interface Highlight {
  from: number;
  to: number;
  write: boolean;
}

const located = (from: number, to: number, module?: string): Location => ({
  from,
  to,
  ...(module !== undefined && { module }),
});

export function definition(analysis: Analysis, offset: number): Location | null {
  const { declaration, module, field } = meaningAt(analysis, offset) ?? {};
  if (declaration) return located(declaration.from, declaration.to, module);
  if (module !== undefined) return located(0, 0, module);
  if (!field) return null;
  return located(field.from, field.to, field.analysis === analysis ? undefined : field.analysis.options.name);
}

interface Place {
  from: number;
  to: number;
  kind: Reference['kind'];
}

/** Where a declaration is and is used. All overloads of a function go by one name. */
export function placesOf(analysis: Analysis, it: Declaration): Place[] {
  const family = it.kind === 'function' ? analysis.functions.get(it.name)! : [it];
  const places = family.flatMap(({ from, to, usages }): Place[] => [
    { from, to, kind: 'declaration' },
    ...usages.map(({ from, to, kind }): Place => ({
      from,
      to,
      kind: kind === 'write' || kind === 'update' ? 'write' : 'read',
    })),
  ]);
  return places.sort((a, b) => a.from - b.from);
}

/** The module that what is at an offset is seen in by others; undefined for what only its own script can use. */
export function moduleSeenAt(analysis: Analysis, offset: number): string | undefined {
  const meaning = meaningAt(analysis, offset);
  if (!meaning?.declaration || !isMember(meaning.analysis, meaning.declaration)) return undefined;
  const { name, kind } = analysis.options;
  return meaning.module ?? (kind === 'endpoint' ? undefined : name);
}

const isMember = (analysis: Analysis, { name, kind }: Declaration) =>
  membersOf(analysis).some(({ declaration: it }) => it.name === name && it.kind === kind);

/** The declaration and all usages, of this script first; of others in those scripts, or in all. */
export function references(analysis: Analysis, offset: number, scripts?: readonly string[]): Reference[] {
  const meaning = meaningAt(analysis, offset);
  if (!meaning?.declaration) return [];
  const { declaration, module } = meaning;
  const list = placesOf(meaning.analysis, declaration).map((place) => lined(meaning.analysis, place, module));
  const outside = outsideUsages(analysis, module ?? analysis.options.name, declaration, scripts);
  return [...list, ...outside].sort((a, b) => Number(!!a.module) - Number(!!b.module));
}

/** The usages of a module's member in other scripts, however far the path that leads to it. */
export function outsideUsages(
  analysis: Analysis,
  name: string | undefined,
  declaration: Declaration,
  scripts: readonly string[] = analysis.options.moduleNames?.() ?? [],
): Reference[] {
  const { options } = analysis;
  const list: Reference[] = [];
  if (name === undefined || declaration.scope.parent) return list;
  for (const script of new Set([options.name ?? '', ...scripts])) {
    if (script === name) continue;
    const here = script === (options.name ?? '');
    const other = here ? analysis : moduleNamed(options, script)?.analysis;
    for (const [path, { call }] of other?.paths ?? []) {
      const found = memberOf(other!, path, call?.args.items.length);
      // By name: the module may be written at this moment, and read by others as it was.
      const { name: of, kind } = found?.declaration ?? {};
      if (found?.name !== name || of !== declaration.name || kind !== declaration.kind) continue;
      const { from, to } = path.parts[path.parts.length - 1]!;
      list.push(lined(other!, { from, to, kind: 'read' }, here ? undefined : script));
    }
  }
  return list;
}

function lined(analysis: Analysis, { from, to, kind }: Place, module?: string): Reference {
  const { source } = analysis.tree;
  const start = source.lastIndexOf('\n', from - 1) + 1;
  const [whole] = source.slice(start).split('\n', 1);
  const indent = whole!.length - whole!.trimStart().length;
  return {
    ...located(from, to, module),
    kind,
    line: source.slice(0, from).split('\n').length,
    text: whole!.trim(),
    at: from - start - indent,
  };
}

/** The occurrences in this script of what is at an offset. */
export function highlights(analysis: Analysis, offset: number): Highlight[] {
  const { declaration, module, name, from } = meaningAt(analysis, offset) ?? {};
  const places =
    declaration && module === undefined
      ? placesOf(analysis, declaration)
      : // Of what is declared elsewhere, all of the same name.
        analysis.usages.filter((usage) => usage.name === name && !usage.declaration);
  if (!places.some((place) => place.from === from)) return [];
  return places.map(({ from, to, kind }) => ({
    from,
    to,
    write: kind === 'write' || kind === 'declaration',
  }));
}
