// Takes a script's tokens one after the other, with the comments around them, so that none is lost or moved.
import type { Comment, Token } from '../syntax/token';
import type { Range, Tree } from '../syntax/tree';
import { aside, concat, fresh, gap, nothing, sequence, space, text, type Doc } from './doc';

export interface Run {
  tree: Tree;
  source: string;
  tokens: Token[];
  comments: Comment[];
  /** The next token. */
  at: number;
  /** The next comment. */
  comment: number;
  /** Where the last token or comment ended. */
  end: number;
  /** The token whose following comments belong to a node that has not ended yet. */
  held: number;
  /** Commas to be added after a token, by its index; one that is there already is left out. */
  commas: Map<number, Doc>;
  /** Strings over several lines whose value depends on their column, by their token's index. */
  continued: number[];
}

export function start(tree: Tree): Run {
  const { source, tokens, comments } = tree;
  const continued: number[] = [];
  tokens.forEach((token, index) => {
    if (isContinued(source, token)) continued.push(index);
  });
  return {
    tree,
    source,
    tokens,
    comments,
    at: 0,
    comment: 0,
    end: 0,
    held: -1,
    commas: new Map(),
    continued,
  };
}

export function isContinued(source: string, token: Token): boolean {
  return token.kind === 'string' && source[token.from] === '"' && linesIn(source, token.from, token.to) > 0;
}

/** How many lines end in a part of the text; two is as good as more. */
export function linesIn(source: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to && count < 2; at++) if (source.charCodeAt(at) === 10) count++;
  return count;
}

const OPENING: readonly string[] = ['(', '[', '{', '#{', '?['];
const SEPARATING: readonly string[] = [',', ';'];
const CLOSING: readonly string[] = [')', ']', '}', 'end'];

export function kindAt(run: Run, index = run.at): Token['kind'] {
  return run.tokens[index]?.kind ?? 'end';
}

function afterOpening(run: Run): boolean {
  return OPENING.includes(kindAt(run, run.at - 1));
}

/** Whether a comment comes directly before a token. */
export function hasComment(run: Run, index = run.at): boolean {
  for (let at = run.comment; at < run.comments.length; at++) {
    const { before } = run.comments[at]!;
    if (before >= index) return before === index;
  }
  return false;
}

/** Whether a blank line comes before the next token or comment; one directly after an opening bracket does not count. */
export function blankBefore(run: Run): boolean {
  const comment = run.comments[run.comment];
  const next = comment && comment.before <= run.at ? comment.from : run.tokens[run.at]!.from;
  return linesIn(run.source, run.end, next) > 1 && run.at > 0 && !afterOpening(run);
}

/** The next token with the comments around it. */
export function next(run: Run): Doc {
  const token = run.tokens[run.at]!;
  return verbatim(run, token.from, token.to, run.at + 1);
}

/** A text of one or more tokens as it is, up to the token `end`. */
export function verbatim(run: Run, from: number, to: number, end: number, make = text): Doc {
  const before = leading(run);
  const doc = make(run.source.slice(from, to));
  run.at = end;
  run.end = to;
  while (run.comments[run.comment] && run.comments[run.comment]!.before < end) run.comment++;
  const comma = run.commas.get(end - 1) ?? nothing;
  const after = end - 1 === run.held ? nothing : trailing(run);
  return join(join(before, doc), join(comma, after));
}

function join(left: Doc, right: Doc): Doc {
  return left === nothing ? right : right === nothing ? left : concat(left, right);
}

/** A node with the comments before and after it outside of what `write` makes, so that they do not break it. */
export function whole(run: Run, node: Range, write: () => Doc): Doc {
  const before = leading(run);
  const { held } = run;
  run.held = node.end - 1;
  const doc = write();
  run.held = held;
  return join(before, join(doc, node.end - 1 === held ? nothing : trailing(run)));
}

