// What `scripts/rhai-lang.mjs` answers with: the package's results in the forms of the corpus. Not part of the package.
import { format, type Formatted } from '../format/format';
import { lex } from '../syntax/lexer';
import { parse, type ParseOptions } from '../syntax/parser';
import { positions } from '../syntax/position';
import { sExpressions, type FunctionRow } from './tree';
import { tokenRows, type TokenRow } from './tokens';
import type { SExpression } from './numbers';

export { apiOf } from '../semantics/api';
export { stringify } from './numbers';
export { symbols } from './symbols';

export interface ParseAnswer {
  ok: boolean;
  errors: { message: string; line: number; col: number; from: number; to: number }[];
  tree: SExpression[];
  functions: FunctionRow[];
}

/** The limits of Rhai itself, with which the corpus was made. */
const DEPTH = [64, 32] as const;

export function tokens(source: string): TokenRow[] {
  return tokenRows(source, lex(source));
}

export function parsed(source: string, options: ParseOptions = {}): ParseAnswer {
  const tree = parse(source, { depth: DEPTH, ...options });
  const { positionAt } = positions(source, tree.odd);
  const errors = tree.errors.map(({ message, from, to }) => {
    const { line, column } = positionAt(from);
    return { message, line, col: column, from, to };
  });
  return { ok: errors.length === 0, errors, ...sExpressions(tree, options.mode === 'expression') };
}

export function formatted(source: string, options: ParseOptions = {}): Formatted {
  return format(source, { depth: DEPTH, ...options });
}
