// The lexer while it runs, and what its parts have in common: classes of characters, and how a mistake is noted.
import type { Comment, Token } from './token';

/** What is wrong with a token, or with white space. */
export interface LexicalError {
  code:
    | 'unterminated-string'
    | 'bad-escape'
    | 'bad-character-literal'
    | 'bad-number'
    | 'bad-name'
    | 'bad-character'
    | 'bad-space'
    | 'spaced-map';
  from: number;
  to: number;
  /** Where Rhai sees it; negative where it does not know. */
  at: number;
}

export interface Lexed {
  tokens: Token[];
  comments: Comment[];
  errors: LexicalError[];
  /**
   * Characters that Rhai counts in its own way: a `\n` that begins no line, a `\r` that does, a `$` without a column.
   * `position.ts` needs them.
   */
  odd: number[];
}

/** The lexer while it runs. */
export interface Scan extends Lexed {
  source: string;
  /** The next character. */
  at: number;
  /** A sign that follows may belong to a number. */
  unary: boolean;
  /** Open braces in the hole that is being read, and those of the holes around it. */
  braces: number;
  holes: number[];
}

export const START = 1;
export const DIGIT = 2;
export const SPACE = 4;

const CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  CLASS[code] = /[A-Za-z_]/.test(character)
    ? START
    : /\d/.test(character)
      ? DIGIT
      : /[ \t\n\f\r]/.test(character)
        ? SPACE
        : 0;
}

export function classOf(code: number): number {
  return code < 128 ? CLASS[code]! : 0;
}

export function isWordCode(code: number): boolean {
  return (classOf(code) & (START | DIGIT)) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function fail(scan: Scan, code: LexicalError['code'], from: number, at = from, to = scan.at): void {
  scan.errors.push({ code, from, to, at });
}
