// What a name that is used means: noted as a usage, and linked with its declaration where there is one.
import type { Call, Chain, Literal, Method, Name, Node, Path, Variable } from '../syntax/tree';
import { builtinsOf, takes } from './api';
import { importAt, inScope, variableAt } from './scopes';
import type { Analysis, Declaration, Scope, Usage } from './symbols';

/** What every script has, should the API not be known. */
const AMBIENT: readonly string[] = ['req', 'event', 'ctx'];

/** The functions of the language that look a name in quotes up at run time. */
const BY_NAME: readonly string[] = ['Fn', 'is_def_fn', 'is_def_var'];

/** What is between the quotes of a literal, as it is written. */
export function textOf(analysis: Analysis, node: Literal): string {
  return analysis.tree.source.slice(node.from + 1, node.to - 1);
}

function use(
  analysis: Analysis,
  kind: Usage['kind'],
  node: Variable | Name | Literal,
  name: string,
  scope: Scope,
): Usage {
  const usage: Usage = {
    kind,
    name,
    from: node.from,
    to: node.to,
    node,
    site: null,
    scope,
    declaration: null,
    known: false,
    meant: null,
    captured: false,
  };
  analysis.usages.push(usage);
  return usage;
}

function link(usage: Usage, declaration: Declaration | null): boolean {
  if (!declaration) return false;
  usage.declaration = declaration;
  declaration.usages.push(usage);
  for (let at: Scope | null = usage.scope; at && at !== declaration.scope; at = at.parent) {
    if (at.kind === 'closure') usage.captured = true;
  }
  return true;
}

/** A variable of the top level, wherever it stands. */
function outer({ root }: Analysis, name: string): Declaration | null {
  return inScope(root, name, Infinity);
}

function isFunction({ options: { api } }: Analysis, name: string): boolean {
  return !!api?.functions.has(name) || builtinsOf(name).length > 0;
}

export function useVariable(
  analysis: Analysis,
  node: Variable,
  scope: Scope,
  kind: Usage['kind'],
  site: Node | null,
): void {
  const { text } = node;
  if (!text) return;
  const { api } = analysis.options;
  const usage = use(analysis, kind, node, text, scope);
  usage.site = site;
  if (link(usage, variableAt(scope, text, node.from))) return;
  // A function's name is a pointer to it.
  if (kind === 'read' && link(usage, analysis.functions.get(text)?.[0] ?? null)) return;
  usage.known =
    (api ? api.names.has(text) : AMBIENT.includes(text)) || (kind === 'read' && isFunction(analysis, text));
  usage.meant = outer(analysis, text);
  // It counts as used: the mistake is where it is used.
  if (!usage.known) usage.meant?.usages.push(usage);
}

export function useFunction(analysis: Analysis, callee: Variable, node: Call, scope: Scope): void {
  const { text } = callee;
  const count = node.args.items.length;
  const usage = use(analysis, 'call', callee, text, scope);
  usage.site = node;
  const same = analysis.functions.get(text);
  if (link(usage, same?.find((it) => it.arity === count && !it.receiver) ?? null)) return;
  usage.known =
    builtinsOf(text).some((it) => takes(it, count)) ||
    !!analysis.options.api?.functions.get(text)?.some((it) => takes(it, count));
  usage.meant = variableAt(scope, text, callee.from) ?? same?.[0] ?? outer(analysis, text);
  if (!usage.known && usage.meant && usage.meant.kind !== 'function') usage.meant.usages.push(usage);
}

/** `Fn("name")` */
export function useInText(analysis: Analysis, callee: string, node: Node | undefined, scope: Scope): void {
  if (node?.kind !== 'literal' || !BY_NAME.includes(callee)) return;
  const name = textOf(analysis, node);
  const usage = use(analysis, 'text', node, name, scope);
  usage.known = true;
  usage.from++;
  usage.to--;
  const variable = callee === 'is_def_var';
  link(usage, variable ? variableAt(scope, name, node.from) : (analysis.functions.get(name)?.[0] ?? null));
}

export function usePath(analysis: Analysis, node: Path, scope: Scope, site: Call | null): void {
  const [first, second] = node.parts;
  if (!first?.text) return;
  const usage = use(analysis, 'module', first, first.text, scope);
  usage.site = site;
  analysis.paths.set(node, { call: site, scope, root: usage });
  if (first.text === 'global') {
    usage.known = true;
    const constant = second && outer(analysis, second.text);
    if (constant) link(use(analysis, 'read', second, second.text, scope), constant);
  } else if (!link(usage, importAt(analysis.root, scope, first.text, first.from))) {
    usage.known = !!analysis.options.api?.namespaces.has(first.text);
  }
}

/** A function of the script that is called with a value before the dot. */
export function useMethod(analysis: Analysis, step: Method, scope: Scope): void {
  const { name, args } = step;
  const fits = analysis.functions.get(name.text)?.filter((it) => it.arity === args.items.length);
  if (!fits?.length) return;
  const usage = use(analysis, 'method', name, name.text, scope);
  usage.site = step;
  link(usage, fits.find((it) => !it.receiver) ?? fits[0]!);
}

/** A chain that a variable begins: assigned to in a part of it, or read. */
export function useRoot(analysis: Analysis, node: Chain, scope: Scope, target: Node | null): void {
  if (node.root.kind === 'variable')
    useVariable(analysis, node.root, scope, target ? 'update' : 'read', target ?? node);
}
