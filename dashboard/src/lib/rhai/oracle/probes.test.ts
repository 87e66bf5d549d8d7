// The probes of the grammar, with what Rhai's parser says about each: `[source, mode, line of its error or null]`.
import { describe, expect, it } from 'vitest';

import { parsed } from '.';
import { probes } from './corpus';

describe('the probes of the grammar', () => {
  it('are accepted and refused as by Rhai, on the same line', () => {
    for (const [source, mode, line] of probes()) {
      const { errors } = parsed(source, { mode: mode === 'expression' ? 'expression' : 'script' });
      expect([source, errors[0]?.line ?? null]).toEqual([source, line]);
    }
  });
});
