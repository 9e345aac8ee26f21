import { binomialCdf } from './binomial.ts';

// Early stopping, the order-statistic bound on a quantile, the Clopper-Pearson bound on a miss rate
// and the Neyman-Pearson umbrella rule are all P(Bin(n, rate) <= k) <= alpha (methods.md). It is
// decided here and nowhere else.

/**
 * Whether a tail probability stays within `alpha`. An exact tie (0.5^2 against 0.25) counts, so the
 * rounding of the tail, far below 1e-9 of it, is allowed for: 95 % confidence becomes 94.999999995 %.
 */
export function staysWithin(tail: number, alpha: number): boolean {
  return tail <= alpha * (1 + 1e-9);
}

/**
 * The largest k with P(Bin(n, rate) <= k) <= alpha: so many events of `n` still prove, at
 * confidence 1 - alpha, that their probability is at most `rate`.
 *
 * @returns undefined when not even k = 0 does
 */
export function largestCount(n: number, rate: number, alpha: number): number | undefined {
  const proves = (k: number): boolean => staysWithin(binomialCdf(k, n, rate), alpha);
  if (n < 1 || !proves(0)) return undefined;
  let enough = 0;
  let tooMany = n;
  while (tooMany - enough > 1) {
    const middle = Math.floor((enough + tooMany) / 2);
    if (proves(middle)) enough = middle;
    else tooMany = middle;
  }
  return enough;
}

/**
 * The smallest n with P(Bin(n, rate) <= k) <= alpha: so many trials with `k` events prove, at
 * confidence 1 - alpha, that their probability is at most `rate` (LoadGen's early stopping,
 * mlcommons/inference loadgen/early_stopping.cc).
 */
export function smallestTrials(k: number, rate: number, alpha: number): number {
  const proves = (n: number): boolean => staysWithin(binomialCdf(k, n, rate), alpha);
  let tooFew = k;
  let enough = k + 1;
  while (!proves(enough)) {
    tooFew = enough;
    enough *= 2;
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (proves(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
