import { binomialCdf } from './binomial.ts';
import type { Interval } from './proportion.ts';
import { DISPLAY_CONFIDENCE } from './proportion.ts';
import { tangoInterval } from './tango.ts';

export interface McNemar {
  /** The exact two-sided p-value: for "may I claim a difference". */
  readonly exactP: number;
  /** The mid-p value, less conservative (Fagerland et al. 2013): information only. */
  readonly midP: number;
}

/**
 * McNemar's exact test on the images on which two models differ (methods.md B2).
 *
 * @param b how many only the first got right
 * @param c how many only the second got right
 */
export function mcnemar(b: number, c: number): McNemar {
  const discordant = b + c;
  if (discordant === 0) return { exactP: 1, midP: 1 };
  const fewer = Math.min(b, c);
  const tail = binomialCdf(fewer, discordant, 0.5);
  const point = tail - binomialCdf(fewer - 1, discordant, 0.5);
  return { exactP: Math.min(1, 2 * tail), midP: b === c ? 1 - point / 2 : 2 * tail - point };
}

export interface PairedDifference extends McNemar {
  /** The first model's share of right answers minus the second's. */
  readonly difference: number;
  /** Tango's 95 % interval for it. */
  readonly interval: Interval;
}

/**
 * Two models on the same `n` images: the difference in accuracy, its interval and its p-values.
 *
 * @returns undefined when n is 0
 */
export function pairedDifference(b: number, c: number, n: number): PairedDifference | undefined {
  if (!(b >= 0 && c >= 0 && b + c <= n)) throw new RangeError(`not counts of ${n} images: ${b} and ${c}`);
  if (n === 0) return undefined;
  return { difference: (b - c) / n, interval: tangoInterval(b, c, n, DISPLAY_CONFIDENCE), ...mcnemar(b, c) };
}
