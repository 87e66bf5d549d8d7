// What formatting must not change: tokens but for commas that end a list, comments, and the order of both.
import { positions } from '../syntax/position';
import type { Tree } from '../syntax/tree';
import { isContinued } from './run';

interface Part {
  from: number;
  text: string;
}

/** Where the first tree's text says something else than the second one's; null if nowhere. */
export function firstDifference(before: Tree, after: Tree): number | null {
  if (after.errors.length) return 0;
  const others = partsOf(after);
  // The last part of both is the end of the text, to which no other part is equal.
  const part = partsOf(before).find(({ text }, index) => text !== others[index]?.text);
  return part ? part.from : null;
}

function partsOf({ source, tokens, comments, odd }: Tree): Part[] {
  const parts: Part[] = [];
  const { positionAt } = positions(source, odd);
  let next = 0;
  tokens.forEach((token, index) => {
    const { kind, from, to } = token;
    for (let comment; (comment = comments[next]) && comment.before <= index; next++) {
      parts.push({ from: comment.from, text: source.slice(comment.from, comment.to) });
    }
    if (kind === ',' && CLOSING.includes(tokens[index + 1]!.kind)) return;
    // What a string leaves out in its other lines depends on the column of its quote.
    const column = isContinued(source, token) ? positionAt(from).column : '';
    parts.push({ from, text: kind + column + source.slice(from, to) });
  });
  return parts;
}

const CLOSING: readonly string[] = [')', ']', '}'];
