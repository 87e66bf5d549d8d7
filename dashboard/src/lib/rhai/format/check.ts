// What formatting must not change: tokens but for trailing commas, comments, and the columns that make a string's value.
import { positions } from '../syntax/position';
import type { Tree } from '../syntax/tree';
import { isContinued } from './run';

const CLOSING: readonly string[] = [')', ']', '}'];

/** Where the first tree's text says something else than the second one's; null if nowhere. */
export function firstDifference(before: Tree, after: Tree): number | null {
  if (after.errors.length) return 0;
  return (
    tokenDifference(before, after) ?? commentDifference(before, after) ?? columnDifference(before, after)
  );
}

function tokenDifference(before: Tree, after: Tree): number | null {
  let right = 0;
  for (let left = 0; left < before.tokens.length; left++, right++) {
    if (isTrailingComma(before, left)) left++;
    if (isTrailingComma(after, right)) right++;
    const one = before.tokens[left]!;
    const other = after.tokens[right];
    if (one.kind !== other?.kind || textOf(before, one) !== textOf(after, other)) return one.from;
  }
  return null;
}

/** A comma before a closing bracket, where it means nothing. */
function isTrailingComma({ tokens }: Tree, index: number): boolean {
  return tokens[index]?.kind === ',' && CLOSING.includes(tokens[index + 1]?.kind ?? '');
}

function commentDifference(before: Tree, after: Tree): number | null {
  for (let index = 0; index < Math.max(before.comments.length, after.comments.length); index++) {
    const one = before.comments[index];
    const other = after.comments[index];
    if (!one || !other || textOf(before, one) !== textOf(after, other))
      return one?.from ?? before.source.length;
  }
  return null;
}

/** Of a string that goes on in the next line: what it leaves out there depends on the column of its quote. */
function columnDifference(before: Tree, after: Tree): number | null {
  const continued = (tree: Tree) => tree.tokens.filter((token) => isContinued(tree.source, token));
  const starts = continued(before);
  if (!starts.length) return null;
  const left = positions(before.source, before.odd);
  const right = positions(after.source, after.odd);
  const others = continued(after);
  const moved = starts.find(
    ({ from }, index) => left.positionAt(from).column !== right.positionAt(others[index]!.from).column,
  );
  return moved?.from ?? null;
}

function textOf({ source }: Tree, { from, to }: { from: number; to: number }): string {
  return source.slice(from, to);
}
