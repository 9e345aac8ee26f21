import * as assert from 'uvu/assert';
import { aggregateRuns, type Aggregation } from '../../../src/decide/aggregate.ts';
import { trialBenchmarkOf } from '../../../src/decide/trials/trialBenchmark.ts';
import { trialBenchmarkSchema } from '../../../src/records/trialBenchmark.ts';
import { describe } from '../../describe.ts';
import { latencyRecord, samplesOf, type RunFacts } from '../latencyFactories.ts';

const DEMAND = { budgetMs: 30, requiredShare: 0.99, confidence: 0.95 };
/** 1 to 400 ms, so that each percentile is its own rank. */
const SAMPLES = samplesOf([{ ms: Array.from({ length: 400 }, (_, index) => index + 1) }]);

function benchmark(runs: readonly RunFacts[], aggregation: Aggregation, samples = SAMPLES) {
  const aggregated = aggregateRuns(
    runs.map((facts) => latencyRecord(facts)),
    aggregation,
  );
  assert.ok(aggregated);
  return trialBenchmarkOf(aggregated, samples, DEMAND, aggregation);
}

const THREE = [200, 150, 210].map((meanMs, index): RunFacts => ({ run: index + 1, meanMs }));

describe('trialBenchmarkOf', (it) => {
  it('combines 200, 150 and 210 ms to 210, 200 and 186.67 by latest, median and mean, never 150 (rules.md 2)', () => {
    const means = (['latest', 'median', 'mean'] as const).map((by) => benchmark(THREE, by).batch_1.mean_ms);
    assert.equal(
      means.map((ms) => Number(ms.toFixed(2))),
      [210, 200, 186.67],
    );
    const { benchmark_runs_count: count, benchmark_runs_spread_ms: spread, warnings } = benchmark(THREE, 'latest');
    assert.equal([count, ...spread], [3, 150, 210]);
    assert.ok(warnings.some(({ code }) => code === 'runs_differ'));
  });

  it('tells percentiles with their bounds, and throughput in items', () => {
    const { batch_1: batch } = benchmark([{ meanMs: 20 }], 'latest');
    assert.equal([batch.p50_ms, batch.p95_ms, batch.p99_ms, batch.throughput_per_second], [200, 380, 396, 50]);
    assert.ok(batch.p99_upper_ms !== null && batch.p99_upper_ms > 396);
  });

  it('tells no percentile that so few samples cannot bound', () => {
    const { batch_1: batch } = benchmark([{ meanMs: 20 }], 'latest', samplesOf([{ ms: Array(100).fill(20) }]));
    assert.equal([batch.p95_ms, batch.p99_ms, batch.p99_upper_ms], [20, null, null]);
  });

  it('has every batch size under its own name, and reads as it was written', () => {
    const samples = samplesOf([{ ms: Array(400).fill(20) }, { ms: Array(400).fill(80), batchSize: 8 }]);
    const record = latencyRecord({ meanMs: 20 });
    const summary = { n: 400, mean_ms: 80, std_ms: 0, min_ms: 80, median_ms: 80, max_ms: 80 };
    const runs = aggregateRuns([{ ...record, other_batches: { batch_8: summary } }], 'latest');
    assert.ok(runs);
    const written = JSON.parse(JSON.stringify(trialBenchmarkOf(runs, samples, DEMAND, 'latest')));
    assert.equal([written.batch_8.p50_ms, written.batch_8.throughput_per_second], [80, 100]);
    assert.equal(trialBenchmarkSchema.parse(written), written);
  });
});
