// Positions as the compiler tells them (lines and Unicode characters from 1) and as the DOM wants them (UTF-16 from 0).

/** The offset of a position; one past the end of its line is the end of the line. */
export function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = source.indexOf('\n', start);
    if (end < 0) return source.length;
    start = end + 1;
  }
  const end = source.indexOf('\n', start);
  const characters = [...source.slice(start, end < 0 ? source.length : end)];
  return start + characters.slice(0, Math.max(0, column - 1)).join('').length;
}
