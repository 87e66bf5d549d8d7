// Text to tokens and comments, exactly as Rhai 1.27 cuts it; goes on after errors, in linear time.
import { openChar, openQuoted, openRaw, templateText } from './lexer-strings';
import { number } from './lexer-numbers';
import { classOf, DIGIT, fail, isDigit, isWordCode, SPACE, START, type Lexed, type Scan } from './scan';
import { CALLABLE, KEYWORDS, RESERVED, SIGNS, SYMBOLS, type Comment, type TokenKind } from './token';

const WORDS = new Map<string, TokenKind>();
for (const word of KEYWORDS) WORDS.set(word, word);
for (const word of CALLABLE) WORDS.set(word, 'callable');
for (const word of RESERVED) WORDS.set(word, 'reserved');
WORDS.set('_', '_');

/** The signs by their first character, the longest first. */
const SIGNS_OF: [string, TokenKind][][] = [];
for (const sign of [...SIGNS, ...SYMBOLS]) {
  if (sign === '_') continue;
  const list = (SIGNS_OF[sign.charCodeAt(0)] ??= []);
  list.push([sign, SYMBOLS.includes(sign) ? 'symbol' : (sign as TokenKind)]);
  list.sort((a, b) => b[0].length - a[0].length);
}

/** After these a `-` before a digit is part of the number. */
const BEFORE_UNARY = new Set<TokenKind>([
  ...SIGNS.filter((sign) => !['}', ')', '()', ']', '#{', '::', '=>', '_', '.', '?.'].includes(sign)),
  'if',
  'while',
  'until',
  'in',
  'return',
  'throw',
  'bad',
]);

