import * as assert from 'uvu/assert';
import { mannKendall } from '../../src/stats/mannKendall.ts';
import { describe } from '../describe.ts';

/** The vectors of methods.md A5, printed there to six digits. */
const VECTORS = [
  { values: [12.0, 12.1, 11.9, 12.2, 12.2, 12.4, 12.3, 12.5, 12.6, 12.5], s: 35, z: 3.065677, p: 0.0021717797 },
  { values: [1, 2, 3, 4, 5], s: 10, z: 2.204541, p: 0.0274863 },
  { values: [5, 3, 4, 1, 2], s: -6, z: -1.224745, p: 0.220671 },
];

describe('mannKendall', (it) => {
  it('agrees with the vectors of methods.md A5, ties included', () => {
    for (const { values, s, z, p } of VECTORS) {
      const trend = mannKendall(values);
      assert.is(trend?.s, s);
      assert.ok(Math.abs((trend?.z ?? 0) - z) < 5e-7, `${trend?.z}`);
      assert.ok(Math.abs((trend?.p ?? 0) - p) < 5e-7, `${trend?.p}`);
    }
  });

  it('counts every pair, as the definition says', () => {
    const values = Array.from({ length: 200 }, (_, index) => (index * 7919) % 31);
    const pairs = values.flatMap((value, index) => values.slice(index + 1).map((later) => Math.sign(later - value)));
    assert.is(
      mannKendall(values)?.s,
      pairs.reduce((sum, sign) => sum + sign, 0),
    );
  });

  it('takes as many values as a long training has epochs', () => {
    const n = 130_000;
    assert.is(mannKendall(Array.from({ length: n }, (_, index) => -index))?.s, (-n * (n - 1)) / 2);
  });

  it('knows no trend of fewer than three values, or of equal ones', () => {
    assert.is(mannKendall([1, 2]), undefined);
    assert.is(mannKendall([3, 3, 3, 3]), undefined);
  });
});
