// What is declared and never used.
import type { Fix, Node } from '../syntax/tree';
import type { Analysis, Declaration } from '../semantics/symbols';
import type { Lint } from './lint';
import { insertion, quote, removal } from './lint';

export const unused: Lint = (analysis, report) => {
  if (analysis.evaluates) return;
  const borrowed = new Set<string>();
  if (analysis.lends) for (const usage of analysis.usages) if (!usage.declaration) borrowed.add(usage.name);
  for (const it of analysis.declarations) {
    const { name, kind, usages } = it;
    if (name.startsWith('_') || !isPrivate(analysis, it)) continue;
    if (borrowed.has(name)) continue;
    if (kind === 'function' ? usages.some((usage) => !isWithin(usage.from, it.node)) : usages.length > 0) {
      if (kind === 'function' || usages.some((usage) => usage.kind !== 'write')) continue;
      const message = `${quote(name)} is given values, but never read.`;
      report(it, 'never-read', message, [underscore(it)]);
      continue;
    }
    const message = `The ${kind} ${quote(name)} is never used.`;
    report(it, `unused-${kind}`, message, fixes(analysis, it));
  }
};

/** Whether nobody else can use it. */
function isPrivate(analysis: Analysis, { kind, node, scope }: Declaration): boolean {
  if (kind === 'function') return node.kind === 'fn' && !node.exported;
  if (kind === 'parameter') return node.kind === 'fn';
  if (kind !== 'variable' && kind !== 'constant' && kind !== 'import') return false;
  if (scope.kind !== 'script') return true;
  if (kind === 'import' && analysis.options.kind === 'module') return false;
  return analysis.tree.tokens[node.first - 1]?.kind !== 'export';
}

function isWithin(offset: number, node: Node): boolean {
  return node.from <= offset && offset < node.to;
}

function fixes(analysis: Analysis, it: Declaration): (Fix | null)[] {
  const { kind, node, name } = it;
  const fix = { title: `Remove ${quote(name)}`, edits: [removal(analysis, node)] };
  if (kind === 'function' || kind === 'import') return [fix];
  // A value may do something; then only the name can go.
  const silent = node.kind === 'let' && (!node.value || /^(literal|variable|closure)$/.test(node.value.kind));
  return [silent ? fix : null, kind === 'parameter' ? null : underscore(it)];
}

function underscore({ name, from, usages }: Declaration): Fix {
  const places = [from, ...usages.map((usage) => usage.from)];
  return { title: `Rename to ${quote(`_${name}`)}`, edits: places.map((at) => insertion(at, '_')) };
}
