/**
 * Counts of values in equal bins from `low` to `high`. Bin i holds low + i * width <= v < low + (i + 1) * width,
 * and 0 is a whole number of widths away from `low`, so that no bin mixes signs.
 */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
}

/** Per channel of an activation, over all images and positions. */
export interface ChannelStatistics {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly mean: Float64Array;
}

/** What calibration saw of one float value of the graph. */
export interface ValueStatistics {
  /** Numbers seen. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly histogram: Histogram;
  /** Along the axis that was asked for; `undefined` when none was. */
  readonly channels: ChannelStatistics | undefined;
}

/** A value of the graph to observe while the calibration images run through. */
export interface Tap {
  readonly value: string;
  /** The axis whose entries get statistics of their own, such as 1 in NCHW; `undefined` for none. */
  readonly channelAxis: number | undefined;
}

/** The range of real numbers that the integers of an activation stand for. */
export interface Range {
  readonly min: number;
  readonly max: number;
}
