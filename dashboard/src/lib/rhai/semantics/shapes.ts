// What kind of value an expression has, as far as it can be told without running it.
import type {
  Args,
  Block,
  Chain,
  Closure,
  Function,
  Let,
  Link,
  MapLiteral,
  Method,
  Node,
  Path,
} from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import { builtinsOf, methodsOf, takes } from './api';
import type { ApiFunction } from './api';
import { bounded } from './depth';
import { memberOf } from './modules';
import { ADDERS, binaryType, itemsOf, NUMBERED } from './operations';
import { resultsOf } from './returns';
import { all, arrayOf, simple, UNKNOWN, withFields, withItem } from './shape';
import type { Field, Shape } from './shape';
import type { Analysis, Declaration, Usage } from './symbols';

const declarations = new WeakMap<Declaration, Shape>();
const results = new WeakMap<Node, Shape>();
const places = new WeakMap<Analysis, Map<number, Usage>>();

/** The usage whose name begins at an offset. */
export function usageAt(analysis: Analysis, from: number): Usage | undefined {
  let map = places.get(analysis);
  if (!map) {
    map = new Map(analysis.usages.map((usage) => [usage.from, usage]));
    places.set(analysis, map);
  }
  return map.get(from);
}

/** Remembers results and answers "unknown" for what depends on itself. */
function once<K extends object>(memory: WeakMap<K, Shape>, key: K, compute: () => Shape): Shape {
  let shape = memory.get(key);
  if (!shape) {
    memory.set(key, UNKNOWN);
    memory.set(key, (shape = compute()));
  }
  return shape;
}

export function shapeOf(analysis: Analysis, node: Node | null): Shape {
  return node ? bounded(UNKNOWN, () => shapeIn(analysis, node)) : UNKNOWN;
}

function shapeIn(analysis: Analysis, node: Node): Shape {
  switch (node.kind) {
    case 'literal':
      return simple(node.type === 'unit' ? '()' : node.type);
    case 'template':
      return simple('string');
    case 'array':
      return arrayOf(node.items.map((item) => shapeOf(analysis, item)));
    case 'map':
      return mapShape(analysis, node);
    case 'paren':
      return shapeOf(analysis, node.inner);
    case 'unary':
      return node.op === '!' ? simple('bool') : shapeOf(analysis, node.operand);
    case 'binary': {
      const left = shapeOf(analysis, node.left);
      const right = shapeOf(analysis, node.right);
      if (node.op === '??') return left.type === '()' ? right : all([left, right]);
      const type = binaryType(node.op, left.type, right.type);
      return type === left.type ? left : simple(type);
    }
    case 'range':
      return { type: 'range', item: simple('int') };
    case 'closure':
      return { type: 'Fn', callable: node };
    case 'block':
      return shapeOf(analysis, lastOf(node));
    case 'if':
      return node.otherwise
        ? all([shapeOf(analysis, node.body), shapeOf(analysis, node.otherwise)])
        : UNKNOWN;
    case 'switch':
      return all(node.arms.map((arm) => shapeOf(analysis, arm.body)));
    case 'variable':
      return usageShape(analysis, usageAt(analysis, node.from));
    case 'path':
      return pathShape(analysis, node);
    case 'call':
      return callShape(analysis, node);
    case 'chain':
      return chainShape(analysis, node, node.links.length);
    default:
      return UNKNOWN;
  }
}

function lastOf(node: Block): Node | null {
  return node.items[node.items.length - 1] ?? null;
}

function mapShape(analysis: Analysis, node: MapLiteral): Shape {
  const fields = new Map<string, Field>();
  for (const { name, key, value } of node.fields) {
    if (name)
      fields.set(name, { name, from: key.from, to: key.to, analysis, shape: () => shapeOf(analysis, value) });
  }
  return { type: 'map', fields };
}

function usageShape(analysis: Analysis, usage: Usage | undefined): Shape {
  if (usage?.declaration) return declarationShape(analysis, usage.declaration);
  return simple(analysis.options.api?.names.get(usage?.name ?? '')?.type ?? 'any');
}

export function declarationShape(analysis: Analysis, it: Declaration): Shape {
  return once(declarations, it, () => {
    const { node } = it;
    if (node.kind === 'let') return letShape(analysis, it, node);
    if (it.kind === 'parameter') {
      if (node.kind === 'closure') return parameterShape(analysis, it, node);
      return node.kind === 'fn' ? argumentShape(analysis, it, node) : UNKNOWN;
    }
    if (node.kind === 'fn') return { type: 'Fn', callable: node };
    if (node.kind === 'for') {
      if (it.from !== node.name.from) return simple('int');
      const shape = shapeOf(analysis, node.iterable);
      return shape.item ?? simple(itemsOf(shape.type));
    }
    return UNKNOWN;
  });
}

