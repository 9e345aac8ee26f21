import type { LatencyRecord, LatencySamples } from '../records/latency.ts';
import { at } from '../stats/at.ts';
import { nearestRank, sortSamples } from '../stats/quantile.ts';
import { mean, standardDeviation } from '../stats/summary.ts';

type BatchSummary = NonNullable<LatencyRecord['batch_1']>;

/** The earlier tools' figures per batch size, under their names: `batch_1.mean_ms`. */
export function summarizeBatches(
  samples: LatencySamples,
): Pick<LatencyRecord, 'batch_1' | 'other_batches' | 'metrics'> {
  const sizes = [...new Set(samples.rounds.map((round) => round.batch_size))].toSorted((a, b) => a - b);
  const summaries = new Map(sizes.map((size) => [size, summarizeBatch(samples, size)]));
  const entries = [...summaries].flatMap(([size, summary]) =>
    summary === undefined ? [] : [[size, summary] as const],
  );
  return {
    batch_1: summaries.get(1) ?? null,
    other_batches: Object.fromEntries(
      entries.filter(([size]) => size !== 1).map(([size, summary]) => [`batch_${size}`, summary]),
    ),
    metrics: Object.fromEntries(entries.map(([size, summary]) => [`latency_batch_${size}_ms`, summary.mean_ms])),
  };
}

function summarizeBatch(samples: LatencySamples, batchSize: number): BatchSummary | undefined {
  const values = samples.rounds.filter((round) => round.batch_size === batchSize).flatMap((round) => round.samples_ms);
  const meanMs = mean(values);
  if (meanMs === undefined) {
    return undefined;
  }
  return {
    n: values.length,
    mean_ms: meanMs,
    std_ms: standardDeviation(values) ?? null,
    // A spread call would overflow the stack with a million samples.
    min_ms: values.reduce((least, value) => Math.min(least, value), Infinity),
    // By nearest rank, as every other p50 here: a latency that was really observed.
    median_ms: at(sortSamples(values), nearestRank(values.length, 0.5) - 1),
    max_ms: values.reduce((most, value) => Math.max(most, value), -Infinity),
  };
}
