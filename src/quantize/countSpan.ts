import type { GrowingHistogram } from './growingHistogram.ts';

/** By channel, over everything seen. */
export interface Running {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly sum: Float64Array;
}

export function startRunning(channels: number): Running {
  return {
    min: new Float32Array(channels).fill(Infinity),
    max: new Float32Array(channels).fill(-Infinity),
    sum: new Float64Array(channels),
  };
}

/**
 * Counts every `step`th number from `start` to before `end`, all of one channel. All the time of
 * calibration's statistics is spent in this loop: one pass, no division.
 *
 * @returns false when one of the numbers is NaN or infinite
 */
export function countSpan(
  values: Float32Array,
  start: number,
  end: number,
  step: number,
  channel: number,
  running: Running,
  histogram: GrowingHistogram,
): boolean {
  const { counts, zeroBin } = histogram;
  let { binsPerUnit, limit } = histogram;
  let least = running.min[channel] ?? Infinity;
  let most = running.max[channel] ?? -Infinity;
  let sum = 0;
  for (let index = start; index < end; index += step) {
    const value = values[index] ?? 0;
    sum += value;
    if (value < least || value > most) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      if (value >= limit || value <= -limit) {
        if (!Number.isFinite(value)) {
          return false;
        }
        histogram.growBeyond(Math.abs(value));
        ({ binsPerUnit, limit } = histogram);
      }
    }
    // Rounding down keeps tiny negatives apart from 0, which truncation would join.
    const bin = (Math.floor(value * binsPerUnit) + zeroBin) | 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  running.min[channel] = least;
  running.max[channel] = most;
  running.sum[channel] = (running.sum[channel] ?? 0) + sum;
  // NaN, which no comparison above sees, makes the sum NaN; no sum of finite float32 overflows a float64.
  return Number.isFinite(sum);
}
