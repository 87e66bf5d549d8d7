// The parser's state and its small steps: taking tokens, reporting errors once, finding back after them.
import { messageFor, reservedWord } from './messages';
import type { Lexed } from './scan';
import type { Block, Expression, Fix, Name, Problem, Statement, Stray, Variable } from './tree';
import type { Token, TokenKind } from './token';

export interface Parser extends Pick<Lexed, 'tokens'> {
  source: string;
  /** Index of the current token. */
  at: number;
  /** The kind of the current token. */
  kind: TokenKind;
  /** Where the previous token ends. */
  to: number;
  problems: Problem[];
  /** Index of the token where the last error was reported. */
  blamed: number;
  /** Where the tokens begin that the lexer has reported. */
  reported: Set<number>;

  /** The deepest level that Rhai takes here, and in functions. */
  depth: number;
  functionDepth: number;
  /** The statement at hand was found to be too deep. */
  tooDeep: boolean;

  /** At the top level, where functions and exports may be. */
  global: boolean;
  breakable: boolean;
  /** In a function or a closure, where `this` may be. */
  inFunction: boolean;
  /** In a pattern of a `switch`, where `|` ends an expression. */
  inPattern: boolean;
  /** `compile_expression`: blocks have one expression, */
  expressionsOnly: boolean;
  /** and there are neither free blocks nor loops outside closures. */
  noBlocks: boolean;
  /** The variables seen by the function at hand: whether they are constants, and how to undo the latest. */
  scope: Scope;
  /** What the closure at hand uses of the variables around it; null outside of closures. */
  free: Set<string> | null;
  /** The functions so far, by receiver, name and number of parameters, and by name alone. */
  functions: Set<string>;
}

export interface Scope {
  constants: Map<string, boolean>;
  undo: [name: string, before: boolean | undefined][];
}

export function newScope(): Scope {
  return { constants: new Map(), undo: [] };
}

export function declare(p: Parser, name: Name, constant: boolean): void {
  const { constants, undo } = p.scope;
  undo.push([name.text, constants.get(name.text)]);
  constants.set(name.text, constant);
}

/** Notes the use of a variable: what a closure does not have itself it captures. */
export function use(p: Parser, text: string): void {
  if (!p.scope.constants.has(text) && !p.functions.has(text)) p.free?.add(text);
}

/** Forgets the variables declared since there were `count` of them. */
export function forget(p: Parser, count: number): void {
  const { constants, undo } = p.scope;
  while (undo.length > count) {
    const [name, before] = undo.pop()!;
    if (before === undefined) constants.delete(name);
    else constants.set(name, before);
  }
}

/** Goes on to the next token. What is no token has been reported by the lexer, and counts to the one before. */
export function advance(p: Parser): void {
  const { tokens } = p;
  if (p.kind === 'end') return;
  do p.at++;
  while (tokens[p.at]!.kind === 'bad');
  p.to = tokens[p.at - 1]?.to ?? 0;
  p.kind = tokens[p.at]!.kind;
}

export function token(p: Parser): Token {
  return p.tokens[p.at]!;
}

export function peek(p: Parser, ahead = 1): TokenKind {
  return p.tokens[Math.min(p.at + ahead, p.tokens.length - 1)]!.kind;
}

export function textOf(p: Parser, index = p.at): string {
  const { from, to } = p.tokens[index]!;
  return p.source.slice(from, to);
}

/** Whether the current token is of this kind; unlike `===` it does not mislead the type checker. */
export function is(p: Parser, kind: TokenKind): boolean {
  return p.kind === kind;
}

/** Takes the current token if it is of this kind. */
export function take(p: Parser, kind: TokenKind): boolean {
  if (p.kind !== kind) return false;
  advance(p);
  return true;
}

/** Where a node that begins with token `first` begins. */
export function startOf(p: Parser, first: number): number {
  return first < p.at ? p.tokens[first]!.from : p.to;
}

