import { bisect } from './bisect.ts';
import { complement } from './complement.ts';
import { normalQuantile } from './normal.ts';
import type { Interval } from './proportion.ts';

/**
 * Tango's score interval for the difference (b - c) / n of two paired proportions (Tango 1998;
 * methods.md B2).
 *
 * @param b how often only the first was right
 * @param c how often only the second was right
 * @param n the number of pairs
 */
export function tangoInterval(b: number, c: number, n: number, confidence: number): Interval {
  const z = normalQuantile(1 - complement(confidence) / 2);
  const estimate = (b - c) / n;
  return {
    lower: bisect(-1, estimate, (difference) => score(b, c, n, difference) > z),
    upper: bisect(estimate, 1, (difference) => score(b, c, n, difference) > -z),
  };
}

/** How many standard errors b - c lies above what a true `difference` lets expect; falls in `difference`. */
function score(b: number, c: number, n: number, difference: number): number {
  const linear = (2 * n - b + c) * difference - b - c;
  const constant = -c * difference * (1 - difference);
  // The likeliest share of "only the second right" if the true difference is `difference`.
  const onlySecond = (Math.sqrt(Math.max(0, linear * linear - 8 * n * constant)) - linear) / (4 * n);
  const variance = n * (2 * onlySecond + difference * (1 - difference));
  return (b - c - n * difference) / Math.sqrt(Math.max(0, variance));
}
