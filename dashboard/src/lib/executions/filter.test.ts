import { expect, test } from 'vitest';

import { withFilter } from './filter';

test('one filter changes, the others stay', () => {
  const before = new URLSearchParams('script=a%2Fb&ending=threw');
  expect(withFilter(before, 'ending', 'replied')).toBe('?script=a%2Fb&ending=replied');
  expect(withFilter(before, 'ending', '')).toBe('?script=a%2Fb');
  expect(before.get('ending')).toBe('threw');
});
