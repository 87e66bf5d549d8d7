import { expect, test } from 'vitest';

import { emptyEvent, eventOf, readable } from './event';

test('an event is read from its form', () => {
  const form = {
    ...emptyEvent(),
    method: 'POST',
    path: '/orders?a=1&b=?',
    headers: 'accept: a\naccept: b\n\nx: http://y',
    params: 'id = 7',
    body: '{}',
  };
  expect(eventOf(form)).toEqual({
    method: 'POST',
    path: '/orders',
    query: 'a=1&b=?',
    headers: { accept: ['a', 'b'], x: ['http://y'] },
    params: { id: '7' },
    body: '{}',
  });
  expect(eventOf(emptyEvent())).toMatchObject({ path: '/', query: '', body: null });
});

test('a line that is no pair is named', () => {
  expect(() => eventOf({ ...emptyEvent(), headers: 'accept' })).toThrow(
    'headers: write "name: value", not "accept"',
  );
});

test('a JSON body is laid out, another is left alone', () => {
  const reply = (type: string, body: string) =>
    readable({ status: 200, headers: [['Content-Type', type]], body, body_base64: null });
  expect(reply('application/json', '{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(reply('application/json', '{')).toBe('{');
  expect(reply('text/plain', '{"a":1}')).toBe('{"a":1}');
});
