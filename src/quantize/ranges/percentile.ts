import type { Range, ValueStatistics } from '../statistics.ts';
import { binsOf } from './bins.ts';

/**
 * The range that leaves (100 - percentile) / 2 percent of the numbers out on each side; `symmetric`
 * leaves all of them out by magnitude, as onnxruntime 1.30's Python tool does by default (calibrate.py,
 * compute_percentile). Unlike there, the cut is interpolated within its bin, not moved to the bin's
 * lower edge. Neither end leaves what was observed. Where so many numbers are 0 that the cut would
 * leave nothing else, a range of no more than the two bins beside it, there is no cut.
 */
export function percentileRange(statistics: ValueStatistics, percentile: number, symmetric: boolean): Range {
  const { min, max, count, histogram } = statistics;
  const outside = 1 - percentile / 100;
  const { counts, width, zero } = binsOf(histogram, Infinity);
  const reach = outermost(magnitudes(counts, zero), outside * count);
  const [below, above] = symmetric
    ? [reach, reach]
    : [
        outermost(counts.toReversed(), (outside / 2) * count) - (counts.length - zero),
        outermost(counts, (outside / 2) * count) - zero,
      ];
  return Math.max(below, above) <= 1
    ? { min, max }
    : { min: Math.max(min, -below * width), max: Math.min(max, above * width) };
}

/** How many bins, and what part of the last, lie below the topmost `outside` numbers. */
function outermost(counts: Float64Array, outside: number): number {
  let left = outside;
  for (let bin = counts.length - 1; bin >= 0; bin -= 1) {
    const count = counts[bin] ?? 0;
    if (count > left) {
      return bin + 1 - left / count;
    }
    left -= count;
  }
  return 0;
}

/** Counts by the number of bins from 0, of both signs. */
function magnitudes(counts: Float64Array, zero: number): Float64Array {
  const folded = new Float64Array(Math.max(zero, counts.length - zero));
  for (const [bin, count] of counts.entries()) {
    const away = bin < zero ? zero - 1 - bin : bin - zero;
    folded[away] = (folded[away] ?? 0) + count;
  }
  return folded;
}
