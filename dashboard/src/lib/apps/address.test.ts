import { expect, test } from 'vitest';

import { addressOf } from './address';

test('an app is where the dashboard is, by the name that works there', () => {
  const place = { apps_port: 8080, base_domain: null };
  expect(addressOf('shop', place, '127.0.0.1')).toBe('http://shop.localhost:8080/');
  expect(addressOf('shop', place, 'pi.lan')).toBe('http://pi.lan:8080/~shop/');
  expect(addressOf('shop', { ...place, base_domain: 'example.org' }, 'pi.lan')).toBe(
    'https://shop.example.org/',
  );
});
