import * as assert from 'uvu/assert';
import { summarizeBatches } from '../../src/measure/summary.ts';
import type { LatencySamples, Round } from '../../src/records/latency.ts';
import { describe } from '../describe.ts';

function roundOf(batchSize: number, samplesMs: number[], index = 1): Round {
  return {
    round: index,
    launch: 1,
    batch_size: batchSize,
    position: 1,
    started_at: '2026-01-01T00:00:00.000Z',
    settle_ms: [999],
    samples_ms: samplesMs,
    start_offsets_ms: samplesMs.map((_, i) => i),
    stages: [],
    gc: [],
    idle_cpu_share: null,
    peak_rss_bytes: 3e8,
    other_cpu_share: null,
  };
}

function samplesOf(...rounds: Round[]): LatencySamples {
  return { schema: 'beltbench/latency-samples', version: 1, launches: [], rounds };
}

describe('summarizeBatches', (it) => {
  it('sums up all rounds of batch 1, without the settling runs', () => {
    const { batch_1: summary } = summarizeBatches(samplesOf(roundOf(1, [2, 4, 4]), roundOf(1, [4, 5, 5, 7, 9], 2)));
    assert.equal(summary, {
      n: 8,
      mean_ms: 5,
      std_ms: Math.sqrt(32 / 7),
      min_ms: 2,
      median_ms: 4,
      max_ms: 9,
    });
  });

  it('takes the median by nearest rank, as the percentiles of a judgement are', () => {
    assert.is(summarizeBatches(samplesOf(roundOf(1, [9, 2, 4, 3]))).batch_1?.median_ms, 3);
    assert.is(summarizeBatches(samplesOf(roundOf(1, [9, 2, 4]))).batch_1?.median_ms, 4);
  });

  it('keeps other batch sizes apart, under the earlier tools’ names', () => {
    const summary = summarizeBatches(samplesOf(roundOf(8, [30]), roundOf(1, [5]), roundOf(2, [8, 10])));
    assert.is(summary.batch_1?.mean_ms, 5);
    assert.equal(Object.keys(summary.other_batches), ['batch_2', 'batch_8']);
    assert.equal(summary.metrics, { latency_batch_1_ms: 5, latency_batch_2_ms: 9, latency_batch_8_ms: 30 });
  });

  it('has no spread with one sample, and nothing without any', () => {
    assert.is(summarizeBatches(samplesOf(roundOf(1, [5]))).batch_1?.std_ms, null);
    const nothing = summarizeBatches(samplesOf(roundOf(1, [])));
    assert.equal(nothing, { batch_1: null, other_batches: {}, metrics: {} });
  });

  it('takes a million samples', () => {
    const many = Array.from({ length: 1_000_000 }, (_, index) => index);
    const { batch_1: summary } = summarizeBatches(samplesOf(roundOf(1, many)));
    assert.is(summary?.min_ms, 0);
    assert.is(summary?.max_ms, 999_999);
    assert.is(summary?.median_ms, 499_999);
  });
});
