import type { Percentile } from '../records/judgement.ts';
import type { LatencySamples } from '../records/latency.ts';
import { sortSamples } from '../stats/quantile.ts';
import { percentileOf, PERCENTILES } from './latency.ts';

/** The percentiles of one record at each of its batch sizes; what too few samples cannot tell says how many it takes. */
export function percentilesByBatch(
  samples: LatencySamples,
  confidence: number,
): ReadonlyMap<number, readonly Percentile[]> {
  const sizes = [...new Set(samples.rounds.map((round) => round.batch_size))];
  return new Map(
    sizes.map((size) => {
      const sorted = sortSamples(
        samples.rounds.filter((round) => round.batch_size === size).flatMap((round) => round.samples_ms),
      );
      return [size, PERCENTILES.map((p) => percentileOf(sorted, p, confidence))];
    }),
  );
}
