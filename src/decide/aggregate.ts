import type { LatencyRecord } from '../records/latency.ts';
import { mean, median } from '../stats/summary.ts';

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
 * batch-1 mean do not count.
 *
 * @returns `undefined` when none has a valid latency
 */
export function aggregateRuns(records: readonly LatencyRecord[], aggregation: Aggregation): AggregatedRuns | undefined {
  const valid = records
    .flatMap((record) =>
      record.status === 'finished' && record.batch_1 !== null ? [{ record, ms: record.batch_1.mean_ms }] : [],
    )
    .toSorted(
      (a, b) =>
        compareText(a.record.started_at, b.record.started_at) || compareText(a.record.record_id, b.record.record_id),
    );
  const latest = valid.at(-1);
  if (latest === undefined) {
    return undefined;
  }
  const means = valid.map(({ ms }) => ms);
  const meanMs = aggregate(means, aggregation) ?? latest.ms;
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

function aggregate(meansInOrder: readonly number[], aggregation: Aggregation): number | undefined {
  switch (aggregation) {
    case 'latest':
      return meansInOrder.at(-1);
    case 'median':
      return median(meansInOrder);
    case 'mean':
      return mean(meansInOrder);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
