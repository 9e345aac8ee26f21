import { at } from './at.ts';
import { nearestRank } from './quantile.ts';

/** What is usual around each sample: rolling median +/- 3 times the distance from p10 to p90. */
export interface RollingBand {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * The band of Barrett et al. 2017 (softdevteam/warmup_stats, outliers.py; methods.md A4). The window
 * is 200 samples, 100 in series of fewer than 1000, cut short at both ends of the series.
 *
 * @param timerStep the smallest difference the clock can show. No band is narrower than three of
 *   them to a side: with a coarse clock p10 and p90 are often one value
 */
export function rollingBand(samples: Float64Array, timerStep: number): RollingBand {
  const n = samples.length;
  const half = n < 1000 ? 50 : 100;
  const lower = new Float64Array(n);
  const upper = new Float64Array(n);
  const window = new SortedWindow(2 * half);
  for (let index = 0; index < Math.min(half, n); index++) window.add(at(samples, index));
  for (let index = 0; index < n; index++) {
    const reach = 3 * Math.max(window.quantile(0.9) - window.quantile(0.1), timerStep);
    const median = window.median();
    lower[index] = median - reach;
    upper[index] = median + reach;
    if (index + half < n) window.add(at(samples, index + half));
    if (index >= half) window.remove(at(samples, index - half));
  }
  return { lower, upper };
}

/** A few values kept in order while they come and go. */
class SortedWindow {
  readonly #values: Float64Array;
  #size = 0;

  /** @param most how many values it must hold before one is removed */
  constructor(most: number) {
    this.#values = new Float64Array(most + 1);
  }

  add(value: number): void {
    const place = this.#placeOf(value);
    this.#values.copyWithin(place + 1, place, this.#size);
    this.#values[place] = value;
    this.#size++;
  }

  remove(value: number): void {
    const place = this.#placeOf(value);
    this.#values.copyWithin(place, place + 1, this.#size);
    this.#size--;
  }

  quantile(p: number): number {
    return at(this.#values, nearestRank(this.#size, p) - 1);
  }

  median(): number {
    return (at(this.#values, (this.#size - 1) >> 1) + at(this.#values, this.#size >> 1)) / 2;
  }

  /** The first place whose value is not smaller. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(this.#values, middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
