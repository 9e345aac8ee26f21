import { changepoints } from './pelt.ts';
import { rollingBand } from './rollingBand.ts';
import { median } from './summary.ts';

/** A stretch of samples, from `from` up to but without `to`, that PELT found alike. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /** Of the raw samples. */
  readonly median: number;
}

interface Classified {
  /** The indices at which the level or the spread changed. */
  readonly changepoints: readonly number[];
  readonly segments: readonly Segment[];
}

export type SteadyState =
  | { readonly state: 'not enough samples'; readonly needs: number }
  | (Classified & { readonly state: 'no steady state' })
  | (Classified & {
      readonly state: 'flat';
      readonly steadyFrom: 0;
      readonly steadyMedian: number;
    })
  | (Classified & {
      readonly state: 'warmup' | 'slowdown';
      /** The first steady sample. After a slowdown the slow state is the steady one. */
      readonly steadyFrom: number;
      /** Median of the samples from `steadyFrom` on. */
      readonly steadyMedian: number;
      /** Median of the last stretch before `steadyFrom`: what the steady ones were compared with. */
      readonly beforeMedian: number;
    });

export interface SteadyStateOptions {
  /** The smallest difference the clock can show, in the unit of the samples; default a nanosecond in ms. */
  readonly timerStep?: number;
}

// One rolling window: with fewer samples no band is known, and PELT's penalty hides all but jumps.
const FEWEST_SAMPLES = 100;
const SAME_LEVEL = 0.02;
const LAST_QUARTER = 0.75;

/**
 * Whether latencies, in the order they were taken, reached a steady state, and from which sample on
 * (after Barrett et al. 2017 and Traini et al. 2023; methods.md A4). Single spikes are clamped for
 * the search only; the medians are of the raw samples. A ramp shows as one or more steps.
 */
export function classifySteadyState(
  samples: ArrayLike<number>,
  { timerStep = 1e-6 }: SteadyStateOptions = {},
): SteadyState {
  const raw = Float64Array.from(samples);
  const n = raw.length;
  if (n < FEWEST_SAMPLES) return { state: 'not enough samples', needs: FEWEST_SAMPLES };

  const changes = changepoints(clamp(raw, timerStep), {
    penalty: 15 * Math.log(n),
    // The variance of the rounding to the clock's step.
    varianceFloor: timerStep ** 2 / 12,
  });
  const medianOf = (from: number, to: number): number => median(raw.subarray(from, to)) ?? Number.NaN;
  const starts = [0, ...changes];
  const segments = starts.map((from, index) => {
    const to = starts[index + 1] ?? n;
    return { from, to, median: medianOf(from, to) };
  });
  const found = { changepoints: changes, segments };

  const last = segments.at(-1)?.median ?? Number.NaN;
  const other = segments.findLast((segment) => Math.abs(segment.median - last) > SAME_LEVEL * last);
  if (other === undefined) return { state: 'flat', steadyFrom: 0, steadyMedian: medianOf(0, n), ...found };
  if (other.to > LAST_QUARTER * n) return { state: 'no steady state', ...found };
  return {
    state: other.median < last ? 'slowdown' : 'warmup',
    steadyFrom: other.to,
    steadyMedian: medianOf(other.to, n),
    beforeMedian: other.median,
    ...found,
  };
}

function clamp(raw: Float64Array, timerStep: number): Float64Array {
  const { lower, upper } = rollingBand(raw, timerStep);
  return raw.map((sample, index) => Math.min(upper[index] ?? sample, Math.max(lower[index] ?? sample, sample)));
}
