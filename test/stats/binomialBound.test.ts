import * as assert from 'uvu/assert';
import { binomialCdf } from '../../src/stats/binomial.ts';
import { largestCount, smallestTrials, staysWithin } from '../../src/stats/binomialBound.ts';
import { complement } from '../../src/stats/complement.ts';
import { describe } from '../describe.ts';

/** methods.md A1, equal to LoadGen's own C++: share, confidence, then the least n for 0, 1, 2, ... late ones. */
const lateCounts = [0, 1, 2, 3, 4, 5, 10, 20, 50, 100];
const leastTrials = [
  [0.9, 0.99, [44, 64, 81, 97, 113, 127, 197, 325, 681, 1246]],
  [0.95, 0.99, [90, 130, 165, 198, 229, 259, 398, 656, 1372, 2504]],
  [0.99, 0.99, [459, 662, 838, 1001, 1157, 1307, 2010, 3304, 6898, 12_571]],
  [0.999, 0.99, [4603, 6636, 8403, 10_042, 11_601, 13_105, 20_140, 33_097, 69_058, 125_826]],
  [0.9, 0.95, [29, 46, 61, 76, 89, 103, 167, 286, 627, 1172]],
  [0.95, 0.95, [59, 93, 124, 153, 181, 208, 336, 577, 1260, 2353]],
  [0.99, 0.95, [299, 473, 628, 773, 913, 1049, 1693, 2902, 6323, 11_799]],
  [0.999, 0.95, [2995, 4742, 6294, 7752, 9151, 10_511, 16_959, 29_058, 63_281, 118_071]],
] as const;

describe('smallestTrials', (it) => {
  it('gives the early stopping table of MLPerf', () => {
    for (const [share, confidence, row] of leastTrials) {
      const ours = lateCounts.map((late) => smallestTrials(late, complement(share), complement(confidence)));
      assert.equal(ours, [...row], `${share} at ${confidence}`);
    }
  });

  it('gives the rows of a plan that spends its error over many looks', () => {
    // methods.md A1: row t is tested at 0.05 * 6 / (pi^2 (t + 1)^2).
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((late) =>
      smallestTrials(late, 0.01, (0.05 * 6) / (Math.PI ** 2 * (late + 1) ** 2)),
    );
    assert.equal(rows, [348, 693, 972, 1220, 1449, 1664, 1869, 2067]);
  });
});

describe('largestCount', (it) => {
  it('reproduces what public LoadGen logs discarded', () => {
    // "Would discard" is one less than the late ones allowed (methods.md A1), at 90 % and 99 %.
    const logs = [
      [100, 2],
      [201, 9],
      [659, 47],
      [708, 51],
      [10_000, 929],
      [79_944, 7796],
    ] as const;
    for (const [queries, discarded] of logs) {
      assert.is(largestCount(queries, 0.1, 0.01), discarded + 1, `${queries} queries`);
    }
  });

  it('is the inverse of smallestTrials', () => {
    for (const [share, confidence, row] of leastTrials) {
      for (const [index, trials] of row.entries()) {
        const late = lateCounts[index] ?? Number.NaN;
        const rate = complement(share);
        const alpha = complement(confidence);
        assert.is(largestCount(trials, rate, alpha), late);
        assert.is(largestCount(trials - 1, rate, alpha), late === 0 ? undefined : late - 1);
      }
    }
  });

  it('gives the false rejects that 660 clean items allow at 95 %', () => {
    // methods.md C5.
    const allowed = [0.01, 0.02, 0.03, 0.05, 0.1].map((rate) => largestCount(660, rate, 0.05));
    assert.equal(allowed, [2, 7, 12, 23, 53]);
  });

  it('finds nothing in no trials', () => {
    assert.is(largestCount(0, 0.01, 0.05), undefined);
  });

  it('lets an exact tie count as proof', () => {
    // 0.5^2 is exactly 0.25, whatever the rounding of the tail.
    assert.is(largestCount(2, 0.5, 0.25), 0);
    assert.is(smallestTrials(0, 0.5, 0.25), 2);
    assert.ok(staysWithin(binomialCdf(0, 2, 0.5), 0.25));
    assert.not(staysWithin(0.2500001, 0.25));
  });
});

describe('complement', (it) => {
  it('has none of the noise of a subtraction', () => {
    assert.is(complement(0.99), 0.01);
    assert.is(complement(0.95), 0.05);
    assert.is(complement(0.999), 0.001);
    assert.is.not(1 - 0.99, 0.01);
  });

  it('takes no share that can be neither proven nor refuted', () => {
    for (const share of [0, 1, -0.1, 1.1, Number.NaN]) {
      assert.throws(() => complement(share), /strictly between 0 and 1/, String(share));
    }
  });
});
