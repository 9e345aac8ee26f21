import type { Histogram } from './statistics.ts';

/** Bins on each side of 0; a power of two. */
const BINS_PER_SIDE = 4096;
/** Below every float32 but 0, so that the first number that is not 0 sets the real range. */
const SMALLEST_LIMIT = 2 ** -150;
/** Moves any bin to one of the two beside 0. */
const LARGEST_SHIFT = 31;

/**
 * A histogram whose range follows the numbers while its memory stays the same. It reaches from
 * -limit to limit, where limit is the smallest power of two above every magnitude seen. A larger
 * number doubles it: neighbouring bins merge in pairs, 0 always between two bins. Both ends of
 * every bin are whole powers of two times an integer, so that merging loses nothing: numbers give
 * the same counts in whatever order they come.
 *
 * Resolution: a bin is 1/4096 of limit, so at most 1/2048 of the largest magnitude seen. Numbers
 * from 0 to their maximum fill 2049 to 4096 bins.
 *
 * The counting itself is the caller's loop, which reads `counts`, `binsPerUnit` and `limit`: a call
 * for each number would cost more than the work.
 */
export class GrowingHistogram {
  /** The bin of v is floor(v * binsPerUnit) + zeroBin. */
  readonly counts = new Float64Array(2 * BINS_PER_SIDE);
  readonly zeroBin = BINS_PER_SIDE;
  #limit = SMALLEST_LIMIT;

  /** Numbers of this magnitude and above do not fit. */
  get limit(): number {
    return this.#limit;
  }

  get binsPerUnit(): number {
    return BINS_PER_SIDE / this.#limit;
  }

  /** Doubles the range until the finite number `magnitude` fits. */
  growBeyond(magnitude: number): void {
    let doublings = 0;
    while (magnitude >= this.#limit) {
      this.#limit *= 2;
      doublings += 1;
    }
    const shift = Math.min(doublings, LARGEST_SHIFT);
    // From 0 outwards, every bin merges into one that was cleared before.
    for (let bin = 0; bin < BINS_PER_SIDE; bin += 1) {
      this.#move(bin, bin >> shift);
      this.#move(-1 - bin, (-1 - bin) >> shift);
    }
  }

  /** The bins that `min` to `max` reach, the smallest and largest number counted. */
  between(min: number, max: number): Histogram {
    const first = Math.floor(min * this.binsPerUnit);
    const end = Math.floor(max * this.binsPerUnit) + 1;
    return {
      low: first / this.binsPerUnit,
      high: end / this.binsPerUnit,
      counts: this.counts.slice(first + this.zeroBin, end + this.zeroBin),
    };
  }

  #move(from: number, to: number): void {
    const count = this.counts[from + this.zeroBin] ?? 0;
    this.counts[from + this.zeroBin] = 0;
    this.counts[to + this.zeroBin] = (this.counts[to + this.zeroBin] ?? 0) + count;
  }
}
