import * as assert from 'uvu/assert';
import { hodgesLehmann, minimumPairs } from '../../src/stats/hodgesLehmann.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { roughNormal } from './vectors.ts';
import { near } from './close.ts';

/** The ten rounds of methods.md A7. */
const A = [12.1, 12.05, 12.3, 12.22, 12.15, 12.4, 12.08, 12.18, 12.27, 12.11];
const B = [12.31, 12.2, 12.43, 12.3, 12.12, 12.66, 12.25, 12.33, 12.49, 12.2];

function logRatios(before: readonly number[], after: readonly number[]): number[] {
  return before.map((value, index) => Math.log((after[index] ?? Number.NaN) / value));
}

describe('hodgesLehmann', (it) => {
  it('gives the ratio and interval of methods.md A7', () => {
    const found = hodgesLehmann(logRatios(A, B), 0.95);
    near(Math.exp(found?.estimate ?? Number.NaN), 1.0123194608, 5.1e-11);
    near(Math.exp(found?.interval.lower ?? Number.NaN), 1.0069891624, 5.1e-11);
    near(Math.exp(found?.interval.upper ?? Number.NaN), 1.0166323014, 5.1e-11);
    near(found?.coverage, 0.951172, 5.1e-7);
  });

  it('turns the ratio over with the order of the models', () => {
    const there = hodgesLehmann(logRatios(A, B), 0.95);
    const back = hodgesLehmann(logRatios(B, A), 0.95);
    near(back?.estimate, -(there?.estimate ?? Number.NaN), 1e-15);
    near(back?.interval.lower, -(there?.interval.upper ?? Number.NaN), 1e-15);
    near(back?.interval.upper, -(there?.interval.lower ?? Number.NaN), 1e-15);
  });

  it('ends where the test by brute force over all signs stops rejecting', () => {
    const differences = [0.3, -0.1, 0.8, 0.45, 0.21, -0.33, 0.62, 0.14];
    const found = hodgesLehmann(differences, 0.9);
    assert.ok(found !== undefined);
    const step = 1e-9;
    for (const [inside, outside] of [
      [found.interval.lower + step, found.interval.lower - step],
      [found.interval.upper - step, found.interval.upper + step],
    ] as const) {
      assert.ok(signedRankP(differences, inside) > 0.1, `${inside} is not rejected`);
      assert.ok(signedRankP(differences, outside) <= 0.1, `${outside} is rejected`);
    }
  });

  it('has an interval from 6 pairs on at 95 %: the range of the differences', () => {
    assert.is(minimumPairs(0.95), 6);
    assert.is(hodgesLehmann([1, 2, 3, 4, 5], 0.95), undefined);
    assert.equal(hodgesLehmann([1, 2, 3, 4, 5, 6], 0.95)?.interval, { lower: 1, upper: 6 });
    assert.is(hodgesLehmann([], 0.95), undefined);
  });

  it('covers the truth as often as it says', () => {
    const random = mulberry32(7);
    const sessions = 2000;
    let covered = 0;
    for (let session = 0; session < sessions; session++) {
      const found = hodgesLehmann(
        Array.from({ length: 10 }, () => 0.5 + roughNormal(random)),
        0.95,
      );
      covered += found !== undefined && found.interval.lower <= 0.5 && found.interval.upper >= 0.5 ? 1 : 0;
    }
    // Three standard errors of 2000 sessions around a coverage of 0.9512.
    near(covered / sessions, 0.9512, 0.0145);
  });

  it('takes a thousand rounds, whose counts no double holds', () => {
    const found = hodgesLehmann(
      Array.from({ length: 1000 }, (_, index) => index / 1000),
      0.95,
    );
    near(found?.estimate, 0.4995, 1e-12);
    assert.ok((found?.coverage ?? 0) >= 0.95 && (found?.coverage ?? 1) < 0.951);
  });

  it('takes no difference that is not finite', () => {
    assert.throws(() => hodgesLehmann([1, 2, 3, 4, 5, Number.NaN], 0.95), /not finite/);
  });
});

/** The two-sided signed-rank p of a location, from all 2^n signs. */
function signedRankP(differences: readonly number[], location: number): number {
  const ranked = differences
    .map((value) => value - location)
    .toSorted((a, b) => Math.abs(a) - Math.abs(b))
    .map((value, index) => ({ rank: index + 1, positive: value > 0 }));
  const observed = ranked.reduce((sum, { rank, positive }) => sum + (positive ? rank : 0), 0);
  const total = 2 ** differences.length;
  let [below, above] = [0, 0];
  for (let signs = 0; signs < total; signs++) {
    const sum = ranked.reduce((all, { rank }, index) => all + ((signs >> index) & 1 ? rank : 0), 0);
    below += sum <= observed ? 1 : 0;
    above += sum >= observed ? 1 : 0;
  }
  return Math.min(1, (2 * Math.min(below, above)) / total);
}
