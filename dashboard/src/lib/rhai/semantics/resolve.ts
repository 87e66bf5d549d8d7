// One walk through a tree that finds its scopes and declarations and says what each name means.
import type {
  Assign,
  Block,
  Call,
  Chain,
  Closure,
  Expression,
  Function,
  Literal,
  Name,
  Node,
  Path,
  Tree,
  Variable,
} from '../syntax/tree';
import { forEachChild } from '../syntax/walk';
import { builtinsOf, takes } from './api';
import { declare, importAt, inScope, openScope, variableAt } from './scopes';
import type { Analysis, Declaration, Options, Scope, Usage } from './symbols';

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
    tried: new Set(),
    evaluates: false,
    lends: false,
    assignsThis: false,
  };
  const root = (analysis.root = openScope(analysis, 'script', tree.root, null));
  root.from = 0;
  root.to = tree.source.length;
  const functions: Function[] = [];
  const hoist = (node: Node) => {
    if (node.kind === 'fn') {
      functions.push(node);
      declareFunction(analysis, node);
    } else if (node.kind === 'stray') {
      node.items.forEach(hoist);
    }
  };
  tree.root.items.forEach(hoist);
  const walk = walker(analysis, new Set(functions));
  for (const item of tree.root.items) walk(item, root);
  // Bodies last: they see the imports that follow them.
  for (const node of functions) walk.body(node, root);
  if (functions.length) analysis.usages.sort((a, b) => a.from - b.from);
  return analysis;
}

function declareFunction(analysis: Analysis, node: Function): void {
  const declaration = declare(analysis, analysis.root, 'function', node.name, node, 0);
  if (!declaration) return;
  declaration.arity = node.params.items.length;
  const { receiver } = node;
  if (receiver) declaration.receiver = receiver.kind === 'name' ? receiver.text : textOf(analysis, receiver);
}

/** What is between the quotes of a literal, as it is written. */
export function textOf(analysis: Analysis, node: Literal): string {
  return analysis.tree.source.slice(node.from + 1, node.to - 1);
}

/** A name in quotes that a function of the language looks up at run time. */
const BY_NAME: Record<string, true> = { Fn: true, is_def_fn: true, is_def_var: true };

/** What every script has, should the API not be known. */
const AMBIENT = /^(req|ctx)$/;

