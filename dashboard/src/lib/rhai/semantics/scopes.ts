// Building and searching scopes.
import type { Name, Node } from '../syntax/tree';
import type { Analysis, Declaration, DeclarationKind, Scope } from './symbols';

const CLOSING_BRACE = 125;

export function openScope(analysis: Analysis, kind: Scope['kind'], node: Node, parent: Scope | null): Scope {
  const { source, tokens } = analysis.tree;
  // What is not closed by a brace goes on until the next token.
  const open = source.charCodeAt(node.to - 1) !== CLOSING_BRACE;
  const scope: Scope = {
    kind,
    node,
    from: node.from,
    to: open ? (tokens[node.end]?.from ?? source.length) : node.to,
    open,
    depth: parent ? parent.depth + 1 : 0,
    parent,
    children: [],
    declarations: [],
    names: null,
  };
  parent?.children.push(scope);
  analysis.scopes.push(scope);
  return scope;
}

export function declare(
  analysis: Analysis,
  scope: Scope,
  kind: DeclarationKind,
  name: Name,
  node: Node,
  visible: number,
): Declaration | null {
  if (!name.text) return null;
  const { text } = name;
  const names = (scope.names ??= new Map<string, Declaration>());
  const declaration: Declaration = {
    kind,
    name: text,
    from: name.from,
    to: name.to,
    node,
    scope,
    visible,
    shadowed: null,
    usages: [],
    arity: -1,
    receiver: '',
  };
  if (kind === 'function') {
    const same = analysis.functions.get(text);
    if (same) same.push(declaration);
    else analysis.functions.set(text, [declaration]);
  } else {
    declaration.shadowed = names.get(text) ?? null;
    names.set(text, declaration);
  }
  scope.declarations.push(declaration);
  analysis.declarations.push(declaration);
  return declaration;
}

/** What a name means at an offset of one scope, without its parents. */
export function inScope(scope: Scope, name: string, offset: number): Declaration | null {
  let found = scope.names?.get(name) ?? null;
  while (found && found.visible > offset) found = found.shadowed;
  return found;
}

/** The variable that a name means at an offset. A function sees nothing of what is around it. */
export function variableAt(scope: Scope, name: string, offset: number): Declaration | null {
  for (let at: Scope | null = scope; at; at = at.kind === 'fn' ? null : at.parent) {
    const found = inScope(at, name, offset);
    if (found) return found;
  }
  return null;
}

/** Import aliases can be seen in functions, too, wherever they stand at the top level. */
export function importAt(root: Scope, scope: Scope, name: string, offset: number): Declaration | null {
  for (let at: Scope | null = scope; at; at = at.parent) {
    let found = at === root ? (at.names?.get(name) ?? null) : inScope(at, name, offset);
    while (found && found.kind !== 'import') found = found.shadowed;
    if (found) return found;
  }
  return null;
}

/** The innermost scope at an offset. */
export function scopeAt(root: Scope, offset: number): Scope {
  let scope = root;
  for (;;) {
    const inner = scope.children.find(
      (child) => child.from <= offset && (offset < child.to || (child.open && offset === child.to)),
    );
    if (!inner) return scope;
    scope = inner;
  }
}

/** All that can be seen at an offset, the nearest first; what is shadowed is left out. */
export function visibleAt(scope: Scope, offset: number): { declaration: Declaration; distance: number }[] {
  const seen = new Set<string>();
  const found: { declaration: Declaration; distance: number }[] = [];
  let distance = 0;
  let inside = true;
  for (let at: Scope | null = scope; at; at = at.parent, distance++) {
    for (let i = at.declarations.length - 1; i >= 0; i--) {
      const declaration = at.declarations[i]!;
      const { name, kind, visible } = declaration;
      if (kind === 'function' || seen.has(name)) continue;
      // Behind the border of a function there are only modules.
      if (inside ? visible > offset && !(kind === 'import' && !at.parent) : kind !== 'import') continue;
      seen.add(name);
      found.push({ declaration, distance });
    }
    if (at.kind === 'fn') inside = false;
  }
  return found;
}
