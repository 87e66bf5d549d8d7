// One walk through a tree that finds its scopes and declarations and says what each name means.
import type { Block, Chain, Function, Node, Tree } from '../syntax/tree';
import { forEachChild } from '../syntax/walk';
import { declare, openScope } from './scopes';
import type { Analysis, Options, Scope } from './symbols';
import { textOf, useFunction, useInText, useMethod, usePath, useRoot, useVariable } from './usages';

interface Walk {
  analysis: Analysis;
  /** The functions of the top level, whose bodies are gone through at the end. */
  hoisted: Set<Function>;
}

/** Gives a value away and leaves `()`: the only function of the API that exchanges what it is called on. */
const TAKE = 'take';

type Visit<N extends Node> = (walk: Walk, node: N, scope: Scope) => void;

export function resolve(tree: Tree, options: Options): Analysis {
  const analysis: Analysis = {
    tree,
    options,
    root: null!,
    scopes: [],
    declarations: [],
    usages: [],
    paths: new Map(),
    functions: new Map(),
    imports: [],
    chains: [],
    tried: [],
    evaluates: false,
    lends: false,
    assignsThis: false,
  };
  const root = (analysis.root = openScope(analysis, 'script', tree.root, null));
  root.from = 0;
  root.to = tree.source.length;
  const walk: Walk = { analysis, hoisted: new Set() };
  const hoist = (node: Node) => {
    if (node.kind === 'fn') {
      walk.hoisted.add(node);
      declareFunction(analysis, node);
    } else if (node.kind === 'stray') {
      node.items.forEach(hoist);
    }
  };
  tree.root.items.forEach(hoist);
  all(walk, tree.root.items, root);
  // Bodies last: they see the imports that follow them.
  for (const node of walk.hoisted) body(walk, node);
  if (walk.hoisted.size) {
    analysis.usages.sort((a, b) => a.from - b.from);
    analysis.tried.sort((a, b) => a.from - b.from);
  }
  return analysis;
}

function declareFunction(analysis: Analysis, node: Function): void {
  const declaration = declare(analysis, analysis.root, 'function', node.name, node, 0);
  if (!declaration) return;
  declaration.arity = node.params.items.length;
  const { receiver } = node;
  if (receiver) declaration.receiver = receiver.kind === 'name' ? receiver.text : textOf(analysis, receiver);
}