function letShape(analysis: Analysis, it: Declaration, node: Let): Shape {
  const given = [node.value ? shapeOf(analysis, node.value) : simple('()')];
  for (const { kind, site } of it.usages) {
    if (kind !== 'write' || site?.kind !== 'assign') continue;
    const value = shapeOf(analysis, site.value);
    const [{ type }] = given as [Shape];
    if (site.op === '=') given.push(value);
    else if (site.op === '+=' && type === 'array') given.push(value.type === type ? value : arrayOf([value]));
    else if (binaryType(site.op.slice(0, -1), type, value.type) !== type) given.push(UNKNOWN);
  }
  // What is nothing at first is known by what it becomes.
  const values = given.filter(({ type }) => type !== '()');
  const shape = all(values.length ? values : given);
  return it.usages
    .filter(({ kind, site }) => kind === 'update' || (kind === 'read' && site?.kind === 'chain'))
    .slice(0, MOST)
    .reduce((before, { site }) => changed(analysis, before, site), shape);
}

/** So many links of a chain are looked at. */
const LONGEST = 20;

/** So many changes of one variable are looked at. */
const MOST = 200;

/** What an assignment to a part of a variable, or a method that is called on it, makes of its shape. */
function changed(analysis: Analysis, shape: Shape, site: Node | null): Shape {
  if (site?.kind === 'assign' && site.target.kind === 'chain') {
    const value = () => shapeOf(analysis, site.value);
    return updated(analysis, shape, site.target.links.slice(0, LONGEST), (old) => (old.type ? old : value()));
  }
  if (site?.kind !== 'chain') return shape;
  const at = site.links.findIndex(({ kind }) => kind === 'method');
  const method = site.links[at];
  if (method?.kind !== 'method' || at > LONGEST || !(method.name.text in ADDERS)) return shape;
  return updated(analysis, shape, site.links.slice(0, at), (old) => added(analysis, old, method));
}

/** What `o.a.b = value` makes of the shape of `o`. */
function updated(analysis: Analysis, shape: Shape, links: Link[], change: (old: Shape) => Shape): Shape {
  const [step, ...rest] = links;
  if (!step) return change(shape);
  const key = step.kind === 'index' ? step.index : step.name;
  const name = step.kind === 'property' ? step.name.text : keyOf(analysis, key);
  if (!name) {
    if (step.kind !== 'index') return shape;
    return withItem(shape, updated(analysis, shape.item ?? UNKNOWN, rest, change));
  }
  const known = shape.fields?.get(name);
  const inner = updated(analysis, known?.shape() ?? UNKNOWN, rest, change);
  const { from, to } = known ?? key;
  const field: Field = { name, from, to, analysis, ...known, shape: () => inner };
  return { ...shape, fields: new Map(shape.fields).set(name, field) };
}

/** What `push` and its like make of an array, and `set` and `mixin` of a map. */
function added(analysis: Analysis, shape: Shape, { name, args }: Method): Shape {
  const place = ADDERS[name.text]!;
  const value = args.items[place] ? shapeOf(analysis, args.items[place]) : UNKNOWN;
  const [first] = args.items;
  const key = first ? keyOf(analysis, first) : '';
  if (shape.type === 'array') return withItem(shape, name.text === 'append' ? value.item : value);
  if (shape.type !== 'map') return shape;
  if (name.text !== 'set') return withFields(shape, value.fields ?? []);
  if (!key) return shape;
  const { from, to } = first!;
  return withFields(shape, [[key, { name: key, from, to, analysis, shape: () => value }]]);
}

/** The text of a plain string that is used as a key. */
export function keyOf(analysis: Analysis, node: Node): string {
  if (node.kind !== 'literal' || node.type !== 'string') return '';
  return analysis.tree.source.slice(node.from + 1, node.to - 1);
}

/** A parameter of `array.map(|item, index| ..)` and of its like. */
function parameterShape(analysis: Analysis, it: Declaration, node: Closure): Shape {
  const path = pathAt(analysis.tree.root, it.from);
  const at = path.indexOf(node);
  const method = path[at - 2];
  const chain = path[at - 3];
  if (chain?.kind !== 'chain' || method?.kind !== 'method') return UNKNOWN;
  const index = node.params.items.findIndex((item) => item.from === it.from);
  const receiver = chainShape(analysis, chain, chain.links.indexOf(method));
  const place = NUMBERED[method.name.text];
  if (receiver.type !== 'array' || place === undefined) return UNKNOWN;
  if (place.includes(index)) return receiver.item ?? UNKNOWN;
  return index === place.length && place[0] !== 1 ? simple('int') : UNKNOWN;
}

