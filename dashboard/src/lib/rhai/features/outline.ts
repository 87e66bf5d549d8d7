// The outline of a script: its functions, constants, variables and imports, with what is inside of them.
import type { Node } from '../syntax/tree';
import type { Analysis, Declaration, DeclarationKind, Scope } from '../semantics/symbols';
import { signatureOf } from '../semantics/api';
import { functionOf } from '../semantics/callees';

export interface OutlineItem {
  name: string;
  kind: DeclarationKind;
  /** The parameters of a function. */
  detail: string;
  /** The whole declaration. */
  from: number;
  to: number;
  /** Its name. */
  nameFrom: number;
  nameTo: number;
  children: OutlineItem[];
}

export function outline(analysis: Analysis): OutlineItem[] {
  const top = itemsOf(analysis, analysis.root);
  const functions = new Map(top.filter((item) => item.kind === 'function').map((item) => [item.from, item]));
  for (const scope of analysis.root.children) {
    const owner = scope.kind === 'fn' ? functions.get(scope.node.from) : undefined;
    if (owner) owner.children = itemsOf(analysis, scope);
  }
  return top;
}

function itemsOf(analysis: Analysis, scope: Scope): OutlineItem[] {
  return scope.declarations
    .filter((it) => it.kind !== 'parameter' && it.kind !== 'loop' && it.kind !== 'catch')
    .map((it) => item(analysis, it))
    .sort((a, b) => a.from - b.from);
}

function item(analysis: Analysis, { name, kind, node, from, to, receiver }: Declaration): OutlineItem {
  const callable: Node | null = node.kind === 'let' ? node.value : node;
  const isCallable = callable?.kind === 'fn' || callable?.kind === 'closure';
  const detail = isCallable ? signatureOf(functionOf(analysis, '', callable)) : '';
  const full = receiver ? `${receiver}.${name}` : name;
  return { name: full, kind, detail, from: node.from, to: node.to, nameFrom: from, nameTo: to, children: [] };
}
