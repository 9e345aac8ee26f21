import type { Histogram } from '../statistics.ts';

/** Equal bins with 0 between two of them: bin i holds (i - zero) * width <= v < (i - zero + 1) * width. */
export interface Bins {
  readonly counts: Float64Array;
  readonly width: number;
  /** Index of the first bin at or above 0; the number of bins below 0. */
  readonly zero: number;
}

/** The histogram's bins, stretched by empty ones to reach 0, and merged in pairs until there are no more than `most`. */
export function binsOf({ low, high, counts }: Histogram, most: number): Bins {
  const width = (high - low) / counts.length;
  const first = Math.round(low / width);
  const end = first + counts.length;
  let merge = 1;
  while (Math.ceil(Math.max(end, 0) / merge) + Math.ceil(Math.max(-first, 0) / merge) > most) {
    merge *= 2;
  }
  const zero = Math.ceil(Math.max(-first, 0) / merge);
  const merged = new Float64Array(zero + Math.ceil(Math.max(end, 0) / merge));
  for (const [index, count] of counts.entries()) {
    const bin = zero + Math.floor((first + index) / merge);
    merged[bin] = (merged[bin] ?? 0) + count;
  }
  return { counts: merged, width: width * merge, zero };
}
