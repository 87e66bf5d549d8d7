// Going to where something is declared, and to where it is used; also across the app's scripts.
import type { Path } from '../syntax/tree';
import { importedName, memberOf, moduleAt, moduleNamed } from '../semantics/modules';
import { chainShape } from '../semantics/shapes';
import type { Analysis, Declaration, Usage } from '../semantics/symbols';
import type { Named } from './place';
import { namedAt } from './place';

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

/** A declaration and the script that it is in. */
interface Target {
  analysis: Analysis;
  declaration: Declaration;
  module?: string;
}

function pathOf({ path }: Named): Path | null {
  const parent = path[path.length - 2];
  return parent?.kind === 'path' ? parent : null;
}

function targetOf(analysis: Analysis, named: Named): Target | null {
  const { declaration, usage, from } = named;
  const path = pathOf(named);
  if (declaration) return { analysis, declaration };
  if (path && path.parts[path.parts.length - 1]!.from === from) {
    const found = memberOf(analysis, path, analysis.paths.get(path)?.call?.args.items.length ?? -1);
    if (found?.declaration) {
      return { analysis: found.analysis, declaration: found.declaration, module: found.name };
    }
  }
  return usage?.meant && !usage.known ? { analysis, declaration: usage.meant } : null;
}

const located = (from: number, to: number, module?: string): Location =>
  module === undefined ? { from, to } : { from, to, module };

export function definition(analysis: Analysis, offset: number): Location | null {
  const script = importAtOffset(analysis, offset);
  if (script) return located(0, 0, script);
  const named = namedAt(analysis, offset);
  if (!named) return null;
  const target = targetOf(analysis, named);
  if (target) return located(target.declaration.from, target.declaration.to, target.module);
  const path = pathOf(named);
  if (path) {
    const place = path.parts.findIndex((part) => part.from === named.from);
    const module = moduleAt(analysis, path, place + 1);
    return module ? located(0, 0, module.name) : null;
  }
  return fieldAt(analysis, named);
}

/** The script that an `import "name"` at an offset names, when there is one. */
function importAtOffset(analysis: Analysis, offset: number): string {
  const node = analysis.imports.find((it) => it.path.from < offset && offset < it.path.to);
  const name = node ? importedName(analysis, node) : '';
  return name && moduleNamed(analysis.options, name) ? name : '';
}

/** Where a map gets its field. */
function fieldAt(analysis: Analysis, { name, path }: Named): Location | null {
  const link = path[path.length - 2];
  const chain = path[path.length - 3];
  if (chain?.kind !== 'chain' || (link?.kind !== 'property' && link?.kind !== 'method')) return null;
  const field = chainShape(analysis, chain, chain.links.indexOf(link)).fields?.get(name);
  if (!field) return null;
  return located(field.from, field.to, field.analysis === analysis ? undefined : field.analysis.options.name);
}

/** All overloads of a function go by one name. */
function family(analysis: Analysis, it: Declaration): Declaration[] {
  return it.kind === 'function' ? (analysis.functions.get(it.name) ?? [it]) : [it];
}

interface Place {
  from: number;
  to: number;
  kind: Reference['kind'];
}

function placesOf(analysis: Analysis, it: Declaration): Place[] {
  const places: Place[] = [];
  for (const { from, to, usages } of family(analysis, it)) {
    places.push({ from, to, kind: 'declaration' });
    for (const usage of usages) {
      places.push({ from: usage.from, to: usage.to, kind: isWrite(usage) ? 'write' : 'read' });
    }
  }
  return places.sort((a, b) => a.from - b.from);
}

const isWrite = ({ kind }: Usage) => kind === 'write' || kind === 'update';

/** The declaration and all usages, of this script first. */
export function references(analysis: Analysis, offset: number): Reference[] {
  const named = namedAt(analysis, offset);
  const target = named && targetOf(analysis, named);
  if (!target) return [];
  const home = target.analysis;
  const list = placesOf(home, target.declaration).map((place) => lined(home, place, target.module));
  const name = target.module ?? analysis.options.name;
  if (name === undefined || target.declaration.scope.kind !== 'script') return list;
  const outside = outsideUsages(analysis, name, target);
  return [...list, ...outside].sort((a, b) => Number(!!a.module) - Number(!!b.module));
}

/** The usages of a module's member in the scripts that import it. */
export function outsideUsages(analysis: Analysis, name: string, target: Target): Reference[] {
  const { options } = analysis;
  const list: Reference[] = [];
  const scripts = new Set([options.name ?? '', ...(options.moduleNames?.() ?? [])]);
  for (const script of scripts) {
    if (script === name) continue;
    const here = script === (options.name ?? '');
    const other = here ? analysis : moduleNamed(options, script)?.analysis;
    if (!other?.imports.some((node) => importedName(other, node) === name)) continue;
    for (const [path, { call }] of other.paths) {
      const found = memberOf(other, path, call?.args.items.length ?? -1);
      if (found?.name !== name || !family(found.analysis, found.declaration ?? target.declaration).length)
        continue;
      if (found.declaration?.from !== target.declaration.from) continue;
      const { from, to } = path.parts[path.parts.length - 1]!;
      list.push(lined(other, { from, to, kind: 'read' }, here ? undefined : script));
    }
  }
  return list;
}

function lined(analysis: Analysis, { from, to, kind }: Place, module?: string): Reference {
  const { source } = analysis.tree;
  const start = source.lastIndexOf('\n', from - 1) + 1;
  const end = source.indexOf('\n', from);
  const whole = source.slice(start, end < 0 ? source.length : end);
  const indent = whole.length - whole.trimStart().length;
  return {
    ...located(from, to, module),
    kind,
    line: lineAt(analysis, from),
    text: whole.trim(),
    at: from - start - indent,
  };
}

const lines = new WeakMap<Analysis, number[]>();

/** 1-based. */
export function lineAt(analysis: Analysis, offset: number): number {
  let starts = lines.get(analysis);
  if (!starts) {
    starts = [0];
    const { source } = analysis.tree;
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
    lines.set(analysis, starts);
  }
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The occurrences in this script of what is at an offset. */
export function highlights(analysis: Analysis, offset: number): Highlight[] {
  const named = namedAt(analysis, offset);
  if (!named) return [];
  const found = named.declaration ?? named.usage?.meant;
  if (found) {
    return placesOf(analysis, found).map(({ from, to, kind }) => ({ from, to, write: kind !== 'read' }));
  }
  if (!named.usage?.known) return [];
  // Of the API's own names, all of the same name.
  return analysis.usages
    .filter((usage) => usage.name === named.name && !usage.declaration)
    .map((usage) => ({ from: usage.from, to: usage.to, write: isWrite(usage) }));
}
