import { z } from 'zod';
import { sha256, timestamp } from './common.ts';
import { madeModelSchema } from './quantization.ts';
import { recipeSchema } from './recipe.ts';

const ms = z.array(z.number().nonnegative());
const count = z.int().nonnegative();

/** A variant's answers against the float model's on the same images, at argmax. */
export const pairedCountsSchema = z.strictObject({
  images: z.int().positive(),
  reference_correct: count,
  variant_correct: count,
  only_reference_correct: count,
  only_variant_correct: count,
  /** Images whose answer changed, right or wrong. */
  flips: count,
  /** Images of the class that must not be missed, missed by each; `null` where no study names that class. */
  target_misses: z.strictObject({ targets: count, reference: count, variant: count }).nullable(),
});
export type PairedCounts = z.infer<typeof pairedCountsSchema>;

/** One turn of both models in the same interleaved session, in milliseconds. */
export const pairedRoundSchema = z.strictObject({
  round: z.int().positive(),
  reference_ms: ms.min(1),
  variant_ms: ms.min(1),
});
export type PairedRound = z.infer<typeof pairedRoundSchema>;

/** What one recipe came to on this host. Without a recipe: the float model itself, which the others are compared with. */
export const trialRecordSchema = z.strictObject({
  schema: z.literal('beltbench/quantization-trial'),
  version: z.literal(1),
  record_id: z.string(),
  /** Hash of the `key_parts`: a finished trial is reused under the same key only. */
  trial_key: sha256,
  key_parts: z.strictObject({
    source: sha256,
    /** Calibration images, preprocessing, input size. */
    calibration: sha256,
    /** Evaluation images with their labels. */
    evaluation: sha256,
    /** Tool, runtime, threads, rounds. */
    settings: sha256,
    host_class: sha256,
    recipe: sha256,
  }),
  tool_version: z.string(),
  runtime: z.string(),
  started_at: timestamp,
  finished_at: timestamp,
  recipe: recipeSchema.nullable(),
  status: z.enum(['finished', 'failed']),
  /** Why no usable file came of the recipe; `null` when it finished. */
  failure: z.string().nullable(),
  model: madeModelSchema.nullable(),
  accuracy: pairedCountsSchema.nullable(),
  latency: z.strictObject({ threads: z.int().positive(), rounds: z.array(pairedRoundSchema).min(1) }).nullable(),
});
export type TrialRecord = z.infer<typeof trialRecordSchema>;
