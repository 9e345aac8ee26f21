import * as assert from 'uvu/assert';
import { minimumSamples, nearestRank, sortSamples, tailQuantile, upperRank } from '../../src/stats/quantile.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

describe('sortSamples', (it) => {
  it('sorts numbers as numbers and leaves its input alone', () => {
    const samples = [10, 9, 100, -1];
    assert.equal([...sortSamples(samples)], [-1, 9, 10, 100]);
    assert.equal(samples, [10, 9, 100, -1]);
  });

  it('refuses what is no finite number', async () => {
    await rejects(() => sortSamples([1, Number.NaN]), /sample 1 is NaN/);
    await rejects(() => sortSamples([Infinity]), /sample 0 is Infinity/);
  });
});

describe('nearestRank', (it) => {
  it('is an observed value: 9 for the p90 of 1..9 and 100', () => {
    assert.is(sortSamples([100, 1, 2, 3, 4, 5, 6, 7, 8, 9])[nearestRank(10, 0.9) - 1], 9);
  });

  it('is not moved by the rounding of n p', () => {
    assert.is(nearestRank(1000, 0.999), 999);
    assert.is(nearestRank(100, 0.07), 7);
    assert.ok(Math.ceil(100 * 0.07) > 7, 'the product alone rounds up');
  });

  it('is 1 at least', () => {
    assert.is(nearestRank(1, 0.5), 1);
    assert.is(nearestRank(3, 0.001), 1);
  });
});

describe('the distribution-free bounds on a quantile', (it) => {
  // methods.md A2: n, p, one-sided upper ranks at 95 and 99 %.
  const none = undefined;
  const table = [
    [20, 0.5, 15, 16],
    [100, 0.5, 59, 63],
    [100, 0.9, 96, 97],
    [299, 0.99, 299, none],
    [368, 0.99, 368, none],
    [500, 0.99, 499, 500],
    [1000, 0.5, 527, 538],
    [1000, 0.9, 916, 922],
    [1000, 0.95, 962, 966],
    [1000, 0.99, 996, 998],
    [1000, 0.999, none, none],
    [10_000, 0.99, 9917, 9923],
    [10_000, 0.999, 9996, 9998],
  ] as const;

  it('give the ranks of methods.md A2', () => {
    for (const [n, p, at95, at99] of table) {
      const what = `p${p * 100} of ${n}`;
      assert.is(upperRank(n, p, 0.95), at95, what);
      assert.is(upperRank(n, p, 0.99), at99, what);
    }
    assert.is(upperRank(5000, 0.99, 0.95), 4962);
  });

  it('do not exist below the least number of samples', () => {
    assert.is(upperRank(298, 0.99, 0.95), undefined);
    assert.is(minimumSamples(0.99, 0.95), 299);
    assert.is(minimumSamples(0.99, 0.975), 368, 'two-sided');
    assert.is(minimumSamples(0.999, 0.95), 2995);
    assert.is(upperRank(0, 0.5, 0.95), undefined);
  });

  it('know how many samples a number of misses needs', () => {
    assert.is(minimumSamples(0.99, 0.95, 1), 473);
    assert.is(minimumSamples(0.99, 0.95, 5), 1049);
  });
});

describe('tailQuantile', (it) => {
  it('gives the value and its upper bound', () => {
    const sorted = sortSamples(upTo(1000));
    assert.equal(tailQuantile(sorted, 0.99, 0.95), { state: 'measured', value: 990, upperBound: 996 });
    assert.equal(tailQuantile(sorted, 0.5, 0.95), { state: 'measured', value: 500, upperBound: 527 });
  });

  it('says how many samples are missing instead of a number that is not known', () => {
    assert.equal(tailQuantile(sortSamples(upTo(1000)), 0.999, 0.95), { state: 'not enough samples', needs: 2995 });
    assert.equal(tailQuantile(sortSamples(upTo(298)), 0.99, 0.95), { state: 'not enough samples', needs: 299 });
    assert.equal(tailQuantile(sortSamples([]), 0.5, 0.95), { state: 'not enough samples', needs: 5 });
  });

  it('starts at exactly that number', () => {
    assert.is(tailQuantile(sortSamples(upTo(299)), 0.99, 0.95).state, 'measured');
    assert.is(tailQuantile(sortSamples(upTo(5)), 0.5, 0.95).state, 'measured');
  });
});
