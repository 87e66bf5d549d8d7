// What the literals of a script say, without quotes, escapes and underscores.
import { numberText } from './lexer-numbers';
import { unescaped } from './lexer-strings';
import type { Token } from './token';

/** The text of a string, a character or a piece of a template; a number as Rhai writes it. */
export function literalText(source: string, token: Token): string {
  const text = source.slice(token.from, token.to);
  switch (token.kind) {
    case 'int':
      return String(BigInt.asIntN(64, integer(text.replace(/_/g, ''))));
    case 'float':
      return numberText(text);
    case 'char':
      return unescaped(withoutQuotes(text, "'"), "'");
    case 'head':
      return verbatim(afterOpening(text).slice(0, -1));
    case 'middle':
      return verbatim(text.slice(0, -1));
    case 'tail':
      return verbatim(text.replace(/`$/, ''));
    default:
      return stringText(source, token.from, text);
  }
}

function integer(text: string): bigint {
  try {
    return text[0] === '-' ? -BigInt(text.slice(1)) : BigInt(text);
  } catch {
    return 0n;
  }
}

function stringText(source: string, from: number, text: string): string {
  if (text[0] === '#') {
    const hashes = text.indexOf('"');
    return text.slice(
      hashes + 1,
      text.length - (text.endsWith('"' + text.slice(0, hashes)) ? hashes + 1 : 0),
    );
  }
  if (text[0] === '`') return verbatim(afterOpening(text).replace(/`$/, ''));
  return unescaped(joined(withoutQuotes(text, '"'), columnOf(source, from)), '"');
}

function withoutQuotes(text: string, quote: string): string {
  return text.slice(1, text.length > 1 && text.endsWith(quote) ? -1 : undefined);
}

/** The text after the opening back-tick, which swallows a line break. */
function afterOpening(text: string): string {
  return text.slice(1).replace(/^(\r\n?|\n)/, '');
}

function verbatim(text: string): string {
  return text
    .replace(/``/g, '`')
    .replace(/\\\$\{/g, '${')
    .replace(/\r\n/g, '\n');
}

/** Joins continued lines: white space is left out up to the column of the opening quote. */
function joined(text: string, column: number): string {
  if (!text.includes('\n')) return text;
  return text.replace(
    /(\\[^\r\n])|\\\r?\n(\p{White_Space}*)/gu,
    (all, escape: string | undefined, space: string) => {
      if (escape) return all;
      const kept = [...space].findIndex((character, index) => character === '\n' || index >= column);
      return kept < 0 ? '' : [...space].slice(kept).join('');
    },
  );
}

function columnOf(source: string, offset: number): number {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return [...source.slice(start, offset)].length + 1;
}
