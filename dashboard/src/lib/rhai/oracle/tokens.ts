// Tokens in the form of the corpus' `tokens.jsonl`: what Rhai's own lexer says, up to its first error.
import type { LexicalError, Lexed } from '../syntax/scan';
import { numberText } from '../syntax/lexer-numbers';
import { unescaped } from '../syntax/lexer-strings';
import { literalText } from '../syntax/literals';
import { positions } from '../syntax/position';
import type { Token } from '../syntax/token';

export type TokenRow = [kind: string, text: string, line: number | null, column: number | null];

const LEXICAL: Record<LexicalError['code'], (detail: string) => string> = {
  'unterminated-string': () => 'Open string is not terminated',
  'bad-escape': (detail) => `Invalid escape sequence: '${detail}'`,
  'bad-character-literal': (detail) => `Invalid character: '${detail}'`,
  'bad-number': (detail) => `Invalid number: '${detail}'`,
  'bad-name': (detail) => `Variable name is not proper: '${detail}'`,
  'bad-character': (detail) => `Unexpected '${detail}'`,
  'bad-space': (detail) => `Unexpected '${detail}'`,
  'spaced-map': () => "'#' is not a valid symbol. Should it be '#{'?",
};

const PASCAL = "'(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?";

const SYMBOLS: Record<string, string> = {
  '===': "'===' is not a valid operator. This is not JavaScript! Should it be '=='?",
  '!==': "'!==' is not a valid operator. This is not JavaScript! Should it be '!='?",
  '->': "'->' is not a valid symbol. This is not C or C++!",
  '<-': "'<-' is not a valid symbol. This is not Go! Should it be '<='?",
  ':=': "':=' is not a valid assignment operator. This is not Go or Pascal! Should it be simply '='?",
  ':;': "':;' is not a valid symbol. Should it be '::'?",
  '::<': "'::<>' is not a valid symbol. This is not Rust! Should it be '::'?",
  '(*': PASCAL,
  '*)': PASCAL,
};

/** After these Rhai's lexer takes no sign for unary. */
const VALUE_ENDS = new Set(
  (
    '} ) () ] #{ :: => _ . ?. name callable int float char string head middle tail reserved symbol true false let ' +
    'const else switch do loop for fn private continue break try catch import export as this'
  ).split(' '),
);

export function tokenRows(source: string, { tokens, errors, odd }: Lexed): TokenRow[] {
  const { positionAt } = positions(source, odd);
  const rows: TokenRow[] = [];
  const add = (kind: string, text: string, offset: number) => {
    const { line, column } = offset < 0 ? { line: null, column: null } : positionAt(offset);
    rows.push([kind, text, line, column]);
  };
  const wrong = errors.reduce<LexicalError | null>((a, b) => (a && a.from <= b.from ? a : b), null);
  let unary = true;
  for (const token of tokens) {
    if (token.kind === 'end' || (wrong && wrong.from < Math.max(token.to, token.from + 1))) break;
    const text = source.slice(token.from, token.to);
    if (token.kind === 'symbol' && SYMBOLS[text]) {
      add('error', SYMBOLS[text], token.from);
      return rows;
    }
    const sign = unary && (text === '-' || text === '+');
    addRow(source, token, sign ? 'unary' + text : text, add);
    unary = !VALUE_ENDS.has(token.kind);
  }
  if (wrong) add('error', LEXICAL[wrong.code](named(source, wrong)), wrong.at);
  return rows;
}

/** The part of an error that Rhai names. */
function named(source: string, { code, from, to, at }: LexicalError): string {
  const text = source.slice(from, to);
  switch (code) {
    case 'bad-escape':
      return source.slice(from, at) + String.fromCodePoint(source.codePointAt(at)!);
    case 'bad-character-literal':
      return unescaped(text.slice(1, -1), "'");
    case 'bad-number': {
      const number = numberText(text);
      return /^-?0[xob]/i.test(number) ? number.slice(2) : number;
    }
    case 'bad-name':
      return text;
    default:
      return String.fromCodePoint(source.codePointAt(text.startsWith('##') ? to : from) ?? 0);
  }
}

function addRow(
  source: string,
  token: Token,
  text: string,
  add: (kind: string, text: string, offset: number) => void,
): void {
  const { kind, from, to } = token;
  switch (kind) {
    case 'name':
      return add('id', text, from);
    case 'int':
    case 'float':
    case 'char':
      return add(kind, literalText(source, token), from);
    case 'string':
      return add('str', literalText(source, token), from);
    case 'head':
      return add('istr', literalText(source, token), from);
    case 'middle':
    case 'tail': {
      const place = to - from <= 1 ? -1 : text.startsWith('``') ? from + 1 : from;
      return add(kind === 'tail' ? 'str' : 'istr', literalText(source, token), place);
    }
    case 'reserved':
    case 'callable':
    case 'this':
      return add('reserved', text, from);
    case 'symbol':
      return add('reserved', text === '#' && source[to] === '!' ? '#!' : text, from);
    default:
      return add('op', text, from);
  }
}
