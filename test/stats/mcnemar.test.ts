import binomialTest from '@stdlib/stats-binomial-test';
import * as assert from 'uvu/assert';
import { mcnemar, pairedDifference } from '../../src/stats/mcnemar.ts';
import { describe } from '../describe.ts';
import { close, near } from './close.ts';

describe('mcnemar', (it) => {
  it('gives the p-values of methods.md B2', () => {
    const exact = [
      [2, 0, 0.5, 0.25],
      [5, 0, 0.0625, 0.03125],
      [6, 0, 0.03125, 0.015625],
      [10, 2, 0.03857421875, 0.0224609375],
      [12, 2, 0.012939453125, 0.00738525390625],
      [25, 23, 0.8854334972865132, 0.7754496546815659],
      [30, 19, 0.15240777196147803, 0.11892045255943628],
      [40, 20, 0.01348929373119186, 0.009853448195259264],
      [73, 71, 0.9336249535488027, 0.8681591543092656],
      [8, 8, 1, 0.9018096923828125],
      [0, 0, 1, 1],
      [1, 12, 0.00341796875, 0.0018310546875],
    ] as const;
    for (const [b, c, exactP, midP] of exact) {
      // A double holds 15 digits; the tail is a sum of some hundred terms' worth of rounding.
      close(mcnemar(b, c).exactP, exactP, 1e-12, `exact ${b}, ${c}`);
      close(mcnemar(b, c).midP, midP, 1e-12, `mid ${b}, ${c}`);
    }
  });

  it("agrees with stdlib's binomial test and does not mind the order", () => {
    for (const [b, c] of [
      [3, 9],
      [17, 4],
      [50, 61],
    ] as const) {
      close(mcnemar(b, c).exactP, binomialTest(b, b + c).pValue, 1e-11, `${b}, ${c}`);
      assert.equal(mcnemar(b, c), mcnemar(c, b));
    }
  });

  it('needs the differences of methods.md B2 to be significant', () => {
    const smallest = [
      [6, 6],
      [10, 8],
      [20, 10],
      [30, 12],
      [40, 14],
      [49, 15],
      [60, 18],
      [80, 20],
      [100, 22],
      [144, 26],
    ] as const;
    for (const [discordant, gap] of smallest) {
      const pOf = (difference: number): number =>
        mcnemar((discordant + difference) / 2, (discordant - difference) / 2).exactP;
      assert.ok(pOf(gap) <= 0.05, `${gap} of ${discordant}`);
      assert.ok(pOf(gap - 2) > 0.05, `${gap - 2} of ${discordant}`);
    }
  });
});

describe('pairedDifference', (it) => {
  it("gives Tango's intervals of methods.md B2", () => {
    const printed = [
      [1, 7, 21, -0.517232, -0.026003],
      [25, 23, 1226, -0.00979, 0.013158],
      [2, 0, 1226, -0.001497, 0.005929],
      [73, 71, 1226, -0.017732, 0.021022],
      [40, 20, 1226, 0.004058, 0.029407],
      [0, 0, 1226, -0.003124, 0.003124],
    ] as const;
    for (const [b, c, n, lower, upper] of printed) {
      const interval = pairedDifference(b, c, n)?.interval;
      near(interval?.lower, lower, 5.1e-7, `${b}, ${c}, ${n} lower`);
      near(interval?.upper, upper, 5.1e-7, `${b}, ${c}, ${n} upper`);
    }
  });

  it('gives the difference and its p-values', () => {
    const found = pairedDifference(25, 23, 1226);
    near(found?.difference, 0.001631, 5e-7);
    near(found?.exactP, 0.885433, 5e-7);
    near(found?.midP, 0.77545, 5e-7);
  });

  it('turns its sign with the order of the models', () => {
    const there = pairedDifference(40, 20, 1226);
    const back = pairedDifference(20, 40, 1226);
    near(back?.interval.lower, -(there?.interval.upper ?? Number.NaN), 1e-12);
    near(back?.interval.upper, -(there?.interval.lower ?? Number.NaN), 1e-12);
  });

  it('stays within -1 and 1', () => {
    assert.is(pairedDifference(5, 0, 5)?.interval.upper, 1);
    assert.is(pairedDifference(0, 5, 5)?.interval.lower, -1);
  });

  it('knows nothing without images and takes no impossible counts', () => {
    assert.is(pairedDifference(0, 0, 0), undefined);
    assert.throws(() => pairedDifference(3, 3, 5), /not counts of 5/);
    assert.throws(() => pairedDifference(-1, 0, 5), /not counts of 5/);
  });
});
