import { expect, test } from 'vitest';

import { offsetOf } from './position';

test('a position is counted in characters, an offset in UTF-16', () => {
  const source = 'let a = "🦀";\nlet é = 1;\n';
  expect(offsetOf(source, 1, 1)).toBe(0);
  expect(source.slice(offsetOf(source, 1, 12))).toMatch(/^;/);
  expect(source.slice(offsetOf(source, 2, 5))).toMatch(/^é/);
  expect(offsetOf(source, 1, 99)).toBe(source.indexOf('\n'));
  expect(offsetOf(source, 99, 1)).toBe(source.length);
});
