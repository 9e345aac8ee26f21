import { z } from 'zod';
import { sha256, subjectSchema, timestamp, warningSchema } from './common.ts';
import { hostClassSchema, hostStateSchema } from './host.ts';

const ms = z.number().nonnegative();

/** Where a launch of the measuring child began: kept apart from the samples, and always shown. */
export const launchSchema = z.strictObject({
  launch: z.int().positive(),
  started_at: timestamp,
  /** The machine before the first launch of its session, when nothing was measured yet. */
  host: hostStateSchema,
  session_create_ms: ms,
  per_batch: z.array(
    z.strictObject({ batch_size: z.int().positive(), first_inference_ms: ms, warmup_ms: z.array(ms) }),
  ),
});

/** One item's whole path: each stage, and the end-to-end time measured directly. */
export const stageSampleSchema = z.strictObject({
  read_ms: ms,
  decode_ms: ms,
  /** `null`: the image already has the model's input size, so nothing is resized. */
  resize_ms: ms.nullable(),
  to_tensor_ms: ms,
  run_ms: ms,
  decide_ms: ms,
  end_to_end_ms: ms,
});
export type StageSample = z.infer<typeof stageSampleSchema>;

/** What one turn of one candidate gave. Samples are in the order in which they were taken. */
export const roundSchema = z.strictObject({
  round: z.int().positive(),
  launch: z.int().positive(),
  batch_size: z.int().positive(),
  /** The candidate's place in the round's order, from 1. */
  position: z.int().positive(),
  started_at: timestamp,
  /** The turn's first inferences, taken while the caches still hold the previous candidate; a labelled warm-up. */
  settle_ms: z.array(ms),
  samples_ms: z.array(ms),
  /** Start of each sample, in ms after the turn's start. */
  start_offsets_ms: z.array(ms),
  stages: z.array(stageSampleSchema),
  /** Garbage collections during the samples, in ms after the turn's start. */
  gc: z.array(z.strictObject({ offset_ms: ms, duration_ms: ms })),
  /** CPU time that this child burned while the others had their turns, as a share of that time; `null` where there was too little of it to tell. */
  idle_cpu_share: z.number().nonnegative().nullable(),
  /** The child's largest resident size so far. */
  peak_rss_bytes: z.number().positive(),
  /** Share of the machine's CPU time that other processes took during the turn; `null` where the system does not say. */
  other_cpu_share: z.number().nonnegative().nullable(),
});
export type Round = z.infer<typeof roundSchema>;
export type Launch = z.infer<typeof launchSchema>;

/** `samples.json` beside a latency record: everything that was timed, raw. */
export const latencySamplesSchema = z.strictObject({
  schema: z.literal('beltbench/latency-samples'),
  version: z.literal(1),
  launches: z.array(launchSchema),
  rounds: z.array(roundSchema),
});
export type LatencySamples = z.infer<typeof latencySamplesSchema>;

/** The earlier tools' summary of one batch size. */
export const batchSummarySchema = z.strictObject({
  n: z.int().positive(),
  mean_ms: ms,
  /** `null` with one sample: a spread needs two. */
  std_ms: ms.nullable(),
  min_ms: ms,
  median_ms: ms,
  max_ms: ms,
});

/** What decides which latency records are comparable: all of it is in `benchmark_key`. */
export const keyPartsSchema = z.strictObject({
  model: sha256,
  data: sha256,
  evaluation: sha256,
  benchmark_config: sha256,
  host_class: sha256,
});

export const latencyRecordSchema = z.strictObject({
  schema: z.literal('beltbench/latency'),
  version: z.literal(1),
  record_id: z.string(),
  status: z.enum(['finished', 'failed']),
  /** Why it failed; `null` when it finished. */
  failure: z.string().nullable(),
  ...subjectSchema,
  /** `legacy_<trial hash>`: an older record was written without one. */
  benchmark_key: z.string().regex(/^(legacy_)?[0-9a-f]{64}$/),
  key_parts: keyPartsSchema,
  started_at: timestamp,
  finished_at: timestamp,
  settings: z.strictObject({
    batch_sizes: z.array(z.int().positive()),
    iterations: z.int().positive(),
    warmup_iterations: z.int().nonnegative(),
    rounds: z.int().positive(),
    threads: z.int().positive(),
    seed: z.int().nonnegative(),
    session_options: z.record(z.string(), z.unknown()),
    runtime: z.string(),
  }),
  host_class: hostClassSchema,
  host_before: hostStateSchema,
  host_after: hostStateSchema.nullable(),
  batch_1: batchSummarySchema.nullable(),
  /** The other batch sizes, as `batch_N`. */
  other_batches: z.record(z.string().regex(/^batch_\d+$/), batchSummarySchema),
  /** By the names that `benchmark.required_metrics` may ask for. */
  metrics: z.record(z.string(), z.number()),
  peak_rss_bytes: z.number().positive().nullable(),
  /** The images that were fed, in rotation. */
  inputs: z.strictObject({ count: z.int().nonnegative(), sha256: sha256.nullable() }),
  warnings: z.array(warningSchema),
});
export type LatencyRecord = z.infer<typeof latencyRecordSchema>;
