// For the formatter's tests.
import { expect } from 'vitest';

import { format } from './format';

export function formatted(source: string): string {
  const answer = format(source);
  if (!answer.ok) throw new Error(`${answer.error.message} (${answer.error.line}:${answer.error.col})`);
  return answer.text;
}

/** Formatted, a source looks as expected, and so does what is expected. The latter may begin on a line of its own. */
export function shows(source: string, expected: string): void {
  const text = expected.replace(/^\n/, '');
  expect(formatted(source)).toBe(text);
  expect(formatted(text)).toBe(text);
}
