// The syntax tree: plain nodes told apart by `kind`.
import type { Comment, Token } from './token';

/** Where a node is: in the text (UTF-16, without the white space around it) and among the tokens; ends are exclusive. */
export interface Range {
  from: number;
  to: number;
  /** Index of its first token. */
  first: number;
  /** Index after its last token; `first` when the node is empty. */
  end: number;
}

/** An identifier where it is declared or is a member. `text` is empty where one should have been. */
export interface Name extends Range {
  kind: 'name';
  text: string;
}

/** An identifier used as a value or as what is called. `text` is empty where an expression is missing. */
export interface Variable extends Range {
  kind: 'variable';
  text: string;
}

/** `a::b::c`: the modules, then the member. At least two. */
export interface Path extends Range {
  kind: 'path';
  parts: Name[];
}

export interface This extends Range {
  kind: 'this';
}

export interface Literal extends Range {
  kind: 'literal';
  type: 'unit' | 'bool' | 'int' | 'float' | 'char' | 'string';
}

/** A back-tick string with holes: texts and blocks by turns, beginning and ending with a text. */
export interface Template extends Range {
  kind: 'template';
  parts: (Text | Block)[];
}

/** A piece of a template, with its back-tick and the `$` of the hole that follows. */
export interface Text extends Range {
  kind: 'text';
}

export interface ArrayLiteral extends Range {
  kind: 'array';
  items: Expression[];
}

export interface MapLiteral extends Range {
  kind: 'map';
  fields: Field[];
}

export interface Field extends Range {
  kind: 'field';
  /** A name, or a string. */
  key: Name | Literal;
  /** What the key says, without quotes and escapes. */
  name: string;
  value: Expression;
}

export interface Paren extends Range {
  kind: 'paren';
  inner: Expression;
}

export interface Unary extends Range {
  kind: 'unary';
  op: '-' | '+' | '!';
  operand: Expression;
}

export interface Binary extends Range {
  kind: 'binary';
  op: string;
  left: Expression;
  /** After `??` it may be a jump. */
  right: Expression | Jump;
  /** Index of the operator's token. */
  sign: number;
}

/** `a..b`, `a..=b`; an end that is left open is null. */
export interface RangeExpression extends Range {
  kind: 'range';
  op: '..' | '..=';
  left: Expression | null;
  right: Expression | null;
  sign: number;
}

/** `f(x)`, `m::f(x)`, and `f!(x)`, which lends the caller's scope. */
export interface Call extends Range {
  kind: 'call';
  callee: Variable | Path;
  bang: boolean;
  args: Args;
}

/** The parentheses of a call and what is in them. */
export interface Args extends Range {
  kind: 'args';
  items: Expression[];
}

/** `root.a[b].c(d)`, flat: one link for each step, from left to right. */
export interface Chain extends Range {
  kind: 'chain';
  root: Expression;
  links: Link[];
}

export type Link = Property | Method | Index;

/** `.name`; a link begins with its operator. */
export interface Property extends Range {
  kind: 'property';
  op: '.' | '?.';
  name: Name;
}

/** `.name(args)` */
export interface Method extends Range {
  kind: 'method';
  op: '.' | '?.';
  name: Name;
  args: Args;
}

/** `[index]` */
export interface Index extends Range {
  kind: 'index';
  op: '[' | '?[';
  index: Expression;
}

/** `|a, b| body` */
export interface Closure extends Range {
  kind: 'closure';
  params: Params;
  body: Statement;
  /** It uses variables around it: what it makes is then worked out at run time. */
  captures: boolean;
}

/** Parameters with their parentheses or bars. */
export interface Params extends Range {
  kind: 'params';
  items: Name[];
}

export interface Block extends Range {
  kind: 'block';
  items: Statement[];
}

export interface If extends Range {
  kind: 'if';
  condition: Expression;
  body: Block;
  otherwise: If | Block | null;
}

export interface Switch extends Range {
  kind: 'switch';
  subject: Expression;
  arms: Arm[];
}

export interface Arm extends Range {
  kind: 'arm';
  /** None for `_`. */
  patterns: Expression[];
  guard: Expression | null;
  body: Statement;
}

export interface While extends Range {
  kind: 'while';
  condition: Expression;
  body: Block;
}

export interface Loop extends Range {
  kind: 'loop';
  body: Block;
}

export interface Do extends Range {
  kind: 'do';
  body: Block;
  /** `do {} until`, not `do {} while` */
  until: boolean;
  condition: Expression;
}

export interface For extends Range {
  kind: 'for';
  name: Name;
  counter: Name | null;
  iterable: Expression;
  body: Block;
}

export interface Let extends Range {
  kind: 'let';
  constant: boolean;
  name: Name;
  value: Expression | null;
}

export interface Assign extends Range {
  kind: 'assign';
  op: string;
  target: Expression;
  value: Expression;
  sign: number;
}

/** `break`, `continue`, `return`, `throw` */
export interface Jump extends Range {
  kind: 'jump';
  word: 'break' | 'continue' | 'return' | 'throw';
  value: Expression | null;
}

export interface Try extends Range {
  kind: 'try';
  body: Block;
  /** The variable of `catch (name)`. */
  name: Name | null;
  handler: Block;
}

export interface Import extends Range {
  kind: 'import';
  path: Expression;
  alias: Name | null;
}

/** `export let x = 1` has a declaration, `export x as y` a variable. */
export interface Export extends Range {
  kind: 'export';
  declaration: Let | null;
  variable: Variable | null;
  alias: Name | null;
}

export interface Function extends Range {
  kind: 'fn';
  exported: boolean;
  /** The type of `fn int.double()` or `fn "My Type".f()`. */
  receiver: Name | Literal | null;
  name: Name;
  params: Params;
  body: Block;
}

/** Text that has no place in the grammar, and what could be read in it. */
export interface Stray extends Range {
  kind: 'stray';
  items: Statement[];
}

export interface Script extends Range {
  kind: 'script';
  items: Statement[];
}

export type Expression =
  | Variable
  | Path
  | This
  | Literal
  | Template
  | ArrayLiteral
  | MapLiteral
  | Paren
  | Unary
  | Binary
  | RangeExpression
  | Call
  | Chain
  | Closure
  | Block
  | If
  | Switch
  | While
  | Loop
  | Do
  | For
  | Stray;

export type Statement = Expression | Let | Assign | Jump | Try | Import | Export | Function;

export type Node = Statement | Name | Text | Field | Args | Params | Property | Method | Index | Arm | Script;

/** A change to the text. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
}

/** A change that repairs a problem, by its title in the imperative. */
export interface Fix {
  title: string;
  edits: Edit[];
}

/** Something that Rhai's parser refuses. */
export interface Problem {
  from: number;
  to: number;
  message: string;
  /** What it is, for machines: a kebab-case word such as `missing-semicolon`. */
  code: string;
  fix?: Fix;
}

/** A parsed script. Tokens and comments together with the white space between them are the whole text. */
export interface Tree {
  source: string;
  root: Script;
  /** In order; the last one is `end`, which is empty. */
  tokens: Token[];
  comments: Comment[];
  /** Characters that Rhai counts in its own way, for `positions`. */
  odd: number[];
  /** In order of place. */
  errors: Problem[];
}
