import { z } from 'zod';
import { steadyStateSchema } from './judgement.ts';
import { batchSummarySchema, latencyRecordSchema } from './latency.ts';

const ms = z.number().nonnegative();

/** One batch size: the earlier tools' figures, and what a tail needs. */
export const trialBatchSchema = batchSummarySchema.extend({
  p50_ms: ms.nullable(),
  p95_ms: ms.nullable(),
  /** `null`: too few samples for a bound at the study's confidence, so for a value too. */
  p99_ms: ms.nullable(),
  /** One-sided upper bounds of the same percentiles. */
  p95_upper_ms: ms.nullable(),
  p99_upper_ms: ms.nullable(),
  /** Items, not batches. */
  throughput_per_second: z.number().positive(),
});
export type TrialBatch = z.infer<typeof trialBatchSchema>;

/**
 * `benchmark.json` beside a trial's ONNX file: a latency record under the earlier tools' names, whose
 * `batch_1.mean_ms` the selection goes by. Other batch sizes stand as `batch_N`.
 */
export const trialBenchmarkSchema = latencyRecordSchema
  .omit({ failure: true, other_batches: true })
  .extend({
    schema: z.literal('beltbench/trial-benchmark'),
    status: z.literal('finished'),
    latency_aggregation: z.enum(['latest', 'median', 'mean']),
    /** Finished runs of this key, and the lowest and highest of their means; `record_id` is of the one that stands for them. */
    benchmark_runs_count: z.int().positive(),
    benchmark_runs_spread_ms: z.tuple([ms, ms]),
    batch_1: trialBatchSchema,
    steady_state: steadyStateSchema,
  })
  .catchall(trialBatchSchema);
export type TrialBenchmark = z.infer<typeof trialBenchmarkSchema>;