/** A parameter of a function that is called with maps, or with arrays of maps, wherever it is called. */
function argumentShape(analysis: Analysis, it: Declaration, node: Function): Shape {
  const index = node.params.items.findIndex((item) => item.from === it.from);
  const own = analysis.functions.get(node.name.text)?.find((other) => other.node === node);
  const given = (own?.usages ?? []).slice(0, MOST).flatMap(({ site }) => {
    const value = site?.kind === 'call' || site?.kind === 'method' ? site.args.items[index] : null;
    return value ? [shapeOf(analysis, value)] : [];
  });
  const shape = all(given);
  return (shape.fields ?? shape.item?.fields) ? shape : UNKNOWN;
}

function pathShape(analysis: Analysis, node: Node & { kind: 'path' }): Shape {
  const last = node.parts[node.parts.length - 1]!;
  const usage = usageAt(analysis, last.from);
  if (usage?.declaration) return declarationShape(analysis, usage.declaration);
  const found = memberOf(analysis, node);
  return found?.declaration ? declarationShape(found.analysis, found.declaration) : UNKNOWN;
}

function callShape(analysis: Analysis, node: Node & { kind: 'call' }): Shape {
  const { callee, args } = node;
  const { functions } = analysis.options.api ?? {};
  if (callee.kind === 'path') {
    const found = memberOf(analysis, callee, args.items.length);
    if (found) return found.declaration ? declarationResult(found.analysis, found.declaration) : UNKNOWN;
    return apiResult(namespaceOf(analysis, callee), args);
  }
  const { declaration } = usageAt(analysis, callee.from) ?? {};
  if (declaration) return declarationResult(analysis, declaration);
  return apiResult(functions?.get(callee.text) ?? builtinsOf(callee.text), args);
}

function declarationResult(analysis: Analysis, { node, receiver }: Declaration): Shape {
  return node.kind === 'fn' && !receiver ? resultOf(analysis, node) : UNKNOWN;
}

/** The functions of the API that `namespace::name` means. */
export function namespaceOf({ options }: Analysis, { parts }: Path): ApiFunction[] {
  const [namespace, name] = parts;
  return (parts.length === 2 && options.api?.namespaces.get(namespace!.text)?.get(name!.text)) || [];
}

/** Where several functions fit, what all of them give. */
function apiResult(candidates: ApiFunction[], { items }: Args): Shape {
  const types = new Set(candidates.filter((it) => takes(it, items.length)).map((it) => it.returns));
  return types.size === 1 ? simple([...types][0]!) : UNKNOWN;
}

/** What a function or closure gives back. */
export function resultOf(analysis: Analysis, node: Function | Closure): Shape {
  return once(results, node, () => all(resultsOf(node).map((result) => shapeOf(analysis, result))));
}

/** The value of a chain before its link number `count`. */
export function chainShape(analysis: Analysis, node: Chain, count: number): Shape {
  let shape = shapeOf(analysis, node.root);
  for (let i = 0; i < count; i++) shape = stepShape(analysis, shape, node.links[i]!);
  return shape;
}

/** From the value before a dot or bracket to the one behind it. */
export function stepShape(analysis: Analysis, shape: Shape, step: Link): Shape {
  const { type, item = UNKNOWN } = shape;
  const { api } = analysis.options;
  const name = step.kind === 'index' ? keyOf(analysis, step.index) : step.name.text;
  const field = shape.fields?.get(name);
  if (step.kind === 'method') return methodShape(analysis, shape, step, field);
  if (field) return field.shape();
  if (step.kind === 'property') return simple(api?.properties.get(type)?.get(name)?.returns ?? 'any');
  const by = shapeOf(analysis, step.index).type;
  if (type === 'array') return by === 'int' || !by ? item : UNKNOWN;
  return type === 'string' && by ? simple(by === 'range' ? type : 'char') : UNKNOWN;
}

function methodShape(analysis: Analysis, shape: Shape, step: Method, field: Field | undefined): Shape {
  const name = step.name.text;
  const { args } = step;
  const { declaration } = usageAt(analysis, step.name.from) ?? {};
  if (declaration) return declarationResult(analysis, declaration);
  const callable = name === 'call' ? shape.callable : field?.shape().callable;
  if (callable) return resultOf(field?.analysis ?? analysis, callable);
  if (!shape.type) return UNKNOWN;
  const { item = UNKNOWN } = shape;
  const result = apiResult(methodsOf(analysis.options.api, shape.type, name), args);
  if (result.type === 'array') {
    const [first] = args.items;
    if (name === 'map' && first?.kind === 'closure') return arrayOf([resultOf(analysis, first)]);
    if (shape.type === 'array') return arrayOf([item]);
    if (name === 'values') return arrayOf([...(shape.fields?.values() ?? [])].map((it) => it.shape()));
    return arrayOf([simple(/^(keys|split)/.test(name) ? 'string' : 'any')]);
  }
  return shape.type === 'array' && /^(find|pop|shift|get|remove)$/.test(name) ? item : result;
}