function walker(analysis: Analysis, hoisted: Set<Function>) {
  const { api } = analysis.options;
  const { root } = analysis;

  function use(kind: Usage['kind'], node: Variable | Name | Literal, name: string, scope: Scope): Usage {
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

  function variable(node: Variable, scope: Scope, kind: Usage['kind'], site: Node | null): void {
    if (!node.text) return;
    const usage = use(kind, node, node.text, scope);
    usage.site = site;
    if (link(usage, variableAt(scope, node.text, node.from))) return;
    // A function's name is a pointer to it.
    if (kind === 'read' && link(usage, analysis.functions.get(node.text)?.[0] ?? null)) return;
    usage.known =
      (api ? api.names.has(node.text) : AMBIENT.test(node.text)) ||
      (kind === 'read' && isFunction(node.text));
    usage.meant = outer(node.text);
    // It counts as used: the mistake is where it is used.
    if (!usage.known) usage.meant?.usages.push(usage);
  }

  function isFunction(name: string): boolean {
    return !!api?.functions.has(name) || builtinsOf(name).length > 0;
  }

  /** A variable of the top level, wherever it stands. */
  function outer(name: string): Declaration | null {
    return inScope(root, name, Infinity);
  }

  function call(node: Call, scope: Scope): void {
    if (node.bang) analysis.lends = true;
    const { callee, args } = node;
    if (callee.kind === 'path') {
      path(callee, scope, node);
    } else if (callee.text) {
      called(callee, node, scope);
      const argument = args.items[0];
      if (callee.text === 'eval') analysis.evaluates = true;
      if (argument?.kind === 'literal' && BY_NAME[callee.text]) byName(callee.text, argument, scope);
    }
    for (const item of args.items) walk(item, scope);
  }

  function called(callee: Variable, node: Call, scope: Scope): void {
    const { text } = callee;
    const count = node.args.items.length;
    const usage = use('call', callee, text, scope);
    usage.site = node;
    const same = analysis.functions.get(text);
    const fits = same?.find((it) => it.arity === count && !it.receiver);
    if (fits) {
      link(usage, fits);
      return;
    }
    usage.known =
      builtinsOf(text).some((it) => takes(it, count)) ||
      !!api?.functions.get(text)?.some((it) => takes(it, count));
    usage.meant = variableAt(scope, text, callee.from) ?? same?.[0] ?? outer(text);
    if (!usage.known && usage.meant && usage.meant.kind !== 'function') usage.meant.usages.push(usage);
  }

  function byName(callee: string, argument: Literal, scope: Scope): void {
    const name = textOf(analysis, argument);
    const usage = use('text', argument, name, scope);
    usage.known = true;
    usage.from++;
    usage.to--;
    const found =
      callee === 'is_def_var'
        ? variableAt(scope, name, argument.from)
        : (analysis.functions.get(name)?.[0] ?? null);
    link(usage, found);
  }

  function path(node: Path, scope: Scope, site: Call | null): void {
    const [first, second] = node.parts;
    if (!first?.text) return;
    const usage = use('module', first, first.text, scope);
    usage.site = site;
    analysis.paths.set(node, { call: site, scope, root: usage });
    if (first.text === 'global') {
      usage.known = true;
      const constant = second && outer(second.text);
      if (constant) link(use('read', second, second.text, scope), constant);
    } else if (!link(usage, importAt(root, scope, first.text, first.from))) {
      usage.known = !!api?.namespaces.has(first.text);
    }
  }

  function chain(node: Chain, scope: Scope, target: Assign | null): void {
    const { root: base, links } = node;
    analysis.chains.push(node);
    if (base.kind === 'variable') variable(base, scope, target ? 'update' : 'read', target ?? node);
    else walk(base, scope);
    for (const step of links) {
      if (step.kind === 'index') {
        walk(step.index, scope);
      } else if (step.kind === 'method') {
        const { name, args } = step;
        const candidates = analysis.functions.get(name.text)?.filter((it) => it.arity === args.items.length);
        if (candidates?.length) {
          const usage = use('method', name, name.text, scope);
          usage.site = step;
          link(usage, candidates.find((it) => !it.receiver) ?? candidates[0]!);
        }
        for (const item of args.items) walk(item, scope);
      }
    }
  }

  function assign(node: Assign, scope: Scope): void {
    let { target } = node;
    while (target.kind === 'paren') target = target.inner;
    if (target.kind === 'this') analysis.assignsThis = true;
    if (target.kind === 'variable') variable(target, scope, 'write', node);
    else if (target.kind === 'chain') chain(target, scope, node);
    else walk(target, scope);
    walk(node.value, scope);
  }

  function block(node: Block, scope: Scope, kind: Scope['kind'] = 'block'): void {
    inner(node, openScope(analysis, kind, node, scope));
  }

  function inner(node: Block, scope: Scope): void {
    for (const item of node.items) walk(item, scope);
  }

  function closure(node: Closure, scope: Scope): void {
    const own = openScope(analysis, 'closure', node, scope);
    for (const item of node.params.items) declare(analysis, own, 'parameter', item, node, node.body.from);
    walk(node.body, own);
  }

  function walk(node: Node, scope: Scope): void {
    switch (node.kind) {
      case 'literal':
      case 'this':
      case 'name':
      case 'text':
        return;
      case 'variable':
        return variable(node, scope, 'read', null);
      case 'path':
        return path(node, scope, null);
      case 'call':
        return call(node, scope);
      case 'chain':
        return chain(node, scope, null);
      case 'assign':
        return assign(node, scope);
      case 'block':
        return block(node, scope);
      case 'closure':
        return closure(node, scope);
      case 'let':
        if (node.value) walk(node.value, scope);
        declare(analysis, scope, node.constant ? 'constant' : 'variable', node.name, node, node.to);
        return;
      case 'template':
        for (const part of node.parts) if (part.kind === 'block') block(part, scope, 'hole');
        return;
      case 'map':
        for (const field of node.fields) walk(field.value, scope);
        return;
      case 'arm':
        return arm(node, scope);
      case 'for':
        return loop(node, scope);
      case 'try':
        if (node.body.items.length === 1) analysis.tried.add(node.body.items[0]!);
        block(node.body, scope);
        {
          const own = openScope(analysis, 'catch', node.handler, scope);
          if (node.name) declare(analysis, own, 'catch', node.name, node, node.handler.from);
          inner(node.handler, own);
        }
        return;
      case 'import':
        walk(node.path, scope);
        analysis.imports.push(node);
        if (node.alias) declare(analysis, scope, 'import', node.alias, node, node.to);
        return;
      case 'export':
        if (node.declaration) walk(node.declaration, scope);
        if (node.variable) variable(node.variable, scope, 'read', node);
        return;
      case 'fn':
        // One that is out of place is read as if it were not.
        if (!hoisted.has(node)) {
          declareFunction(analysis, node);
          walk.body(node, root);
        }
        return;
      default:
        forEachChild(node, (child) => walk(child, scope));
    }
  }

  function arm(node: Node & { kind: 'arm' }, scope: Scope): void {
    for (const pattern of node.patterns) walk(pattern as Expression, scope);
    const own = openScope(analysis, 'arm', node, scope);
    if (node.guard) walk(node.guard, own);
    if (node.body.kind === 'block') inner(node.body, own);
    else walk(node.body, own);
  }

  function loop(node: Node & { kind: 'for' }, scope: Scope): void {
    walk(node.iterable, scope);
    const own = openScope(analysis, 'for', node.body, scope);
    declare(analysis, own, 'loop', node.name, node, node.body.from);
    if (node.counter) declare(analysis, own, 'loop', node.counter, node, node.body.from);
    inner(node.body, own);
  }

  walk.body = function body(node: Function, scope: Scope): void {
    const own = openScope(analysis, 'fn', node, scope);
    own.from = node.params.from;
    for (const item of node.params.items) declare(analysis, own, 'parameter', item, node, node.body.from);
    inner(node.body, own);
  };

  return walk;
}
