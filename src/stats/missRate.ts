import { binomialCdf, binomialUpperTail } from './binomial.ts';
import { smallestTrials, staysWithin } from './binomialBound.ts';
import { complement } from './complement.ts';
import { oneSidedLower, oneSidedUpper } from './proportion.ts';

/** Proven, refuted, or neither: the data allow both. */
export type Verdict = 'PASS' | 'FAIL' | 'NOT_ENOUGH_DATA';

export interface MissRateQuestion {
  /** How many of the trials missed. */
  readonly misses: number;
  /** How many independent trials there were. */
  readonly n: number;
  /** The share of trials that must not miss, strictly between 0 and 1. */
  readonly requiredShare: number;
  /** The confidence of each one-sided statement, strictly between 0 and 1. */
  readonly confidence: number;
}

export interface MissRateAssessment {
  readonly verdict: Verdict;
  /** misses / n; undefined, like the bounds, when n is 0. */
  readonly missRate: number | undefined;
  /** One-sided lower bound on the true miss rate. */
  readonly lowerBound: number | undefined;
  /** One-sided upper bound on the true miss rate. */
  readonly upperBound: number | undefined;
  /**
   * Present with NOT_ENOUGH_DATA: how many more trials would pass if none of them missed. They must
   * be planned as one new run: extending a run until it passes spends the error again each time.
   */
  readonly moreSamples?: number;
}

/**
 * Does at least `requiredShare` of all trials stay within the limit? PASS when the upper bound on
 * the miss rate is within what is allowed, FAIL when the lower bound is beyond it (methods.md A1,
 * A3, G2). Assumes independent trials under the conditions of the line.
 *
 * @throws RangeError when misses is no count of n, or a share or confidence is not within (0, 1)
 */
export function assessMissRate({ misses, n, requiredShare, confidence }: MissRateQuestion): MissRateAssessment {
  const allowed = complement(requiredShare);
  const alpha = complement(confidence);
  const bounds = {
    missRate: n === 0 ? undefined : misses / n,
    lowerBound: oneSidedLower(misses, n, alpha),
    upperBound: oneSidedUpper(misses, n, alpha),
  };
  if (n > 0 && staysWithin(binomialCdf(misses, n, allowed), alpha)) return { verdict: 'PASS', ...bounds };
  if (misses > 0 && binomialUpperTail(misses, n, allowed) < alpha * (1 - 1e-9)) return { verdict: 'FAIL', ...bounds };
  return { verdict: 'NOT_ENOUGH_DATA', ...bounds, moreSamples: smallestTrials(misses, allowed, alpha) - n };
}
