import { expect, test } from 'vitest';

import { indent } from './indent';
import { linesOf, offsetOf } from './position';

/** What a field with `|` at both ends of its selection looks like after the Tab key. */
function tab(field: string, back = false): string {
  const [before, selected, after] = field.split('|') as [string, string, string];
  const source = before + selected + after;
  const edit = indent(source, before.length, before.length + selected.length, back);
  const text = source.slice(0, edit.from) + edit.text + source.slice(edit.to);
  return `${text.slice(0, edit.start)}|${text.slice(edit.start, edit.end)}|${text.slice(edit.end)}`;
}

test('a tab is put in at the caret, or in place of a part of a line', () => {
  expect(tab('a||b')).toBe('a\t||b');
  expect(tab('a|xx|b')).toBe('a\t||b');
});

test('selected lines move in and out together; empty ones stay empty', () => {
  expect(tab('a|b\n\nc|d')).toBe('\ta|b\n\n\tc|d');
  expect(tab('\ta|b\n\n    c|d', true)).toBe('a|b\n\nc|d');
  expect(tab('a||b', true)).toBe('a||b');
  expect(tab('\t||b', true)).toBe('||b');
});

test('a position is counted in characters, an offset in UTF-16', () => {
  const source = 'let a = "🦀";\nlet é = 1;\n';
  expect(offsetOf(source, 1, 1)).toBe(0);
  expect(source.slice(offsetOf(source, 1, 12))).toMatch(/^;/);
  expect(source.slice(offsetOf(source, 2, 5))).toMatch(/^é/);
  expect(offsetOf(source, 1, 99)).toBe(source.indexOf('\n'));
  expect(offsetOf(source, 99, 1)).toBe(source.length);
  expect(linesOf(source)).toBe(3);
});
