import { at } from './at.ts';
import { rollingBand } from './rollingBand.ts';

/**
 * The indices of the samples far above what is usual around them: beyond the rolling median plus
 * 3 (p90 - p10) (methods.md A8). To be shown, never to be dropped: a slow inference on the belt is
 * an uninspected item.
 *
 * @param timerStep the smallest difference the clock can show, in the unit of the samples
 */
export function slowOutliers(samples: ArrayLike<number>, timerStep = 1e-6): number[] {
  const raw = Float64Array.from(samples);
  const { upper } = rollingBand(raw, timerStep);
  const indices: number[] = [];
  for (const [index, sample] of raw.entries()) if (sample > at(upper, index)) indices.push(index);
  return indices;
}

export interface LateEpisodes {
  /** How many samples were late. */
  readonly late: number;
  /** How many runs of consecutive late samples there were. */
  readonly episodes: number;
  /** The longest such run, in samples; 0 without one. */
  readonly longest: number;
}

/** How the samples above `limit` are spread: alone, or in bursts (methods.md A8). */
export function lateEpisodes(samples: ArrayLike<number>, limit: number): LateEpisodes {
  let late = 0;
  let episodes = 0;
  let longest = 0;
  let running = 0;
  for (let index = 0; index < samples.length; index++) {
    if (at(samples, index) > limit) {
      running++;
      late++;
      if (running === 1) episodes++;
      longest = Math.max(longest, running);
    } else {
      running = 0;
    }
  }
  return { late, episodes, longest };
}
