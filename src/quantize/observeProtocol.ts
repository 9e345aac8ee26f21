import type { ErrorCode } from '../shared/errors.ts';
import type { Tap, ValueStatistics } from './statistics.ts';

/** The numbers of one value, as one image made them. */
export interface ObservedValue {
  readonly value: string;
  readonly dims: readonly number[];
  readonly numbers: Float32Array;
}

/** What the observing thread is started with. */
export interface ObserverSettings {
  readonly taps: readonly Tap[];
}

/** Values to observe; without any, the statistics are asked for. */
export interface ObserveRequest {
  /** The image's path. */
  readonly source: string;
  readonly values: readonly ObservedValue[] | undefined;
}

/** By the name of the tapped value. */
export type StatisticsByValue = ReadonlyMap<string, ValueStatistics>;

/** Every request is answered, in order. */
export type ObserveResponse =
  | { readonly ok: true; readonly statistics: StatisticsByValue | undefined }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string }
  | { readonly ok: false; readonly code: undefined; readonly thrown: unknown };
