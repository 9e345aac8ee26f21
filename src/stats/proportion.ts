import { betaQuantile } from './beta.ts';
import { complement } from './complement.ts';
import { normalQuantile } from './normal.ts';

/** Both ends belong to it. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** The confidence of the two-sided intervals that stand beside a rate for the reader. */
export const DISPLAY_CONFIDENCE = 0.95;

function checkCounts(k: number, n: number): void {
  const counts = Number.isSafeInteger(k) && Number.isSafeInteger(n) && k >= 0 && k <= n;
  if (!counts) throw new RangeError(`not a count of a total: ${k} of ${n}`);
}

/**
 * Wilson's score interval for `k` of `n` (Wilson 1927; methods.md B1). For display: near 0 and 1 its
 * coverage can fall below the nominal one.
 *
 * @returns undefined when n is 0: nothing is known of the rate
 */
export function wilson(k: number, n: number, confidence: number): Interval | undefined {
  checkCounts(k, n);
  if (n === 0) return undefined;
  const z = normalQuantile(1 - complement(confidence) / 2);
  const share = k / n;
  const shrink = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / shrink;
  const half = (z / shrink) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { lower: k === 0 ? 0 : centre - half, upper: k === n ? 1 : centre + half };
}

/**
 * The exact two-sided interval for `k` of `n` (Clopper & Pearson 1934; methods.md B1). For every
 * claim of safety.
 *
 * @returns undefined when n is 0
 */
export function clopperPearson(k: number, n: number, confidence: number): Interval | undefined {
  const alpha = complement(confidence) / 2;
  const lower = oneSidedLower(k, n, alpha);
  const upper = oneSidedUpper(k, n, alpha);
  return lower === undefined || upper === undefined ? undefined : { lower, upper };
}

/**
 * The exact upper bound on the probability behind `k` of `n` (methods.md A3, C3). For k = 0 it is
 * 1 - alpha^(1/n), near 3/n at 95 %.
 *
 * @param alpha the chance of being wrong: 0.05 for 95 % confidence
 * @returns undefined when n is 0
 */
export function oneSidedUpper(k: number, n: number, alpha: number): number | undefined {
  checkCounts(k, n);
  if (n === 0) return undefined;
  if (k === n) return 1;
  if (k === 0) return -Math.expm1(Math.log(alpha) / n);
  return betaQuantile(1 - alpha, k + 1, n - k);
}

/** The exact lower bound, the mirror image of `oneSidedUpper`. */
export function oneSidedLower(k: number, n: number, alpha: number): number | undefined {
  checkCounts(k, n);
  if (n === 0) return undefined;
  if (k === 0) return 0;
  if (k === n) return Math.exp(Math.log(alpha) / n);
  return betaQuantile(alpha, k, n - k + 1);
}
