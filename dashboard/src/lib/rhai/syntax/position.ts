// Offsets in the text to Rhai's lines and columns, and back.

/** Rhai's position: both count from 1, a column is a Unicode character, and neither goes beyond 65,535. */
export interface Position {
  line: number;
  column: number;
}

export interface Positions {
  positionAt: (offset: number) => Position;
  /** The offset of a position; one beyond a line or the text is its end. */
  offsetAt: (line: number, column: number) => number;
}

const LARGEST = 65_535;

/** `odd`: the characters that Rhai's lexer counts in its own way (`Tree.odd`). */
export function positions(source: string, odd: readonly number[] = []): Positions {
  const exceptions = new Set(odd);
  const starts = lineStarts(source, exceptions);

  /** Goes from a line's start, or from a column of it, to an offset or a column, whichever comes first. */
  function scan(start: number, offset: number, column: number, reached = 1) {
    let at = start;
    while (at < offset && reached < column) {
      const code = source.codePointAt(at)!;
      if (code !== 36 || !exceptions.has(at)) reached++;
      at += code > 0xffff ? 2 : 1;
    }
    return { at, column: reached };
  }

  // Where the last question was about: those that follow it on the same line go on from there.
  let last = 0;
  let reached = 1;

  return {
    positionAt(offset) {
      const line = lineOf(starts, offset);
      const start = starts[line]!;
      const goesOn = last >= start && last <= offset;
      const { at, column } = scan(goesOn ? last : start, offset, LARGEST, goesOn ? reached : 1);
      last = at;
      reached = column;
      return { line: Math.min(line + 1, LARGEST), column };
    },
    offsetAt(line, column) {
      if (line > starts.length) return source.length;
      const start = starts[Math.max(line, 1) - 1]!;
      const next = starts[Math.max(line, 1)];
      return scan(start, next === undefined ? source.length : next - 1, column).at;
    },
  };
}

function lineStarts(source: string, exceptions: Set<number>): number[] {
  const starts = [0];
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === 10 ? !exceptions.has(at) : code === 13 && exceptions.has(at)) starts.push(at + 1);
  }
  return starts;
}

/** The index of the line an offset is in. */
function lineOf(starts: number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
