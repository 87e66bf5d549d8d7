// What a Rhai script is made of before it has a structure: tokens, comments, and the tables of its words and signs.

/**
 * The kind of a keyword, an operator or a bracket is its own text. The rest:
 * - `name`: an identifier that may be declared; `callable`: a built-in word that may only be called (`print`)
 * - `int float char string`: literals; `string` is also a back-tick string without holes
 * - `head middle tail`: the text of a back-tick string around its `{..}` holes, with its back-tick and its `$`
 * - `reserved`: a word, `symbol`: a sign that Rhai keeps for itself; `bad`: what is no token at all
 */
export type TokenKind =
  | (typeof KEYWORDS)[number]
  | (typeof SIGNS)[number]
  | 'name'
  | 'callable'
  | 'int'
  | 'float'
  | 'char'
  | 'string'
  | 'head'
  | 'middle'
  | 'tail'
  | 'reserved'
  | 'symbol'
  | 'bad'
  | 'end';

/** A token that counts; white space and comments are what lies between. Offsets are UTF-16. */
export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
}

export interface Comment {
  /** `doc` (three slashes, or a slash and two stars) is meant for the declaration that follows; `module`: `//!`. */
  kind: 'line' | 'block' | 'doc' | 'module';
  from: number;
  to: number;
  /** Index of the token that follows. */
  before: number;
}

export const KEYWORDS = [
  'true',
  'false',
  'let',
  'const',
  'if',
  'else',
  'switch',
  'do',
  'while',
  'until',
  'loop',
  'for',
  'in',
  'fn',
  'private',
  'continue',
  'break',
  'return',
  'throw',
  'try',
  'catch',
  'import',
  'export',
  'as',
  'this',
] as const;

/** Words that may be called, but not declared. */
export const CALLABLE = [
  'print',
  'debug',
  'eval',
  'Fn',
  'is_def_var',
  'is_def_fn',
  'type_of',
  'call',
  'curry',
  'is_shared',
] as const;

/** Those of them that may stand after a dot. */
export const CALLABLE_METHODS: readonly string[] = ['type_of', 'call', 'curry', 'is_shared'];

export const RESERVED = (
  'use case async public package super var protected spawn shared is sync static default thread yield new match ' +
  'await null with void nil module go goto'
).split(' ');

/** Signs that Rhai keeps for itself. */
export const SYMBOLS = '? # === !== ~ !. := ... @ <- -- ++ <| |> $ -> ::< :; *) (*'.split(' ');

/** Every sign of the language; `_` is the default case of a `switch`. */
export const SIGNS = [
  '{',
  '}',
  '(',
  ')',
  '()',
  '[',
  ']',
  '#{',
  ',',
  ';',
  ':',
  '::',
  '=>',
  '_',
  '.',
  '?.',
  '?[',
  '??',
  '..',
  '..=',
  '!',
  '!in',
  '+',
  '-',
  '*',
  '/',
  '%',
  '**',
  '<<',
  '>>',
  '<',
  '<=',
  '>',
  '>=',
  '==',
  '!=',
  '&',
  '&&',
  '|',
  '||',
  '^',
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '**=',
  '<<=',
  '>>=',
  '&=',
  '|=',
  '^=',
] as const;