/** The comments that stand before the next token; `closing` ones stand at the end of a list or a block. */
export function leading(run: Run, closing = false): Doc {
  const { source, comments } = run;
  const parts: Doc[] = [];
  for (let comment; (comment = comments[run.comment]) && comment.before <= run.at; run.comment++) {
    const before = linesIn(source, run.end, comment.from);
    const after = linesAfter(run, run.comment);
    const last = (comments[run.comment + 1]?.before ?? Infinity) > run.at;
    // A comment on the line of what follows goes where that goes.
    const own = before > 0 && (closing || endsLine(run, run.comment));
    const apart = before > 1 && closing && !parts.length && !afterOpening(run);
    parts.push(own ? fresh(apart) : gap, text(source.slice(comment.from, comment.to)));
    if (after) parts.push(fresh(after > 1 && !(closing && last)));
    else if (!last || ![...SEPARATING, ...CLOSING].includes(kindAt(run))) parts.push(space);
    run.end = comment.to;
  }
  if (closing && parts.some(({ kind }) => kind === 'fresh')) parts.push(fresh());
  return parts.length ? sequence(parts) : nothing;
}

/** How many lines end between a comment and what follows it. */
function linesAfter(run: Run, index: number): number {
  const comment = run.comments[index]!;
  const following = run.comments[index + 1];
  const next = following?.before === comment.before ? following : run.tokens[comment.before]!;
  const lines = linesIn(run.source, comment.to, next.from);
  return isLine(run.source, comment) ? Math.max(lines, 1) : lines;
}

/** Whether only comments follow on a comment's line. */
function endsLine(run: Run, index: number): boolean {
  const { before } = run.comments[index]!;
  for (let at = index; run.comments[at]?.before === before; at++) if (linesAfter(run, at)) return true;
  return false;
}

function isLine(source: string, comment: Comment): boolean {
  return source[comment.from + 1] === '/';
}

/** The comments after the last token that end its line, or stand directly before what closes it. */
function trailing(run: Run): Doc {
  const { source, comments, comment: first } = run;
  if (first === comments.length) return nothing;
  // A comma that is written anew is passed over.
  const next = run.commas.has(run.at - 1) && kindAt(run) === ',' ? run.at + 1 : run.at;
  let end = run.end;
  let at = first;
  for (; at < comments.length && comments[at]!.before <= next; at++) {
    if (linesIn(source, end, comments[at]!.from)) break;
    end = comments[at]!.to;
  }
  if (at === first) return nothing;
  const following = comments[at];
  const until = following && following.before <= next ? following.from : run.tokens[next]!.from;
  const ends = isLine(source, comments[at - 1]!) || linesIn(source, end, until) > 0;
  const kind = kindAt(run, next);
  const closes = CLOSING.includes(kind);
  if (!ends && (afterOpening(run) || !(closes || SEPARATING.includes(kind)))) return nothing;
  const parts: Doc[] = [];
  for (const comment of comments.slice(first, at)) {
    const written = source.slice(comment.from, comment.to);
    parts.push(space, ends ? aside(written) : closes ? aside(written, written.length) : text(written));
  }
  if (ends) parts.push(fresh());
  run.comment = at;
  run.end = end;
  return sequence(parts);
}

/** Nothing, or the blank that keeps two tokens from becoming another one: two signs, or a sign and a number. */
export function glue(run: Run): Doc {
  const left = run.tokens[run.at - 1];
  const right = run.tokens[run.at];
  if (!left || !right || left.to === right.from) return nothing;
  const number = right.kind === 'int' || right.kind === 'float';
  const risky = isSign(run.source, right.from) || (number && (left.kind === '-' || left.kind === '+'));
  return risky && isSign(run.source, left.to - 1) ? space : nothing;
}

function isSign(source: string, offset: number): boolean {
  return '-+*/%<>=!&|^.:?#'.includes(source[offset]!);
}

/** A blank, but not within parentheses, before those of a function or around the point before its name. */
export function apart(run: Run): Doc {
  const left = kindAt(run, run.at - 1);
  const right = kindAt(run);
  const tight =
    left === '(' ||
    left === '.' ||
    TIGHT.includes(right) ||
    (left === 'name' && (right === '(' || right === '()'));
  return tight ? nothing : space;
}

const TIGHT: readonly string[] = [')', ',', '.'];
