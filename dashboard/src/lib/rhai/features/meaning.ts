// What the name at an offset means: a declaration, here or in another script, a field, or something of the API.
import type { ApiFunction } from '../semantics/api';
import { builtinsOf, methodsOf } from '../semantics/api';
import { calleesOf } from '../semantics/callees';
import { importedName, memberOf, moduleAt, moduleNamed } from '../semantics/modules';
import { chainShape, namespaceOf } from '../semantics/shapes';
import type { Field } from '../semantics/shape';
import type { Analysis, Declaration } from '../semantics/symbols';
import type { Named } from './place';
import { namedAt } from './place';

export interface Meaning {
  from: number;
  to: number;
  name: string;
  /** The script of `declaration`, and its name when it is another one. */
  analysis: Analysis;
  declaration?: Declaration;
  module?: string;
  field?: Field;
  /** A variable or property of the API. */
  known?: { type: string; doc: string };
  functions: ApiFunction[];
  /** How many arguments it is called with; -1 when it is not. */
  count: number;
}

export function meaningAt(analysis: Analysis, offset: number): Meaning | null {
  const named = namedAt(analysis, offset) ?? importAt(analysis, offset);
  if (!named) return null;
  const { from, to, name } = named;
  const meaning: Meaning = { from, to, name, analysis, functions: [], count: -1 };
  if ('module' in named) return { ...meaning, module: named.module };
  const { declaration, usage, path } = named;
  if (declaration) return { ...meaning, declaration };
  const parent = path[path.length - 2];
  if (parent?.kind === 'path') return { ...meaning, ...ofPath(analysis, named, parent) };
  if (parent?.kind === 'property' || parent?.kind === 'method')
    return { ...meaning, ...ofMember(analysis, named) };
  if (!usage) return null;
  if (usage.meant && !usage.known) return { ...meaning, declaration: usage.meant };
  const { site } = usage;
  const { api } = analysis.options;
  const known = api?.names.get(name);
  if (known) return { ...meaning, known };
  const functions = api?.functions.get(name) ?? builtinsOf(name);
  return { ...meaning, functions, count: site?.kind === 'call' ? site.args.items.length : -1 };
}

/** The script that an `import "name"` at an offset names. */
function importAt(analysis: Analysis, offset: number) {
  const node = analysis.imports.find((it) => it.path.from < offset && offset < it.path.to);
  const name = node ? importedName(analysis, node) : '';
  if (!node || !name || !moduleNamed(analysis.options, name)) return null;
  return { from: node.path.from + 1, to: node.path.to - 1, name, module: name };
}

function ofPath(analysis: Analysis, { from }: Named, path: Named['path'][number]): Partial<Meaning> {
  if (path.kind !== 'path') return {};
  const place = path.parts.findIndex((part) => part.from === from);
  if (place < path.parts.length - 1) {
    const module = moduleAt(analysis, path, place + 1);
    return module ? { module: module.name } : {};
  }
  const count = analysis.paths.get(path)?.call?.args.items.length ?? -1;
  const found = memberOf(analysis, path, count);
  if (!found?.declaration) return { functions: namespaceOf(analysis, path), count };
  return { analysis: found.analysis, declaration: found.declaration, module: found.name };
}

function ofMember(analysis: Analysis, { name, path }: Named): Partial<Meaning> {
  const [chain, link] = path.slice(-3);
  if (chain?.kind !== 'chain' || (link?.kind !== 'property' && link?.kind !== 'method')) return {};
  const { api } = analysis.options;
  const shape = chainShape(analysis, chain, chain.links.indexOf(link));
  const field = shape.fields?.get(name);
  if (field) return { field };
  if (link.kind === 'method') {
    const functions = calleesOf(analysis, link, shape);
    return { functions: functions.length ? functions : builtinsOf(name), count: link.args.items.length };
  }
  const property = api?.properties.get(shape.type)?.get(name) ?? api?.properties.get('any')?.get(name);
  return property
    ? { known: { type: property.returns, doc: property.doc } }
    : { functions: methodsOf(api, shape.type, name) };
}
