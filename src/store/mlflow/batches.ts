/** What a run is told in log-batch calls. Every metric is of one moment. */
export interface RunData {
  readonly metrics: ReadonlyMap<string, number>;
  readonly params: ReadonlyMap<string, string>;
  /** Milliseconds since 1970; the same again, so that a metric logged twice stands once. */
  readonly timestamp: number;
}

/** One log-batch call. */
export interface Batch {
  readonly metrics: readonly { key: string; value: number; timestamp: number; step: number }[];
  readonly params: readonly { key: string; value: string }[];
}

/** The API takes 1,000 metrics and 100 parameters a call, 1,000 in all. */
const MOST_METRICS = 900;
const MOST_PARAMS = 100;

/** Splits what is told of a run into calls that keep the API's limits; none where there is nothing to tell. */
export function batches({ metrics, params, timestamp }: RunData): Batch[] {
  const allMetrics = [...metrics].map(([key, value]) => ({ key, value, timestamp, step: 0 }));
  const allParams = [...params].map(([key, value]) => ({ key, value }));
  const calls = Math.max(Math.ceil(allMetrics.length / MOST_METRICS), Math.ceil(allParams.length / MOST_PARAMS));
  return Array.from({ length: calls }, (_, call) => ({
    metrics: allMetrics.slice(call * MOST_METRICS, (call + 1) * MOST_METRICS),
    params: allParams.slice(call * MOST_PARAMS, (call + 1) * MOST_PARAMS),
  }));
}
