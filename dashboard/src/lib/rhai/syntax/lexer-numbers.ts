// The part of the lexer that reads numbers.
import { fail, isDigit, isWordCode, type Scan } from './scan';

const RADIX: Record<string, number> = { x: 16, o: 8, b: 2, X: 16, O: 8, B: 2 };

/** Reads on from the first digit; `from` is where the number begins, with its sign. */
export function number(scan: Scan, from: number): 'int' | 'float' {
  const { source } = scan;
  const start = scan.at;
  if (source.charCodeAt(start) === 48) {
    while (source.charCodeAt(++scan.at) === 95);
    const radix = RADIX[source[scan.at] ?? ''];
    if (radix) return prefixed(scan, from, start, radix);
  }
  let float = false;
  digits(scan);
  if (source.charCodeAt(scan.at) === 46 && fraction(source.charCodeAt(scan.at + 1))) {
    float = true;
    scan.at++;
    digits(scan);
  }
  if ((source.charCodeAt(scan.at) | 32) === 101 && exponent(scan)) {
    float = true;
    if (!isDigit(source.charCodeAt(scan.at - 1)) && !/\d_*$/.test(source.slice(start, scan.at))) {
      fail(scan, 'bad-number', from);
    }
  }
  if (float) return 'float';
  return scan.at - from > 18 && !fits(source.slice(from, scan.at)) ? 'float' : 'int';
}

/** What a number says, without its underscores; a float always has digits after its point. */
export function numberText(text: string): string {
  return text
    .replace(/_/g, '')
    .replace(/\.$/, '.0')
    .replace(/\.(?=[eE])/, '.0')
    .replace('E', 'e');
}

function digits(scan: Scan): void {
  let code = scan.source.charCodeAt(scan.at);
  while (isDigit(code) || code === 95) code = scan.source.charCodeAt(++scan.at);
}

/** Whether a point before this character belongs to the number: not the one of `1.abs()`, `1..2` and `1.` at the end. */
function fraction(after: number): boolean {
  return isDigit(after) || (after === after && after !== 46 && !isWordCode(after));
}

/** Reads an exponent, if there is one. */
function exponent(scan: Scan): boolean {
  const { source, at } = scan;
  const after = source.charCodeAt(at + 1);
  const signed = after === 43 || after === 45;
  if (!signed && !isDigit(after)) return false;
  scan.at += 2;
  digits(scan);
  return true;
}

/** Reads on from the letter of the prefix. Rhai does not take a sign before it. */
function prefixed(scan: Scan, from: number, start: number, radix: number): 'int' {
  const { source, at } = scan;
  const valid = radix === 16 ? /[\da-fA-F_]/ : radix === 8 ? /[0-7_]/ : /[01_]/;
  for (scan.at++; scan.at < source.length && valid.test(source[scan.at]!);) scan.at++;
  const text = source.slice(at + 1, scan.at).replace(/_/g, '');
  if (from < start || !text || BigInt('0' + source[at] + text) > 0xffffffffffffffffn)
    fail(scan, 'bad-number', from);
  return 'int';
}

/** Whether a decimal number is an i64. */
function fits(text: string): boolean {
  const value = BigInt(text.replace(/_/g, ''));
  return BigInt.asIntN(64, value) === value;
}
