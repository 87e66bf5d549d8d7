// What scripts import from each other: modules, their members, and what `a::b::c` means.
import type { Import, Path } from '../syntax/tree';
import { analyse } from './analyse';
import { importAt, inScope } from './scopes';
import type { Analysis, Declaration, Options } from './symbols';

export interface Module {
  name: string;
  analysis: Analysis;
}

export interface Member {
  name: string;
  declaration: Declaration;
}

type Load = NonNullable<Options['modules']>;

const loaded = new WeakMap<Load, Map<string, { source: string; module: Module }>>();

/** A script of the app, analysed once for each text it has. */
export function moduleNamed(options: Options, name: string): Module | null {
  const load = options.modules;
  const source = load?.(name);
  if (!load || source === undefined) return null;
  let cache = loaded.get(load);
  if (!cache) loaded.set(load, (cache = new Map<string, { source: string; module: Module }>()));
  const known = cache.get(name);
  if (known?.source === source && known.module.analysis.options.api === options.api) return known.module;
  const module = { name, analysis: analyse(source, { ...options, name, kind: 'module' }) };
  cache.set(name, { source, module });
  return module;
}

/** The name in `import "name"`; empty when it is computed. */
export function importedName(analysis: Analysis, node: Import): string {
  const { path } = node;
  const text = analysis.tree.source.slice(path.from, path.to);
  return path.kind === 'literal' && /^(["`])[^\\]*\1$/.test(text) ? text.slice(1, -1) : '';
}

/** What others see of a script: public functions and what it exports. A constant alone stays its own. */
export function membersOf(analysis: Analysis): Member[] {
  const members: Member[] = [];
  for (const list of analysis.functions.values()) {
    for (const declaration of list) {
      const { node, receiver, name } = declaration;
      if (node.kind === 'fn' && node.exported && !receiver) members.push({ name, declaration });
    }
  }
  for (const node of analysis.tree.root.items) {
    if (node.kind !== 'export') continue;
    const name = (node.declaration?.name ?? node.variable)?.text;
    const declaration = name ? inScope(analysis.root, name, node.to) : null;
    if (declaration) members.push({ name: node.alias?.text || declaration.name, declaration });
  }
  return members;
}

/** The module that the first `count` parts of a path lead to; undefined when that cannot be known. */
export function moduleAt(analysis: Analysis, path: Path, count: number): Module | null | undefined {
  let at = analysis;
  let module: Module | null = null;
  for (let i = 0; i < count; i++) {
    const { text, from } = path.parts[i]!;
    const scope = i ? at.root : analysis.paths.get(path)?.scope;
    const found = scope && importAt(at.root, scope, text, i ? Infinity : from);
    if (found?.node.kind !== 'import') return i ? null : undefined;
    const name = importedName(at, found.node);
    if (!name || !at.options.modules) return undefined;
    module = moduleNamed(at.options, name);
    if (!module) return undefined;
    at = module.analysis;
  }
  return module;
}

export interface Found extends Module {
  /** Of those with the name, the one with that arity, or else any. */
  declaration: Declaration | null;
  /** All of that name. */
  all: Declaration[];
}

/** What `module::name` means; null when the module cannot be known. `arity` is that of a call, -1 of no call. */
export function memberOf(analysis: Analysis, path: Path, arity = -1): Found | null {
  const module = moduleAt(analysis, path, path.parts.length - 1);
  if (!module) return null;
  const { text } = path.parts[path.parts.length - 1]!;
  const all = membersOf(module.analysis)
    .filter((member) => member.name === text)
    .map((member) => member.declaration);
  return { ...module, all, declaration: all.find((it) => it.arity === arity) ?? all[0] ?? null };
}
