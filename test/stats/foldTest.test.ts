import * as assert from 'uvu/assert';
import { pairedFoldTest, welchFoldTest } from '../../src/stats/foldTest.ts';
import { studentTwoSided, studentTwoSidedQuantile } from '../../src/stats/studentT.ts';
import { describe } from '../describe.ts';
import { close, near } from './close.ts';

describe("Student's t", (it) => {
  it('has the quantiles of the printed tables', () => {
    // Two-sided 5 % and 1 %, as in every table of t.
    for (const [freedom, five, one] of [
      [1, 12.706_204_736, 63.656_741_162],
      [4, 2.776_445_105, 4.604_094_871],
      [9, 2.262_157_163, 3.249_835_542],
      [30, 2.042_272_456, 2.749_995_653],
    ] as const) {
      close(studentTwoSidedQuantile(0.05, freedom), five, 1e-9, `5 %, ${freedom}`);
      close(studentTwoSidedQuantile(0.01, freedom), one, 1e-9, `1 %, ${freedom}`);
    }
  });

  it('has the closed form of the Cauchy distribution with one degree of freedom', () => {
    for (const t of [0.01, 0.5, 1, 7, 1e4]) {
      close(studentTwoSided(t, 1), (2 / Math.PI) * Math.atan(1 / t), 1e-12, `${t}`);
    }
    near(studentTwoSided(0, 5), 1, 1e-15);
    assert.is(studentTwoSided(Number.POSITIVE_INFINITY, 5), 0);
  });
});

describe('pairedFoldTest', (it) => {
  const first = [0.81, 0.8, 0.83, 0.79, 0.82];
  const second = [0.8, 0.8, 0.8, 0.79, 0.8];

  it('is the corrected resampled t-test: the plain one with the error larger by the root of 1 + k / (k - 1)', () => {
    // By hand: differences 0.01, 0, 0.03, 0, 0.02; mean 0.012, variance 0.00017; error of the mean
    // sqrt(0.00017 * (1/5 + 1/4)) = 0.00874643; t = 1.371988 with 4 degrees of freedom, p from SciPy.
    const test = pairedFoldTest(first, second);
    near(test?.difference, 0.012, 1e-12);
    close(test?.p, studentTwoSided(0.012 / Math.sqrt(0.000_17 * 0.45), 4), 1e-9);
    near(test?.p, 0.241_981_530_568, 1e-12);
    near(test?.interval[0], 0.012 - 2.776_445 * 0.008_746_43, 1e-7);
    near(test?.interval[1], 0.012 + 2.776_445 * 0.008_746_43, 1e-7);
  });

  it('turns with the order of the two', () => {
    const [one, other] = [pairedFoldTest(first, second), pairedFoldTest(second, first)];
    near(other?.difference, -(one?.difference ?? 0), 1e-15);
    near(other?.p, one?.p ?? 0, 1e-15);
  });

  it('is certain of a difference that is the same in every fold, and of none that is zero', () => {
    const constant = pairedFoldTest([0.75, 0.5, 1], [0.5, 0.25, 0.75]);
    assert.equal([constant?.difference, constant?.p, constant?.interval], [0.25, 0, [0.25, 0.25]]);
    assert.is(pairedFoldTest([0.5, 0.25], [0.5, 0.25])?.p, 1);
  });

  it('has no answer for fewer than two folds', () => {
    assert.is(pairedFoldTest([0.9], [0.8]), undefined);
    assert.is(pairedFoldTest([], []), undefined);
  });
});

describe('welchFoldTest', (it) => {
  it('finds less than the paired test does on folds that move together', () => {
    const [a, b] = [
      [0.7, 0.8, 0.9],
      [0.69, 0.789, 0.888],
    ];
    assert.ok((pairedFoldTest(a, b)?.p ?? 1) < 0.05);
    assert.ok((welchFoldTest(a, b)?.p ?? 0) > 0.9);
  });

  it('has the degrees of freedom of Welch and Satterthwaite', () => {
    // Equal variances and counts: 2 (k - 1) degrees, error sqrt(2 s^2 (1/k + 1/(k - 1))).
    const test = welchFoldTest([1, 2, 3], [3, 4, 5]);
    close(test?.p, studentTwoSided(2 / Math.sqrt(2 * (1 / 3 + 1 / 2)), 4), 1e-12);
  });

  it('has no answer where one has fewer than two folds', () => {
    assert.is(welchFoldTest([0.9], [0.8, 0.7]), undefined);
  });
});
