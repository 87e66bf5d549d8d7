// What the Tab key does in a plain text field.

/** Replace `from..to` by `text`, then select `start..end`. Offsets are UTF-16, as everywhere in the DOM. */
export interface Edit {
  from: number;
  to: number;
  text: string;
  start: number;
  end: number;
}

/** A tab at the caret; with several lines selected, each of them one level in (or out with `back`). */
export function indent(source: string, start: number, end: number, back = false): Edit {
  const selected = source.slice(start, end);
  if (!back && !selected.includes('\n')) {
    return { from: start, to: end, text: '\t', start: start + 1, end: start + 1 };
  }
  const from = source.lastIndexOf('\n', start - 1) + 1;
  const lines = source.slice(from, end).split('\n');
  const moved = lines.map((line) => (back ? line.replace(/^(\t| {1,4})/, '') : line && `\t${line}`));
  const text = moved.join('\n');
  const first = moved[0]!.length - lines[0]!.length;
  return { from, to: end, text, start: Math.max(from, start + first), end: from + text.length };
}
