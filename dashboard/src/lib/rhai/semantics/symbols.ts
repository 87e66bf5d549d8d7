// What names mean: scopes, declarations and usages as the rest of the package sees them.
import type { Block, Call, Chain, Import, Node, Path, Tree } from '../syntax/tree';
import type { Api } from './api';

export type DeclarationKind =
  'variable' | 'constant' | 'parameter' | 'loop' | 'catch' | 'import' | 'function';

export interface Declaration {
  kind: DeclarationKind;
  name: string;
  /** The name in the text. */
  from: number;
  to: number;
  /** What declares it. */
  node: Node;
  scope: Scope;
  /** Where it begins to be seen. */
  visible: number;
  /** An earlier one of the same name in the same scope. */
  shadowed: Declaration | null;
  usages: Usage[];
  /** Of functions. */
  arity: number;
  receiver: string;
}

export interface Scope {
  kind: 'script' | 'fn' | 'closure' | 'block' | 'for' | 'catch' | 'hole' | 'arm';
  node: Node;
  from: number;
  to: number;
  /** Its end is not marked: what is written there still belongs to it. */
  open: boolean;
  depth: number;
  parent: Scope | null;
  children: Scope[];
  declarations: Declaration[];
  /** The latest of each name. */
  names: Map<string, Declaration> | null;
}

export interface Usage {
  /** `write` replaces the value, `update` changes a part of it, `text` is a name in a string, as of `Fn("f")`. */
  kind: 'read' | 'write' | 'update' | 'call' | 'method' | 'module' | 'text';
  name: string;
  from: number;
  to: number;
  node: Node;
  /** The call, the method or the assignment that it is part of. */
  site: Node | null;
  scope: Scope;
  declaration: Declaration | null;
  /** Known without a declaration: of the API or of the language. */
  known: boolean;
  /** What is probably meant where nothing can be seen: an outer variable, a function with other parameters. */
  meant: Declaration | null;
  /** Used in a closure that is inside of the variable's scope. */
  captured: boolean;
}

/** A use of `a::b`. */
export interface PathUse {
  call: Call | null;
  scope: Scope;
  root: Usage;
}

export interface Options {
  /** The script API; without it none of its functions is known, and unknown ones are not reported. */
  api?: Api;
  /** The sources of the app's scripts by name. */
  modules?: (name: string) => string | undefined;
  /** The names of the app's scripts. */
  moduleNames?: () => readonly string[];
  /** The script's own name. */
  name?: string;
  kind?: 'endpoint' | 'module';
}

export interface Analysis {
  tree: Tree;
  options: Options;
  root: Scope;
  scopes: Scope[];
  declarations: Declaration[];
  /** In order of place. */
  usages: Usage[];
  paths: Map<Path, PathUse>;
  /** Functions by name, all arities and receivers. */
  functions: Map<string, Declaration[]>;
  imports: Import[];
  chains: Chain[];
  /** The bodies of the outermost `try` statements, in order of place. */
  tried: Block[];
  /** `eval` may declare and use anything. */
  evaluates: boolean;
  /** `f!()` lends functions the variables of the caller. */
  lends: boolean;
  /** A method gives its `this` another value, perhaps of another type; or a variable's value is taken away. */
  assignsThis: boolean;
}
