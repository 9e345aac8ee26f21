import { z } from 'zod';
import { sha256, timestamp, warningSchema } from './common.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const interval = z.tuple([share, share]);

/** Counts and rates at one threshold: score >= threshold means target. */
export const operatingPointSchema = z.strictObject({
  /** `null` stands for +infinity: nothing is called target. */
  threshold: z.number().nullable(),
  targets: count,
  others: count,
  misses: count,
  false_rejects: count,
  recall: share.nullable(),
  /** Clopper-Pearson, two-sided, at 95 %. */
  recall_interval: interval.nullable(),
  /** One-sided, at the study's confidence: what is certified. */
  recall_lower_bound: share.nullable(),
  false_reject_rate: share.nullable(),
  false_reject_interval: interval.nullable(),
});
export type OperatingPoint = z.infer<typeof operatingPointSchema>;

/** Where no threshold can keep the limit on false rejects: the highest one whose recall the data do not exclude; `null` elsewhere. */
const refutedAt = operatingPointSchema.nullable();

/** The certified operating point, or how many targets more it needs. */
export const certificateSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('certified'),
    allowed_misses: count,
    point: operatingPointSchema,
    /** Whether the certified threshold also keeps false rejects within the study's limit. */
    false_rejects: z.enum(['PASS', 'FAIL', 'NOT_ENOUGH_DATA']),
    refuted_at: refutedAt,
  }),
  z.strictObject({
    state: z.literal('not_enough_data'),
    targets: count,
    needed: count,
    more: count,
    /** Even so few targets may refute: every threshold they allow rejects too many others. */
    refuted_at: refutedAt,
  }),
]);
export type Certificate = z.infer<typeof certificateSchema>;

/** Two thresholds, clean below `maybe_from`, target from `target_from`, a review in between, with the fewest reviews. */
export const reviewBandSchema = z.strictObject({
  maybe_from: z.number().nullable(),
  target_from: z.number().nullable(),
  reviewed: count,
  escapes: count,
  false_rejects: count,
  /** Clopper-Pearson, two-sided, at 95 %: the share of the targets that do not escape, of the others rejected, of all reviewed. */
  recall_interval: interval.nullable(),
  false_reject_interval: interval.nullable(),
  reviewed_interval: interval.nullable(),
});
export type ReviewBand = z.infer<typeof reviewBandSchema>;

/** What one candidate's stored predictions say about thresholds. */
export const sweepSchema = z.strictObject({
  candidate_id: z.string(),
  predictions_key: sha256,
  evaluation_record_id: z.string(),
  targets: count,
  others: count,
  /** Targets of the same bytes as another: no evidence of their own, so the certificate and the review band leave them out. */
  repeated_targets: count,
  distinct_scores: count,
  /** Area under the ROC curve, ties counted half; `null` with one class only. */
  auc: share.nullable(),
  /** At argmax, where the model answers the target class. */
  argmax: operatingPointSchema,
  /** What runs on the line today: an item between the two goes to review. */
  production: z.strictObject({
    maybe_from: share,
    target_from: share,
    misses: count,
    false_rejects: count,
    reviewed: count,
    recall: share.nullable(),
    recall_interval: interval.nullable(),
    recall_lower_bound: share.nullable(),
    false_reject_interval: interval.nullable(),
    reviewed_interval: interval.nullable(),
  }),
  certificate: certificateSchema,
  /** `null` without a certificate. */
  review_band: reviewBandSchema.nullable(),
});
export type Sweep = z.infer<typeof sweepSchema>;

export const sweepRecordSchema = z.strictObject({
  schema: z.literal('beltbench/sweep'),
  version: z.literal(1),
  record_id: z.string(),
  sweep_key: sha256,
  started_at: timestamp,
  story: z.string(),
  notice: z.string().nullable(),
  target_class: z.string(),
  thresholds: z.strictObject({
    target_recall: share,
    confidence: share,
    max_false_reject_rate: share,
  }),
  sweep: sweepSchema,
  warnings: z.array(warningSchema),
});
export type SweepRecord = z.infer<typeof sweepRecordSchema>;
