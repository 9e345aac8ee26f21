import { z } from 'zod';
import { sha256, softmaxSchema, subjectSchema, timestamp, warningSchema } from './common.ts';

/** `predictions.json` beside an evaluation record: columns of equal length, one row per image, in the order of the ids. */
export const predictionsSchema = z
  .strictObject({
    schema: z.literal('beltbench/predictions'),
    version: z.literal(1),
    /** In the model's output order. */
    classes: z.array(z.string()),
    ids: z.array(z.string()),
    content_hashes: z.array(sha256),
    labels: z.array(z.string()),
    /** Per image, per class. */
    probabilities: z.array(z.array(z.number().min(0).max(1))),
  })
  .refine(
    ({ classes, ids, content_hashes: hashes, labels, probabilities }) =>
      [hashes, labels, probabilities].every(({ length }) => length === ids.length) &&
      probabilities.every(({ length }) => length === classes.length),
    'the columns must be of equal length, with one probability per class',
  );
export type Predictions = z.infer<typeof predictionsSchema>;

export const evaluationRecordSchema = z.strictObject({
  schema: z.literal('beltbench/evaluation'),
  version: z.literal(1),
  record_id: z.string(),
  status: z.enum(['finished', 'failed']),
  failure: z.string().nullable(),
  ...subjectSchema,
  predictions_key: sha256,
  data_fingerprint: sha256,
  dataset_root: z.string(),
  split: z.string(),
  target_class: z.string(),
  maybe_class: z.string().nullable(),
  /** In the model's output order, as the card named them. */
  classes: z.array(z.string()),
  /** What the card said the outputs are. */
  outputs: z.enum(['logits', 'probabilities', 'auto']),
  started_at: timestamp,
  finished_at: timestamp,
  runtime: z.string(),
  isa: z.array(z.string()),
  softmax: softmaxSchema.nullable(),
  images: z.int().nonnegative(),
  correct: z.int().nonnegative().nullable(),
  /** Rows are labels, columns the answers at argmax, both in `classes`' order. */
  confusion: z
    .strictObject({ classes: z.array(z.string()), counts: z.array(z.array(z.int().nonnegative())) })
    .nullable(),
  /** Images that could not be evaluated, with the reason. */
  skipped: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
  images_per_second: z.number().positive().nullable(),
  warnings: z.array(warningSchema),
});
export type EvaluationRecord = z.infer<typeof evaluationRecordSchema>;
