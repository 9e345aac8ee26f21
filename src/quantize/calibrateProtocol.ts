import type { ImageSource } from './imageFeed.ts';
import type { Tap } from './statistics.ts';

/** What the calibrating child is opened with. */
export interface CalibrateOpenParams extends ImageSource {
  /** The model with its taps as outputs. */
  readonly modelPath: string;
  /** What messages call it. */
  readonly label: string;
  readonly taps: readonly Tap[];
  readonly threads: number;
}

/** The child takes up to `count` images at a time, so that the parent can tell progress. */
export interface ObserveParams {
  readonly count: number;
}

export interface ObserveResult {
  /** Images that this call observed. */
  readonly observed: number;
  readonly done: boolean;
}