/** Reports an error at the current token, unless it follows from one that was reported there or just before. */
export function error(p: Parser, code: string, message: string, fix?: Fix): void {
  const before = p.tokens[p.at - 1];
  const follows = p.blamed >= p.at - 1 && p.blamed >= 0;
  p.blamed = p.at;
  if (follows || (before && (before.kind === 'bad' || p.reported.has(before.from)))) return;
  const { from, to } = token(p);
  p.problems.push(fix ? { from, to, message, code, fix } : { from, to, message, code });
}

/** Reports that something else belongs here; words and signs that Rhai does not have are named with what to use. */
export function expected(p: Parser, code: string, message: string, fix?: Fix): void {
  const own = messageFor(p.source, token(p));
  if (own) error(p, own.code, own.message, own.fix ?? fix);
  else error(p, code, message, fix);
}

type Place = { from: number; to: number; first?: number };

/** Reports that a node breaks a rule, though its form is right; not when there is an error in it. */
export function refuse(p: Parser, node: Place, code: string, message: string, fix?: Fix): void {
  const { from, to, first } = node;
  if (first !== undefined && p.blamed >= first) return;
  p.problems.push(fix ? { from, to, message, code, fix } : { from, to, message, code });
}

/** An insertion directly after the previous token. */
export function insertion(p: Parser, title: string, insert: string): Fix {
  return { title, edits: [{ from: p.to, to: p.to, insert }] };
}

/** What to insert for words. */
const INSERTIONS: Partial<Record<TokenKind, string>> = { in: ' in', catch: ' catch {}', while: '' };

export function expect(p: Parser, kind: TokenKind, message: string): boolean {
  if (take(p, kind)) return true;
  const insert = INSERTIONS[kind] ?? kind;
  expected(
    p,
    'missing-token',
    message,
    insert ? insertion(p, `Insert \`${insert.trim()}\``, insert) : undefined,
  );
  return false;
}

/** An identifier that is a variable, nameless where an expression is missing. */
export function missing(p: Parser): Variable {
  return { kind: 'variable', from: p.to, to: p.to, first: p.at, end: p.at, text: '' };
}

/** A block where there is none. */
export function emptyBlock(p: Parser): Block {
  return { kind: 'block', from: p.to, to: p.to, first: p.at, end: p.at, items: [] };
}

/** Reads an identifier; without one the name is empty, and the message is reported. */
export function name(p: Parser, message: string): Name {
  const first = p.at;
  if (p.kind === 'name') return takeName(p);
  if (isWord(p)) {
    error(p, 'reserved-word', reservedWord(textOf(p)));
    return takeName(p);
  }
  expected(p, 'missing-name', message);
  return { kind: 'name', from: p.to, to: p.to, first, end: first, text: '' };
}

/** The current token as a name. */
export function takeName(p: Parser): Name {
  const first = p.at;
  const text = textOf(p);
  advance(p);
  return { kind: 'name', from: p.tokens[first]!.from, to: p.to, first, end: p.at, text };
}

/** After these words that stand for names are meant as such. */
const AFTER_NAMES: readonly TokenKind[] = ['=', ';', ',', ')', ':', 'in', '|', '(', '()'];

/** Whether a word of the language stands on this line where a name belongs. */
function isWord(p: Parser): boolean {
  if (startsLine(p)) return false;
  if (p.kind === 'reserved' || p.kind === 'callable') return true;
  return /^[a-z]/.test(textOf(p)) && AFTER_NAMES.includes(peek(p));
}

const OPENERS = new Set<TokenKind>(['(', '[', '?[', '{', '#{', 'head']);
const CLOSERS = new Set<TokenKind>([')', ']', '}', 'tail']);
const STATEMENTS = new Set<TokenKind>([
  'let',
  'const',
  'fn',
  'private',
  'import',
  'export',
  'return',
  'throw',
  'try',
  'for',
  'while',
  'do',
]);

