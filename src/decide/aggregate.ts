import type { LatencyRecord } from '../records/latency.ts';
import { mean, median } from '../stats/summary.ts';
import { oldestFirst } from './order.ts';

export type Aggregation = 'latest' | 'median' | 'mean';

/** Several finished runs with one key, as one candidate. */
export interface AggregatedRuns {
  /** The batch-1 mean after aggregation. Never the best ever. */
  readonly meanMs: number;
  /** The latest run, or the one nearest to the aggregate: its samples stand for all. */
  readonly representative: LatencyRecord;
  readonly count: number;
  readonly lowestMs: number;
  readonly highestMs: number;
}

/**
 * Combines the finished runs of one (study, trial, benchmark key) (rules.md 2). Runs without a
 * valid batch-1 mean do not count. The order of the records does not matter: their start times do.
 *
 * @returns `undefined` when none has a valid latency
 */
export function aggregateRuns(records: readonly LatencyRecord[], aggregation: Aggregation): AggregatedRuns | undefined {
  const valid = oldestFirst(records).flatMap((record) => {
    const ms = batch1Mean(record);
    return ms === undefined ? [] : [{ record, ms }];
  });
  const latest = valid.at(-1);
  if (latest === undefined) {
    return undefined;
  }
  const means = valid.map(({ ms }) => ms);
  const meanMs = { latest: latest.ms, median: median(means), mean: mean(means) }[aggregation] ?? latest.ms;
  // Of two equally near, the later: it is closer to what the line will see.
  const nearest = valid.reduce((near, run) => (Math.abs(run.ms - meanMs) <= Math.abs(near.ms - meanMs) ? run : near));
  return {
    meanMs,
    representative: aggregation === 'latest' ? latest.record : nearest.record,
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