/** How each kind of node is gone through; the others hand on to what is in them. */
const VISITS: { [K in Node['kind']]?: Visit<Extract<Node, { kind: K }>> } = {
  variable({ analysis }, node, scope) {
    useVariable(analysis, node, scope, 'read', null);
  },

  path({ analysis }, node, scope) {
    usePath(analysis, node, scope, null);
  },

  call(walk, node, scope) {
    const { analysis } = walk;
    const { callee, args, bang } = node;
    if (bang) analysis.lends = true;
    if (callee.kind === 'path') {
      usePath(analysis, callee, scope, node);
    } else if (callee.text) {
      useFunction(analysis, callee, node, scope);
      if (callee.text === 'eval') analysis.evaluates = true;
      if (callee.text === TAKE) analysis.assignsThis = true;
      useInText(analysis, callee.text, args.items[0], scope);
    }
    all(walk, args.items, scope);
  },

  chain(walk, node, scope) {
    chain(walk, node, scope, null);
  },

  assign(walk, node, scope) {
    const { analysis } = walk;
    let { target } = node;
    while (target.kind === 'paren') target = target.inner;
    if (target.kind === 'this') analysis.assignsThis = true;
    if (target.kind === 'variable') useVariable(analysis, target, scope, 'write', node);
    else if (target.kind === 'chain') chain(walk, target, scope, node);
    else visit(walk, target, scope);
    visit(walk, node.value, scope);
  },

  block(walk, node, scope) {
    block(walk, node, scope, 'block');
  },

  template(walk, { parts }, scope) {
    for (const part of parts) if (part.kind === 'block') block(walk, part, scope, 'hole');
  },

  map(walk, { fields }, scope) {
    for (const { value } of fields) visit(walk, value, scope);
  },

  closure(walk, node, scope) {
    const { analysis } = walk;
    const own = openScope(analysis, 'closure', node, scope);
    for (const item of node.params.items) declare(analysis, own, 'parameter', item, node, node.body.from);
    visit(walk, node.body, own);
  },

  let(walk, node, scope) {
    if (node.value) visit(walk, node.value, scope);
    declare(walk.analysis, scope, node.constant ? 'constant' : 'variable', node.name, node, node.to);
  },

  arm(walk, node, scope) {
    all(walk, node.patterns, scope);
    const own = openScope(walk.analysis, 'arm', node, scope);
    if (node.guard) visit(walk, node.guard, own);
    if (node.body.kind === 'block') all(walk, node.body.items, own);
    else visit(walk, node.body, own);
  },

  for(walk, node, scope) {
    const { analysis } = walk;
    visit(walk, node.iterable, scope);
    const own = openScope(analysis, 'for', node.body, scope);
    declare(analysis, own, 'loop', node.name, node, node.body.from);
    if (node.counter) declare(analysis, own, 'loop', node.counter, node, node.body.from);
    all(walk, node.body.items, own);
  },

  try(walk, node, scope) {
    const { analysis } = walk;
    const { tried } = analysis;
    // Those in a `try` come after it.
    if (!tried.length || tried[tried.length - 1]!.to <= node.from) tried.push(node.body);
    block(walk, node.body, scope, 'block');
    const own = openScope(analysis, 'catch', node.handler, scope);
    if (node.name) declare(analysis, own, 'catch', node.name, node, node.handler.from);
    all(walk, node.handler.items, own);
  },

  import(walk, node, scope) {
    const { analysis } = walk;
    visit(walk, node.path, scope);
    analysis.imports.push(node);
    if (node.alias) declare(analysis, scope, 'import', node.alias, node, node.to);
  },

  export(walk, node, scope) {
    if (node.declaration) visit(walk, node.declaration, scope);
    if (node.variable) useVariable(walk.analysis, node.variable, scope, 'read', node);
  },

  fn(walk, node) {
    // One that is out of place is read as if it were not.
    if (walk.hoisted.has(node)) return;
    declareFunction(walk.analysis, node);
    body(walk, node);
  },
};

function visit(walk: Walk, node: Node, scope: Scope): void {
  const own = VISITS[node.kind] as Visit<Node> | undefined;
  if (own) own(walk, node, scope);
  else forEachChild(node, (child) => visit(walk, child, scope));
}

function all(walk: Walk, nodes: readonly Node[], scope: Scope): void {
  for (const node of nodes) visit(walk, node, scope);
}

function chain(walk: Walk, node: Chain, scope: Scope, target: Node | null): void {
  const { analysis } = walk;
  analysis.chains.push(node);
  useRoot(analysis, node, scope, target);
  if (node.root.kind !== 'variable') visit(walk, node.root, scope);
  for (const step of node.links) {
    if (step.kind === 'index') visit(walk, step.index, scope);
    if (step.kind !== 'method') continue;
    useMethod(analysis, step, scope);
    if (step.name.text === TAKE) analysis.assignsThis = true;
    all(walk, step.args.items, scope);
  }
}

function block(walk: Walk, node: Block, scope: Scope, kind: Scope['kind']): void {
  all(walk, node.items, openScope(walk.analysis, kind, node, scope));
}

/** A function sees nothing of what is around it. */
function body(walk: Walk, node: Function): void {
  const { analysis } = walk;
  const own = openScope(analysis, 'fn', node, analysis.root);
  own.from = node.params.from;
  for (const item of node.params.items) declare(analysis, own, 'parameter', item, node, node.body.from);
  all(walk, node.body.items, own);
}
