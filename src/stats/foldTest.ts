import { mean, standardDeviation } from './summary.ts';
import { studentTwoSided, studentTwoSidedQuantile } from './studentT.ts';

/** What the folds say about the difference of two means. */
export interface FoldTest {
  /** The first mean less the second. */
  readonly difference: number;
  /** At 95 %. */
  readonly interval: readonly [number, number];
  /** Two-sided. */
  readonly p: number;
}

const LEVEL = 0.05;

/**
 * Whether two models differ, by their scores on the same folds: the corrected resampled t-test of
 * Nadeau and Bengio (2003, Machine Learning 52, section 3.2). The folds' trainings share their data,
 * so the scores are not independent and the plain paired t-test finds differences that are none; the
 * correction counts each of k folds with `1/k + 1/(k - 1)`, the second term being a fold's test
 * images over its training images.
 *
 * @param first one score per fold, in the folds' order
 * @param second the other model's scores on the same folds
 * @returns `undefined` for fewer than two folds, which have no spread
 */
export function pairedFoldTest(first: readonly number[], second: readonly number[]): FoldTest | undefined {
  const differences = first.flatMap((value, index) => {
    const other = second[index];
    return other === undefined ? [] : [value - other];
  });
  const difference = mean(differences);
  const variance = varianceOfMean(differences);
  return difference === undefined || variance === undefined
    ? undefined
    : judge(difference, variance, differences.length - 1);
}

/**
 * The same for models with folds of their own: Welch's t-test with the same correction of each
 * model's variance. It finds less than the paired test does.
 *
 * @returns `undefined` where one of them has fewer than two folds
 */
export function welchFoldTest(first: readonly number[], second: readonly number[]): FoldTest | undefined {
  const [a, b] = [mean(first), mean(second)];
  const [va, vb] = [varianceOfMean(first), varianceOfMean(second)];
  if (a === undefined || b === undefined || va === undefined || vb === undefined) {
    return undefined;
  }
  const spread = va ** 2 / (first.length - 1) + vb ** 2 / (second.length - 1);
  // Without any spread every number of degrees answers the same.
  const freedom = spread === 0 ? 1 : (va + vb) ** 2 / spread;
  return judge(a - b, va + vb, freedom);
}

function varianceOfMean(values: readonly number[]): number | undefined {
  const deviation = standardDeviation(values);
  const k = values.length;
  return deviation === undefined ? undefined : deviation ** 2 * (1 / k + 1 / (k - 1));
}

function judge(difference: number, variance: number, freedom: number): FoldTest {
  const error = Math.sqrt(variance);
  const reach = error * studentTwoSidedQuantile(LEVEL, freedom);
  const p = difference === 0 ? 1 : studentTwoSided(difference / error, freedom);
  return { difference, interval: [difference - reach, difference + reach], p };
}
