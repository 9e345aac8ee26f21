import { BeltbenchError } from '../shared/errors.ts';
import { at } from './at.ts';
import { largestCount, smallestTrials } from './binomialBound.ts';
import { complement } from './complement.ts';

declare const sortedBrand: unique symbol;

/** Finite numbers in ascending order. Only `sortSamples` makes one. */
export type SortedSamples = Float64Array & { readonly [sortedBrand]: true };

/**
 * A sorted copy of the samples.
 *
 * @throws BeltbenchError bad_record when a sample is not finite: it would pass for the slowest
 */
export function sortSamples(samples: ArrayLike<number>): SortedSamples {
  const raw = Float64Array.from(samples);
  const bad = raw.findIndex((sample) => !Number.isFinite(sample));
  if (bad !== -1) {
    throw new BeltbenchError(
      'bad_record',
      `samples must be finite numbers; sample ${bad} is ${raw[bad]}: measure again`,
    );
  }
  // The brand records what the next call does; nothing else in the program may claim it.
  return raw.toSorted() as SortedSamples;
}

/** The 1-based nearest rank, ceil(n p), of quantile `p` (methods.md 0.3). */
export function nearestRank(n: number, p: number): number {
  // n * p can come out a trace above a whole number (1000 * 0.999), which must not move the rank.
  return Math.max(1, Math.ceil(n * p - 1e-9));
}

/**
 * The rank of the smallest sample that is, at `confidence`, not below the true quantile `p`,
 * whatever the distribution (methods.md A2).
 *
 * @returns a 1-based rank, or undefined when no sample is: then `minimumSamples` says how many it takes
 */
export function upperRank(n: number, p: number, confidence: number): number | undefined {
  const beyond = largestCount(n, complement(p), complement(confidence));
  return beyond === undefined ? undefined : n - beyond;
}

/**
 * How many samples, `misses` of them beyond a limit, prove at `confidence` that at least a share `p`
 * stays within it (methods.md A1): 299 for 0.99 at 0.95 without a miss.
 */
export function minimumSamples(p: number, confidence: number, misses = 0): number {
  return smallestTrials(misses, complement(p), complement(confidence));
}

export type TailQuantile =
  | {
      readonly state: 'measured';
      /** The nearest-rank quantile: a value that was really observed. */
      readonly value: number;
      /** The one-sided upper bound on the true quantile. */
      readonly upperBound: number;
    }
  | { readonly state: 'not enough samples'; readonly needs: number };

/**
 * Quantile `p` of the samples with its upper bound at `confidence`. Below the number of samples
 * that such a bound needs there is no value either: it would look like knowledge of the tail.
 */
export function tailQuantile(sorted: SortedSamples, p: number, confidence: number): TailQuantile {
  const n = sorted.length;
  const rank = upperRank(n, p, confidence);
  if (rank === undefined) return { state: 'not enough samples', needs: minimumSamples(p, confidence) };
  return { state: 'measured', value: at(sorted, nearestRank(n, p) - 1), upperBound: at(sorted, rank - 1) };
}
