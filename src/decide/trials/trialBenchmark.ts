import type { Percentile } from '../../records/judgement.ts';
import type { LatencySamples } from '../../records/latency.ts';
import type { TrialBatch, TrialBenchmark } from '../../records/trialBenchmark.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import type { AggregatedRuns, Aggregation } from '../aggregate.ts';
import type { LatencyDemand } from '../demands.ts';
import { judgeLatency } from '../latency.ts';
import { percentilesByBatch } from '../percentiles.ts';

/**
 * What `benchmark.json` says of a trial: the aggregated mean at batch 1, and all else from the run
 * that stands for the others.
 *
 * @throws BeltbenchError `bad_record` when that run has no sample at batch 1
 */
export function trialBenchmarkOf(
  runs: AggregatedRuns,
  samples: LatencySamples,
  demand: LatencyDemand,
  aggregation: Aggregation,
): TrialBenchmark {
  const { failure: _, other_batches: others, ...record } = runs.representative;
  if (record.batch_1 === null) {
    throw new BeltbenchError(
      'bad_record',
      `${record.record_id} needs a summary at batch 1, received none; remove its folder and measure again`,
    );
  }
  const { steady_state: steadyState, warnings } = judgeLatency(runs, samples, demand, aggregation);
  const percentiles = percentilesByBatch(samples, demand.confidence);
  const describe = (size: number, summary: typeof record.batch_1): TrialBatch => ({
    ...summary,
    ...tailOf(percentiles.get(size)),
    throughput_per_second: (size * 1000) / summary.mean_ms,
  });
  const otherBatches = Object.entries(others).map(([name, summary]) => [
    name,
    describe(Number(name.slice('batch_'.length)), summary),
  ]);
  return {
    ...Object.fromEntries(otherBatches),
    ...record,
    schema: 'beltbench/trial-benchmark',
    status: 'finished',
    latency_aggregation: aggregation,
    benchmark_runs_count: runs.count,
    benchmark_runs_spread_ms: [runs.lowestMs, runs.highestMs],
    batch_1: describe(1, { ...record.batch_1, mean_ms: runs.meanMs }),
    metrics: { ...record.metrics, latency_batch_1_ms: runs.meanMs },
    steady_state: steadyState,
    warnings,
  };
}

/** `null` where there are too few samples. */
function tailOf(
  percentiles: readonly Percentile[] = [],
): Pick<TrialBatch, 'p50_ms' | 'p95_ms' | 'p99_ms' | 'p95_upper_ms' | 'p99_upper_ms'> {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((wanted) => {
    const percentile = percentiles.find(({ p }) => p === wanted);
    return percentile?.state === 'measured' ? percentile : undefined;
  });
  return {
    p50_ms: p50?.value_ms ?? null,
    p95_ms: p95?.value_ms ?? null,
    p99_ms: p99?.value_ms ?? null,
    p95_upper_ms: p95?.upper_bound_ms ?? null,
    p99_upper_ms: p99?.upper_bound_ms ?? null,
  };
}
