import { expect, test } from 'vitest';

import { placeIn, queryOf } from './place';

test('a place goes through an address', () => {
  const place = { line: 3, column: 5 };
  expect(placeIn(new URLSearchParams(queryOf(place)))).toEqual(place);
  expect(queryOf(null)).toBe('');
});

test('an address without a place, or with nonsense, asks for none', () => {
  for (const query of ['', '?column=2', '?line=0&column=1', '?line=x', '?new=module']) {
    expect(placeIn(new URLSearchParams(query))).toBeNull();
  }
  expect(placeIn(new URLSearchParams('?line=4'))).toEqual({ line: 4, column: 1 });
});
