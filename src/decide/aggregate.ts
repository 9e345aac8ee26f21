import type { LatencyRecord } from '../records/latency.ts';
import { mean, median } from '../stats/summary.ts';
import { oldestFirst } from './order.ts';

export type Aggregation = 'latest' | 'median' | 'mean';

/** Several finished runs with one key, as one candidate. */
export interface Aggregated<Run> {
  /** The batch-1 mean after aggregation. Never the best ever. */
  readonly meanMs: number;
  /** The latest run, or the one nearest to the aggregate: its samples stand for all. */
  readonly representative: Run;
  /** The runs that `meanMs` is made of: the latest alone, or all. */
  readonly averaged: readonly Run[];
  readonly count: number;
  readonly lowestMs: number;
  readonly highestMs: number;
}

export type AggregatedRuns = Aggregated<LatencyRecord>;

/**
 * Combines the finished runs of one (study, trial, benchmark key) (rules.md 2). Runs without a
 * valid batch-1 mean do not count. The order of the records does not matter: their start times do.
 *
 * @returns `undefined` when none has a valid latency
 */
export function aggregateRuns(records: readonly LatencyRecord[], aggregation: Aggregation): AggregatedRuns | undefined {
  return aggregateOldestFirst(oldestFirst(records), batch1Mean, aggregation);
}

/** As `aggregateRuns`, for runs from anywhere, from the oldest to the newest; `msOf` is `undefined` where one has no valid latency. */
export function aggregateOldestFirst<Run>(
  runs: readonly Run[],
  msOf: (run: Run) => number | undefined,
  aggregation: Aggregation,
): Aggregated<Run> | undefined {
  const valid = runs.flatMap((run) => {
    const ms = msOf(run);
    return ms === undefined ? [] : [{ run, ms }];
  });
  const latest = valid.at(-1);
  if (latest === undefined) {
    return undefined;
  }
  const means = valid.map(({ ms }) => ms);
  const meanMs = { latest: latest.ms, median: median(means), mean: mean(means) }[aggregation] ?? latest.ms;
  // Of two equally near, the later: it is closer to what the line will see.
  const nearest = valid.reduce((near, each) =>
    Math.abs(each.ms - meanMs) <= Math.abs(near.ms - meanMs) ? each : near,
  );
  return {
    meanMs,
    representative: aggregation === 'latest' ? latest.run : nearest.run,
    averaged: aggregation === 'latest' ? [latest.run] : valid.map(({ run }) => run),
    count: valid.length,
    lowestMs: Math.min(...means),
    highestMs: Math.max(...means),
  };
}

/**
 * The latency of a finished run. No inference takes no time: a mean of 0 or less is no measurement.
 *
 * @returns `undefined` when it has no valid one
 */
export function batch1Mean({ status, batch_1: batch }: LatencyRecord): number | undefined {
  return status === 'finished' && batch !== null && Number.isFinite(batch.mean_ms) && batch.mean_ms > 0
    ? batch.mean_ms
    : undefined;
}