export function startsStatement(kind: TokenKind): boolean {
  return STATEMENTS.has(kind);
}

export function startsLine(p: Parser): boolean {
  return p.at === 0 || p.source.slice(p.tokens[p.at - 1]!.to, token(p).from).includes('\n');
}

/** Passes over tokens up to one of `stops`, a closing bracket, or what looks like a new statement. */
export function skip(p: Parser, stops: readonly TokenKind[]): Stray {
  const first = p.at;
  let depth = 0;
  while (p.kind !== 'end') {
    if (depth === 0 && (stops.includes(p.kind) || p.kind === ';' || CLOSERS.has(p.kind))) break;
    if (p.at > first && startsStatement(p.kind) && startsLine(p)) break;
    if (OPENERS.has(p.kind)) depth++;
    else if (CLOSERS.has(p.kind)) depth--;
    advance(p);
  }
  return stray(p, first);
}

/**
 * The start of a node that begins with another one. Where that one is missing it moves to the token that follows, to
 * be within the node.
 */
export function startWith(p: Parser, node: { from: number; to: number; first: number; end: number }): number {
  if (node.first === node.end) node.from = node.to = startOf(p, node.first);
  return node.from;
}

/** Expressions with a text between them that has no meaning, as one flat node. */
export function gather(p: Parser, left: Expression, ...more: Statement[]): Stray {
  const items = left.kind === 'stray' ? left.items : [left];
  items.push(...more);
  return { kind: 'stray', from: startWith(p, left), to: p.to, first: left.first, end: p.at, items };
}

/** What lies between token `first` and the current one, as a node without a meaning. */
export function stray(p: Parser, first: number, items: Statement[] = []): Stray {
  return { kind: 'stray', from: startOf(p, first), to: p.to, first, end: p.at, items };
}

/** One level deeper; reports once when that is more than Rhai takes. */
export function deeper(p: Parser, level: number): number {
  if (level >= p.depth && !p.tooDeep) {
    p.tooDeep = true;
    error(
      p,
      'too-deep',
      `This is nested more than ${p.depth} levels deep: take parts of it out into variables or functions.`,
    );
  }
  return level + 1;
}

/** Who goes through a tree does so by recursion: what is deeper than this is passed over. */
const DEEPEST = 500;

export function isTooDeep(level: number): boolean {
  return level > DEEPEST;
}

/** Reads items up to the closing bracket, separated by commas; a comma may follow the last one. */
export function list(p: Parser, close: TokenKind, of: string, item: () => Statement | void): void {
  while (!take(p, close)) {
    const before = p.at;
    if (p.kind === 'end') return void expect(p, close, `Put a \`${close}\` at the end of ${of}.`);
    item();
    if (take(p, ',') || is(p, close)) continue;
    if (is(p, 'end')) continue;
    if (isMeantComma(p, close)) {
      const { from, to } = token(p);
      const fix = { title: 'Write `,`', edits: [{ from, to, insert: ',' }] };
      error(p, 'missing-comma', 'Put a `,` here: properties have no `;` between them.', fix);
      advance(p);
      continue;
    }
    const goesOn = p.at > before && startsItem(p.kind);
    const sign = goesOn ? ',' : close;
    const fix = insertion(p, `Insert \`${sign}\``, sign);
    expected(p, 'missing-comma', `Put a \`,\` or the \`${close}\` of ${of} before this.`, fix);
    if (goesOn) continue;
    if (is(p, '{')) return;
    skip(p, [',', close]);
    if (!take(p, ',') && !is(p, close)) return;
  }
}

/** A `;` that a property of a map follows. */
function isMeantComma(p: Parser, close: TokenKind): boolean {
  const property = /^(name|string)$/.test(peek(p)) && peek(p, 2) === ':';
  return close === '}' && is(p, ';') && property;
}

function startsItem(kind: TokenKind): boolean {
  return kind === 'name' || kind === 'int' || kind === 'float' || kind === 'string' || kind === 'char';
}
