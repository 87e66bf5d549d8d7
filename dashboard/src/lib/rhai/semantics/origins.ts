// Which values are the same one, as far as the text tells: a field that is used of one is a field of the other.
import type { Chain, Closure, Link, Node } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import { bounded } from './depth';
import { NUMBERED } from './operations';
import { scopeAt } from './scopes';
import { keyOf, usageAt } from './shapes';
import type { Analysis, Declaration, Scope } from './symbols';

/** Methods that give what they are called on, or some of it, and those that give one item. */
const SAME = /^(filter|sort|sort_by|order_by|rev|reverse|drain|extract|split|splice|dedup)$/;
const ITEM = /^(find|first|last|pop|shift|get|remove)$/;

/** A longer text says nothing of what a value is. */
const LONGEST = 60;

const known = new WeakMap<Declaration, string>();

/** A name for where a value comes from; empty when that cannot be told. */
function originOf(analysis: Analysis, node: Node): string {
  return bounded('', () => {
    switch (node.kind) {
      case 'paren':
        return originOf(analysis, node.inner);
      case 'this':
        return `this${functionAt(analysis, node.from)?.from ?? ''}`;
      case 'variable': {
        const { declaration } = usageAt(analysis, node.from) ?? {};
        return declaration ? ofDeclaration(analysis, declaration) : node.text;
      }
      case 'path':
      case 'call':
        return textOf(analysis, node);
      case 'chain':
        return originBefore(analysis, node, node.links.length);
      default:
        return '';
    }
  });
}

function textOf({ tree }: Analysis, { from, to }: Node): string {
  return to - from > LONGEST ? '' : tree.source.slice(from, to);
}

function functionAt({ root }: Analysis, offset: number): Scope | null {
  let scope: Scope | null = scopeAt(root, offset);
  while (scope && scope.kind !== 'fn') scope = scope.parent;
  return scope;
}

function ofDeclaration(analysis: Analysis, it: Declaration): string {
  let origin = known.get(it);
  if (origin !== undefined) return origin;
  const own = `#${it.from}`;
  known.set(it, own);
  known.set(it, (origin = given(analysis, it) || own));
  return origin;
}

/** Where a variable has its only value from. */
function given(analysis: Analysis, { kind, node, from, usages }: Declaration): string {
  if (usages.some((usage) => usage.kind === 'write')) return '';
  if (node.kind === 'let' && node.value) return originOf(analysis, node.value);
  if (kind === 'loop' && node.kind === 'for' && node.name.from === from) {
    const origin = originOf(analysis, node.iterable);
    return origin && `${origin}[]`;
  }
  return kind === 'parameter' && node.kind === 'closure' ? ofParameter(analysis, node, from) : '';
}

/** `all.map(|item| ..)` */
function ofParameter(analysis: Analysis, node: Closure, from: number): string {
  const path = pathAt(analysis.tree.root, from);
  const at = path.indexOf(node);
  const [chain, method] = [path[at - 3], path[at - 2]];
  if (chain?.kind !== 'chain' || method?.kind !== 'method') return '';
  const index = node.params.items.findIndex((item) => item.from === from);
  if (!NUMBERED[method.name.text]?.includes(index)) return '';
  const origin = originBefore(analysis, chain, chain.links.indexOf(method));
  return origin && `${origin}[]`;
}

/** Where the value before link number `count` of a chain comes from. */
function originBefore(analysis: Analysis, { root, links }: Chain, count: number): string {
  let origin = originOf(analysis, root);
  for (let i = 0; i < count && origin; i++) origin = after(analysis, origin, links[i]!);
  return origin;
}

function after(analysis: Analysis, origin: string, step: Link): string {
  const name = fieldOf(analysis, step);
  if (name) return `${origin}.${name}`;
  if (step.kind !== 'method') return `${origin}[]`;
  const { text } = step.name;
  if (SAME.test(text)) return origin;
  if (ITEM.test(text)) return `${origin}[]`;
  const written = textOf(analysis, step);
  return written && origin + written;
}

/** The field that a step leads to: `.a`, `["a"]`, `.get("a")`. */
function fieldOf(analysis: Analysis, step: Link): string {
  if (step.kind === 'property') return step.name.text;
  if (step.kind === 'index') return keyOf(analysis, step.index);
  const [key] = step.args.items;
  return step.name.text === 'get' && key ? keyOf(analysis, key) : '';
}

const fields = new WeakMap<Analysis, Map<string, Map<string, number>>>();

/** The fields that are used of the value before a link, with the place of the first use; not those of that link. */
export function usedFields(analysis: Analysis, chain: Chain, place: number): string[] {
  let all = fields.get(analysis);
  if (!all) fields.set(analysis, (all = collect(analysis)));
  const { from } = chain.links[place]!;
  const used = all.get(originBefore(analysis, chain, place)) ?? new Map<string, number>();
  return [...used].filter(([, first]) => first !== from).map(([name]) => name);
}

function collect(analysis: Analysis): Map<string, Map<string, number>> {
  const all = new Map<string, Map<string, number>>();
  for (const { root, links } of analysis.chains) {
    let origin = originOf(analysis, root);
    for (const step of links) {
      const name = origin && fieldOf(analysis, step);
      if (name) {
        const used = all.get(origin) ?? new Map<string, number>();
        all.set(origin, used);
        // What is used twice is no slip of what is being written.
        used.set(name, used.has(name) ? -1 : step.from);
      }
      origin = origin && after(analysis, origin, step);
    }
  }
  return all;
}
