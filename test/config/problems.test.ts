import * as assert from 'uvu/assert';
import { z } from 'zod';
import { check } from '../../src/config/problems.ts';
import { describe } from '../describe.ts';

const schema = z.strictObject({ a: z.number(), b: z.number(), c: z.number(), d: z.number(), e: z.number() });

describe('check', (it) => {
  it('hands back the value with its defaults', () => {
    assert.equal(check(z.strictObject({ size: z.number().default(3) }), {}), { ok: true, value: { size: 3 } });
  });

  it('tells three problems and counts the rest', () => {
    assert.equal(check(schema, {}), {
      ok: false,
      problem:
        '`a` is missing: expected a number; `b` is missing: expected a number; `c` is missing: expected a number; and 2 more',
    });
  });
});
