// What is known about the name at an offset.
import { builtinsOf, methodsOf, namespaceOf, signatureOf } from '../semantics/api';
import type { ApiFunction } from '../semantics/api';
import { memberOf, moduleAt } from '../semantics/modules';
import { chainShape } from '../semantics/shapes';
import type { Analysis } from '../semantics/symbols';
import { callableSignature, describe, typeOf } from './describe';
import type { Description } from './describe';
import type { Named } from './place';
import { inComment, namedAt } from './place';

export interface Hover extends Description {
  from: number;
  to: number;
}

export function hover(analysis: Analysis, offset: number): Hover | null {
  if (inComment(analysis.tree, offset)) return null;
  const named = namedAt(analysis, offset);
  const description = named && about(analysis, named);
  return description ? { from: named.from, to: named.to, ...description } : null;
}

function about(analysis: Analysis, named: Named): Description | null {
  const { declaration, usage, name, path } = named;
  const { api } = analysis.options;
  if (declaration) return describe(analysis, declaration);
  const parent = path[path.length - 2];
  if (parent?.kind === 'path') return aboutPath(analysis, named, parent);
  if (parent?.kind === 'property' || parent?.kind === 'method') return aboutMember(analysis, named, parent);
  if (parent?.kind === 'field') return text(name, 'field');
  if (!usage) return null;
  if (usage.meant && !usage.known) return describe(analysis, usage.meant);
  const known = api?.names.get(name);
  if (known) return { signature: `${name}: ${known.type}`, kind: 'variable', doc: known.doc, value: '' };
  const { site } = usage;
  const count = site?.kind === 'call' ? site.args.items.length : 0;
  return ofApi([...builtinsOf(name), ...(api?.functions.get(name) ?? [])], count);
}

const text = (signature: string, kind: string): Description => ({ signature, kind, doc: '', value: '' });

/** The one with that many parameters goes first. */
function ofApi(functions: ApiFunction[], count: number, method = false): Description | null {
  const sorted = [...functions].sort(
    (a, b) => Number(b.params.length === count) - Number(a.params.length === count),
  );
  if (!sorted.length) return null;
  const signature = sorted.map((it) => signatureOf(it, method)).join('\n');
  return { signature, kind: method ? 'method' : 'function', doc: sorted[0]!.doc, value: '' };
}

function aboutPath(
  analysis: Analysis,
  { name, from }: Named,
  path: Named['path'][number],
): Description | null {
  if (path.kind !== 'path') return null;
  const place = path.parts.findIndex((part) => part.from === from);
  const { api } = analysis.options;
  if (place < path.parts.length - 1) {
    const module = moduleAt(analysis, path, place + 1);
    if (module) return text(`import "${module.name}"`, 'import');
    return api?.namespaces.has(name) ? text(`${name}::`, 'namespace') : null;
  }
  const call = analysis.paths.get(path)?.call;
  const count = call?.args.items.length ?? -1;
  const found = memberOf(analysis, path, count);
  if (found?.declaration) return describe(found.analysis, found.declaration);
  return path.parts.length === 2 ? ofApi(namespaceOf(api, path.parts[0]!.text).get(name) ?? [], count) : null;
}

function aboutMember(analysis: Analysis, named: Named, link: Named['path'][number]): Description | null {
  const chain = named.path[named.path.length - 3];
  if (chain?.kind !== 'chain' || (link.kind !== 'property' && link.kind !== 'method')) return null;
  const { name } = named;
  const { api } = analysis.options;
  const shape = chainShape(analysis, chain, chain.links.indexOf(link));
  const field = shape.fields?.get(name);
  if (field) {
    const inner = field.shape();
    const type = typeOf(inner);
    return text(
      inner.callable
        ? callableSignature(field.analysis, name, inner.callable)
        : `${name}${type && `: ${type}`}`,
      'field',
    );
  }
  const property = api?.properties.get(shape.type)?.get(name) ?? api?.properties.get('any')?.get(name);
  if (link.kind === 'property' && property) {
    return { signature: `${name}: ${property.returns}`, kind: 'property', doc: property.doc, value: '' };
  }
  const functions = [...methodsOf(api, shape.type, name), ...builtinsOf(name)];
  const count = link.kind === 'method' ? link.args.items.length + 1 : -1;
  return ofApi(
    functions.filter((it) => it.params.length),
    count,
    true,
  );
}
