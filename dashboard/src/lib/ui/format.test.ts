import { expect, test } from 'vitest';

import { bytes, count, duration, fromNow } from './format';

test('figures are short and have a unit', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect([bytes(0), bytes(65536), bytes(1.5 * 1024 * 1024)]).toEqual(['0 B', '64 KiB', '1.5 MiB']);
  expect([duration(999), duration(1500), duration(42_300), duration(2_000_000)]).toEqual([
    '999 µs',
    '1.5 ms',
    '42 ms',
    '2 s',
  ]);
});

test('times are told from now', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(fromNow('2026-11-20T11:57:10Z', now)).toBe('2 minutes ago');
  expect(fromNow('2026-11-27T12:00:00Z', now)).toBe('in 7 days');
  expect(fromNow('2026-11-20T12:00:00Z', now)).toBe('now');
});
