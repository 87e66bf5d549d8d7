// The type that a value has in every run, for those who call something a mistake. Where a value may be written, kept
// or handed over in a way that is not looked at here, nothing is certain; what it probably is, is for shapes.ts.
import type { Chain, Function, Link, Node } from '../syntax/tree';
import { builtinsOf, methodsOf, takes } from './api';
import type { ApiFunction } from './api';
import { bounded } from './depth';
import { linkedTo } from './linked';
import { binaryType } from './operations';
import { resultsOf } from './returns';
import { namespaceOf, usageAt } from './shapes';
import type { Analysis, Declaration, Usage } from './symbols';

/** Types that keep their type under their operators, and whose operators no script and no API changes. */
const PLAIN = new Set(['int', 'float', 'bool', 'char', 'string']);

const known = new WeakMap<object, string>();

/** Remembers answers; what depends on itself is not certain. */
function once(key: object, compute: () => string): string {
  let type = known.get(key);
  if (type === undefined) {
    known.set(key, '');
    known.set(key, (type = compute()));
  }
  return type;
}

/** The name of a value's type; empty when any run may find another one. */
export function certainType(analysis: Analysis, node: Node | null | undefined): string {
  return node ? bounded('', () => typeOf(analysis, node)) : '';
}

function typeOf(analysis: Analysis, node: Node): string {
  switch (node.kind) {
    case 'literal':
      return node.type === 'unit' ? '()' : node.type;
    case 'template':
      return 'string';
    case 'array':
    case 'map':
    case 'range':
      return node.kind;
    case 'closure':
      return 'Fn';
    case 'paren':
      return certainType(analysis, node.inner);
    case 'unary':
      return node.op === '!' ? 'bool' : plain(certainType(analysis, node.operand));
    case 'binary': {
      const left = certainType(analysis, node.left);
      if (node.op === '??') return left === '()' ? '' : left;
      return operation(node.op, left, () => certainType(analysis, node.right));
    }
    case 'block':
      return certainType(analysis, node.items[node.items.length - 1]);
    case 'if':
      return same([node.body, node.otherwise].map((part) => certainType(analysis, part)));
    case 'switch':
      if (node.arms.every(({ patterns }) => patterns.length)) return '';
      return same(node.arms.map(({ body }) => certainType(analysis, body)));
    case 'variable':
      return ofUsage(analysis, usageAt(analysis, node.from));
    case 'call':
      return ofCall(analysis, node);
    case 'chain':
      return ofChain(analysis, node, node.links.length);
    default:
      return '';
  }
}

const plain = (type: string) => (PLAIN.has(type) ? type : '');

/** The one type of all; empty when there are several. */
function same(types: string[]): string {
  const [first = ''] = types;
  return types.every((type) => type === first) ? first : '';
}

function operation(op: string, left: string, right: () => string): string {
  if (binaryType(op, '', '') === 'bool') return 'bool';
  return PLAIN.has(left) ? binaryTypeOf(op, left, right()) : '';
}

const binaryTypeOf = (op: string, left: string, right: string) =>
  PLAIN.has(right) ? binaryType(op, left, right) : '';

function ofUsage(analysis: Analysis, usage: Usage | undefined): string {
  const { declaration, name, meant } = usage ?? {};
  if (declaration) return once(declaration, () => ofDeclaration(analysis, declaration));
  const type = meant || !name ? undefined : analysis.options.api?.names.get(name)?.type;
  return type && type !== 'any' ? type : '';
}

function ofDeclaration(analysis: Analysis, it: Declaration): string {
  const { node, kind, usages } = it;
  // A range gives whole numbers, and so does the counter of any loop.
  if (node.kind === 'for') {
    const counts = node.counter?.from === it.from || node.iterable.kind === 'range';
    return counts && usages.every((usage) => keeps(analysis, usage, 'int')) ? 'int' : '';
  }
  if (kind === 'function') return 'Fn';
  if (node.kind !== 'let' || !node.value) return '';
  const type = certainType(analysis, node.value);
  return type && usages.every((usage) => keeps(analysis, usage, type)) ? type : '';
}

/** Whether a usage leaves a variable its type. */
function keeps(analysis: Analysis, { kind, site }: Usage, type: string): boolean {
  if (kind !== 'write') return true;
  if (site?.kind !== 'assign') return false;
  const value = certainType(analysis, site.value);
  return (site.op === '=' ? value : operation(site.op.slice(0, -1), type, () => value)) === type;
}

function ofCall(analysis: Analysis, { callee, args }: Node & { kind: 'call' }): string {
  const { api } = analysis.options;
  const count = args.items.length;
  if (callee.kind === 'path') {
    const { root } = analysis.paths.get(callee) ?? {};
    return root?.declaration ? '' : resultOf(namespaceOf(analysis, callee), count);
  }
  const { declaration } = usageAt(analysis, callee.from) ?? {};
  if (declaration) {
    const { node } = declaration;
    return node.kind === 'fn' ? once(node, () => ofFunction(analysis, node)) : '';
  }
  return builtinsOf(callee.text).length ? '' : resultOf(api?.functions.get(callee.text) ?? [], count);
}

/** What all the variants that take so many arguments give. */
function resultOf(candidates: ApiFunction[], count: number): string {
  const type = same(candidates.filter((it) => takes(it, count)).map((it) => it.returns));
  return type === 'any' ? '' : type;
}

function ofFunction(analysis: Analysis, node: Function): string {
  return same(resultsOf(node).map((result) => certainType(analysis, result)));
}

/** The type of a chain before its link number `count`. */
export function ofChain(analysis: Analysis, node: Chain, count: number): string {
  let type = certainType(analysis, node.root);
  for (let i = 0; i < count && type; i++) type = afterLink(analysis, type, node.links[i]!);
  return type;
}

/** From the type before a dot or bracket to the one behind it. What is in an array or a map may be anything. */
export function afterLink(analysis: Analysis, type: string, step: Link): string {
  const { api } = analysis.options;
  if (!api || type === 'map') return '';
  if (step.kind === 'index')
    return type === 'string' && certainType(analysis, step.index) === 'int' ? 'char' : '';
  const name = step.name.text;
  if (step.kind === 'property') {
    const found = api.properties.get(type)?.get(name)?.returns ?? '';
    return found === 'any' ? '' : found;
  }
  if (isOwnMethod(analysis, name)) return '';
  return resultOf(methodsOf(api, type, name), step.args.items.length);
}

/** Whether a script that takes part in the run may have a function of that name for `value.name(..)`. */
export function isOwnMethod(analysis: Analysis, name: string): boolean {
  const { complete, receivers } = linkedTo(analysis);
  return analysis.functions.has(name) || receivers.has(name) || !complete;
}

/** Whether anything may be exchanged behind a variable's back, so that nothing is certain in the whole script. */
export function isOpen(analysis: Analysis): boolean {
  return analysis.evaluates || analysis.lends || analysis.assignsThis || linkedTo(analysis).assignsThis;
}
