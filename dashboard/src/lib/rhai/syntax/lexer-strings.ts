// The parts of the lexer that read strings and characters.
import { fail, type Scan } from './scan';

/** `"..."`, from its first quote. */
export function openQuoted(scan: Scan): 'string' {
  quoted(scan, 34, true);
  return 'string';
}

/** `'c'`, from its first quote. */
export function openChar(scan: Scan): 'char' {
  const from = scan.at;
  if (scan.source[from + 1] === "'") {
    scan.at += 2;
    fail(scan, 'bad-character-literal', from);
    return 'char';
  }
  const errors = scan.errors.length;
  quoted(scan, 39, false);
  if (scan.errors.length === errors) {
    const text = unescaped(scan.source.slice(from + 1, scan.at - 1), "'");
    if ([...text].length !== 1) fail(scan, 'bad-character-literal', from);
  }
  return 'char';
}

const ESCAPES: Record<string, string> = { t: '\t', r: '\r', n: '\n' };

/** The text between quotes without its escapes; a doubled quote stands for one, what is wrong for itself. */
export function unescaped(text: string, quote: string): string {
  const lines = text
    .replace(/\r\n/g, '\n')
    .split(quote + quote)
    .join(quote);
  if (!lines.includes('\\')) return lines;
  return lines.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gu,
    (all, x?: string, u?: string, U?: string, one?: string) => {
      const value = parseInt(x ?? u ?? U ?? '', 16);
      return one ? (ESCAPES[one] ?? one) : value <= 0x10ffff ? String.fromCodePoint(value) : all;
    },
  );
}

function quoted(scan: Scan, quote: number, multiline: boolean): void {
  const { source, at: from } = scan;
  for (scan.at++; scan.at < source.length;) {
    const code = source.charCodeAt(scan.at);
    if (code === quote) {
      scan.at++;
      if (source.charCodeAt(scan.at) !== quote) return;
      scan.at++;
    } else if (code === 10) {
      return fail(scan, 'unterminated-string', from);
    } else if (code === 92) {
      escape(scan, quote, multiline);
    } else {
      scan.at++;
    }
  }
  fail(scan, 'unterminated-string', from);
}

const HEX_DIGITS: Record<string, number> = { x: 2, u: 4, U: 8 };

function escape(scan: Scan, quote: number, multiline: boolean): void {
  const { source, at: from } = scan;
  const letter = source[from + 1];
  scan.at += 2;
  if (letter === undefined) {
    scan.at = source.length;
  } else if (letter === '\n' && !multiline) {
    scan.at--;
  } else if (letter === '\r' && source[scan.at] === '\n') {
    if (multiline) scan.at++;
    else scan.at--;
  } else if (letter in HEX_DIGITS) {
    hexEscape(scan, from, HEX_DIGITS[letter]!);
  } else if (letter.charCodeAt(0) !== quote && !'\\trn\n'.includes(letter)) {
    if (source.codePointAt(from + 1)! > 0xffff) scan.at++;
    fail(scan, 'bad-escape', from, from + 1);
  }
}

function hexEscape(scan: Scan, from: number, digits: number): void {
  const { source } = scan;
  for (let count = 0; count < digits; count++) {
    if (scan.at >= source.length) return fail(scan, 'bad-escape', from, scan.at - 1);
    if (!/[\da-fA-F]/.test(source[scan.at]!)) return fail(scan, 'bad-escape', from, scan.at);
    scan.at++;
  }
  const value = parseInt(source.slice(from + 2, scan.at), 16);
  if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
    fail(scan, 'bad-escape', from, scan.at - 1);
  }
}

/** `#"..."#` with any number of `#`, from its first one. */
export function openRaw(scan: Scan): 'string' | 'bad' {
  const { source, at: from } = scan;
  while (source[scan.at] === '#') scan.at++;
  if (source[scan.at] !== '"') {
    fail(scan, scan.at < source.length ? 'bad-character' : 'unterminated-string', from);
    return 'bad';
  }
  const closing = '"' + source.slice(from, scan.at);
  const start = scan.at + 1;
  const end = source.indexOf(closing, start);
  scan.at = end < 0 ? source.length : end + closing.length;
  uncountedLines(scan, start, end < 0 ? source.length : end);
  if (end < 0) fail(scan, 'unterminated-string', from);
  return 'string';
}

/** In a raw string Rhai misses the line break directly after what might have been the end. */
function uncountedLines(scan: Scan, from: number, to: number): void {
  const { source } = scan;
  let quote = false;
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at);
    if (code === 34) quote = true;
    else if (code !== 35) {
      if (quote && code === 10) scan.odd.push(at);
      quote = false;
    }
  }
}

/** Reads the text of a back-tick string; true at the brace of a hole, false at the last back-tick or the end. */
export function templateText(scan: Scan): boolean {
  const { source } = scan;
  for (; scan.at < source.length; scan.at++) {
    const code = source.charCodeAt(scan.at);
    if (code === 96) {
      if (source.charCodeAt(scan.at + 1) !== 96) return false;
      scan.at++;
    } else if (code === 36 && source.charCodeAt(scan.at + 1) === 123) {
      scan.at++;
      return true;
    } else if (code === 92 && source.startsWith('${', scan.at + 1)) {
      scan.odd.push(scan.at + 1);
      scan.at += 2;
    }
  }
  return false;
}
