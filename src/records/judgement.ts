import { z } from 'zod';
import { softmaxSchema, warningSchema } from './common.ts';

/** NOT_ENOUGH_DATA is an answer of its own: the data neither prove nor refute. */
export const verdictSchema = z.enum(['PASS', 'FAIL', 'NOT_ENOUGH_DATA']);
export type Verdict = z.infer<typeof verdictSchema>;

const ms = z.number().nonnegative();
const share = z.number().min(0).max(1);

/** A percentile, or how many samples it takes; `p` is the share, 0.5 to 0.999. */
export const percentileSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('measured'), p: share, value_ms: ms, upper_bound_ms: ms }),
  z.strictObject({ state: z.literal('not_enough_samples'), p: share, needs: z.int().positive() }),
]);
export type Percentile = z.infer<typeof percentileSchema>;

export const steadyStateSchema = z.enum(['flat', 'warmup', 'slowdown', 'no_steady_state', 'not_enough_samples']);

const stageNames = [
  'read_ms',
  'decode_ms',
  'resize_ms',
  'to_tensor_ms',
  'run_ms',
  'decide_ms',
  'end_to_end_ms',
] as const;

/** What the samples of one latency record say, at batch 1. */
export const latencyJudgementSchema = z.strictObject({
  record_id: z.string(),
  benchmark_key: z.string(),
  /** Finished runs with this key; the figures are of the representative one. */
  runs_count: z.int().positive(),
  /** Lowest and highest mean of those runs. */
  runs_spread_ms: z.tuple([ms, ms]),
  aggregation: z.enum(['latest', 'median', 'mean']),
  /** The aggregated batch-1 mean: what the selector compares. */
  mean_ms: ms,
  /** Lowest and highest mean of a round of the representative run; `null` with one round. */
  rounds_spread_ms: z.tuple([ms, ms]).nullable(),
  threads: z.int().positive(),
  n: z.int().positive(),
  percentiles: z.array(percentileSchema),
  max_ms: ms,
  budget_ms: ms,
  over_budget: z.int().nonnegative(),
  /** One-sided bounds on the share over the budget, at the study's confidence. */
  miss_rate_upper: share.nullable(),
  miss_rate_lower: share.nullable(),
  /** How many more samples would prove it, if none of them is late; `null` where no number of them would. */
  more_samples: z.int().positive().nullable(),
  verdict: verdictSchema,
  /** Why it is NOT_ENOUGH_DATA although the bound refutes it: a busy machine may be all there is to it; `null` otherwise. */
  doubt: z.literal('load').nullable(),
  steady_state: steadyStateSchema,
  /** The median of the steady part; `null` without one. */
  steady_median_ms: ms.nullable(),
  session_create_ms: z.array(ms),
  first_inference_ms: z.array(ms),
  warmup_median_ms: ms.nullable(),
  outliers: z.int().nonnegative(),
  late_episodes: z.int().nonnegative(),
  /** Medians per stage of the whole path, and how many items went it; `null` where a stage does not occur. */
  stages: z.strictObject({
    n: z.int().nonnegative(),
    medians: z.partialRecord(z.enum(stageNames), ms.nullable()),
    end_to_end_max_ms: ms.nullable(),
    end_to_end_over_budget: z.int().nonnegative(),
  }),
  peak_rss_bytes: z.number().nullable(),
  warnings: z.array(warningSchema),
});
export type LatencyJudgement = z.infer<typeof latencyJudgementSchema>;

const count = z.int().nonnegative();

export const proportionSchema = z.strictObject({
  k: count,
  n: count,
  value: share.nullable(),
  /** Two-sided, 95 %: Wilson for display, Clopper-Pearson where safety is claimed; `method` names it. */
  interval: z.tuple([share, share]).nullable(),
  method: z.enum(['wilson', 'clopper_pearson']),
});
export type Proportion = z.infer<typeof proportionSchema>;

/** What the stored predictions of one candidate say at argmax. */
export const accuracyJudgementSchema = z.strictObject({
  record_id: z.string(),
  predictions_key: z.string(),
  accuracy: proportionSchema,
  /** Of the target class, what is not let pass: answered as the target, or sent to review. */
  target_recall: proportionSchema,
  /** Of each class, what is answered as itself. */
  per_class: z.array(z.strictObject({ class: z.string(), recall: proportionSchema, f1: share.nullable() })),
  macro_f1: share.nullable(),
  balanced_accuracy: share.nullable(),
  confusion: z.strictObject({ classes: z.array(z.string()), counts: z.array(z.array(count)) }),
  skipped: count,
  /** Whether softmax was applied to the outputs, and what said so; `null` in records that do not tell. */
  softmax: softmaxSchema.nullable(),
  warnings: z.array(warningSchema),
});
export type AccuracyJudgement = z.infer<typeof accuracyJudgementSchema>;
