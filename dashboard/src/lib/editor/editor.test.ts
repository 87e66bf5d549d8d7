import { expect, test } from 'vitest';

import { offsetOf } from './position';
import { marksOf } from './server-lint';

test('a position is counted in characters, an offset in UTF-16', () => {
  const source = 'let a = "🦀";\nlet é = 1;\n';
  expect(offsetOf(source, 1, 1)).toBe(0);
  expect(source.slice(offsetOf(source, 1, 12))).toMatch(/^;/);
  expect(source.slice(offsetOf(source, 2, 5))).toMatch(/^é/);
  expect(offsetOf(source, 1, 99)).toBe(source.indexOf('\n'));
  expect(offsetOf(source, 99, 1)).toBe(source.length);
});

test('a warning of the server is marked as one, and what has no place is not', () => {
  const found = { code: 'any', message: 'no', line: 2, column: 1, severity: 'error' } as const;
  const warning = { ...found, severity: 'warning', column: 9 } as const;
  const marks = marksOf('ab\ncd', [found, warning, { ...found, line: 0 }]);
  expect(marks.map(({ from, to, severity }) => [from, to, severity])).toEqual([
    [3, 5, 'error'],
    [5, 5, 'warning'],
  ]);
});
