import { expect, test } from 'vitest';

import { addressOf } from './address';
import { emptyEvent, eventOf, readable } from './event';
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

test('an app is where the dashboard is, by the name that works there', () => {
  const place = { apps_port: 8080, base_domain: null };
  expect(addressOf('shop', place, '127.0.0.1')).toBe('http://shop.localhost:8080/');
  expect(addressOf('shop', place, 'pi.lan')).toBe('http://pi.lan:8080/~shop/');
  expect(addressOf('shop', { ...place, base_domain: 'example.org' }, 'pi.lan')).toBe(
    'https://shop.example.org/',
  );
});

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