/** White space in other languages, but not in Rhai. */
const BAD_SPACE = /[\v\x85\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/;

export function lex(source: string): Lexed {
  const scan: Scan = {
    source,
    at: 0,
    tokens: [],
    comments: [],
    errors: [],
    odd: [],
    unary: true,
    braces: 0,
    holes: [],
  };
  while (scan.at < source.length) next(scan);
  push(scan, 'end', source.length);
  return scan;
}

function push(scan: Scan, kind: TokenKind, from: number): void {
  scan.tokens.push({ kind, from, to: scan.at });
  scan.unary = BEFORE_UNARY.has(kind);
}

/** Reads white space, a comment or a token. */
function next(scan: Scan): void {
  const { source, at } = scan;
  const code = source.charCodeAt(at);
  const kind = classOf(code);
  if (kind === SPACE) {
    scan.at++;
  } else if (kind === START) {
    word(scan);
  } else if (kind === DIGIT) {
    push(scan, number(scan, at), at);
  } else if (code >= 128 || code === 11) {
    unknown(scan);
  } else {
    sign(scan, code);
  }
}

function word(scan: Scan): void {
  const { source, at } = scan;
  let end = at + 1;
  while (isWordCode(source.charCodeAt(end))) end++;
  scan.at = end;
  const text = source.slice(at, end);
  const kind = WORDS.get(text);
  if (kind) return push(scan, kind, at);
  push(scan, 'name', at);
  if (text.charCodeAt(0) === 95 && !/^_*[A-Za-z]/.test(text)) {
    fail(scan, 'bad-name', at);
    scan.unary = true;
  }
}

/** Reads a run of characters that Rhai does not know, as white space or as a token. */
function unknown(scan: Scan): void {
  const { source, at } = scan;
  const spaces = BAD_SPACE.test(source[at]!);
  for (scan.at++; scan.at < source.length; scan.at++) {
    const code = source.charCodeAt(scan.at);
    if (code < 128 && (spaces ? code !== 11 : !isWordCode(code))) break;
    if (code >= 128 && BAD_SPACE.test(source[scan.at]!) !== spaces) break;
  }
  if (!spaces) push(scan, 'bad', at);
  fail(scan, spaces ? 'bad-space' : 'bad-character', at);
  scan.unary = true;
}

function sign(scan: Scan, code: number): void {
  const { source, at } = scan;
  const after = source.charCodeAt(at + 1);
  if (code === 47 && (after === 47 || after === 42))
    return after === 47 ? lineComment(scan) : blockComment(scan);
  if (code === 34) return push(scan, openQuoted(scan), at);
  if (code === 39) return push(scan, openChar(scan), at);
  if (code === 96) {
    scan.at++;
    if (source[scan.at] === '\r') {
      if (source[scan.at + 1] !== '\n') scan.odd.push(scan.at);
      scan.at++;
    }
    return template(scan, at, 'head', 'string');
  }
  if (code === 35) {
    if (after === 34 || after === 35) return push(scan, openRaw(scan), at);
    if (source.startsWith('# {', at)) {
      scan.at += 3;
      scan.braces++;
      push(scan, '#{', at);
      return fail(scan, 'spaced-map', at);
    }
  }
  if (code === 45 && scan.unary && isDigit(after)) {
    scan.at++;
    return push(scan, number(scan, at), at);
  }
  const kind = longestSign(scan, code);
  push(scan, kind, at);
  if (kind === 'bad') fail(scan, 'bad-character', at);
  else if (kind === '{' || kind === '#{') scan.braces++;
  else if (kind === '}') closeBrace(scan);
}

function longestSign(scan: Scan, code: number): TokenKind {
  const { source, at } = scan;
  for (const [sign, kind] of SIGNS_OF[code] ?? []) {
    if (sign.length > 1 && !source.startsWith(sign, at)) continue;
    if (sign === '!in' && isWordCode(source.charCodeAt(at + 3))) continue;
    scan.at += sign.length;
    return kind;
  }
  scan.at++;
  return 'bad';
}

function closeBrace(scan: Scan): void {
  if (scan.braces > 0) {
    scan.braces--;
  } else if (scan.holes.length) {
    scan.braces = scan.holes.pop()!;
    template(scan, scan.at, 'middle', 'tail');
  }
}

/** Reads the text of a template up to its hole, with the brace that opens it, or to its end. */
function template(scan: Scan, from: number, open: 'head' | 'middle', closed: 'string' | 'tail'): void {
  const start = scan.at;
  if (templateText(scan)) {
    push(scan, open, from);
    scan.at++;
    push(scan, '{', scan.at - 1);
    scan.holes.push(scan.braces);
    scan.braces = 0;
    return;
  }
  const complete = scan.at < scan.source.length;
  if (complete) scan.at++;
  else fail(scan, 'unterminated-string', from, closed === 'tail' && start === scan.at ? -1 : from, from + 1);
  push(scan, closed, from);
}

function lineComment(scan: Scan): void {
  const { source, at } = scan;
  let end = at + 2;
  for (; end < source.length; end++) {
    const code = source.charCodeAt(end);
    if (code === 10 || code === 13) break;
  }
  if (source[end] === '\r' && source[end + 1] !== '\n') scan.odd.push(end);
  scan.at = end;
  comment(
    scan,
    at,
    source[at + 2] === '!' ? 'module' : source[at + 2] === '/' && source[at + 3] !== '/' ? 'doc' : 'line',
  );
}

function blockComment(scan: Scan): void {
  const { source, at } = scan;
  let depth = 1;
  let end = at + 2;
  while (depth > 0 && end < source.length) {
    const code = source.charCodeAt(end++);
    const after = source.charCodeAt(end);
    if (code === 47 && after === 42) {
      depth++;
      end++;
    } else if (code === 42 && after === 47) {
      depth--;
      end++;
    }
  }
  scan.at = end;
  const doc = source[at + 2] === '*' && source[at + 3] !== '*' && source[at + 3] !== '/';
  comment(scan, at, doc ? 'doc' : 'block');
}

function comment(scan: Scan, from: number, kind: Comment['kind']): void {
  scan.comments.push({ kind, from, to: scan.at, before: scan.tokens.length });
}
