import { at } from './at.ts';
import type { SweepCurve } from './sweep.ts';

/** Counts with the target class as the positive one. */
export interface Confusion {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** The counts at one threshold of the curve. */
export function confusionAt(curve: SweepCurve, index: number): Confusion {
  const fn = at(curve.targetsBelow, index);
  const tn = at(curve.othersBelow, index);
  return { tp: curve.targets - fn, fp: curve.others - tn, fn, tn };
}

/**
 * The place on the curve of any threshold, also one that is no score: the first entry not below it.
 * Between two neighbouring scores nothing changes.
 *
 * @throws RangeError when the threshold is not a number
 */
export function indexOfThreshold(curve: SweepCurve, threshold: number): number {
  if (Number.isNaN(threshold)) throw new RangeError('a threshold must be a number');
  return firstIndex(curve.thresholds.length, (index) => at(curve.thresholds, index) >= threshold);
}

/** The highest threshold that misses at most `most` targets (a whole number, 0 or more), as its place on the curve. */
export function highestWithMisses(curve: SweepCurve, most: number): number {
  return firstIndex(curve.thresholds.length, (index) => at(curve.targetsBelow, index) > most) - 1;
}

/** The lowest threshold that rejects at most `most` others (a whole number, 0 or more), as its place on the curve. */
export function lowestWithFalseRejects(curve: SweepCurve, most: number): number {
  return firstIndex(curve.thresholds.length, (index) => curve.others - at(curve.othersBelow, index) <= most);
}

/** The first index for which `holds` is true, given that it then stays true; `length` if it never is. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
