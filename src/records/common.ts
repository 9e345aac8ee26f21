import { z } from 'zod';

/** Lower-case hexadecimal SHA-256. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** UTC time in ISO 8601. */
export const timestamp = z.iso.datetime();

/** A number as trainers write it: Python's `json` also writes NaN and Infinity, which are read as these texts. */
export const figure = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

/** A doubt that travels with a record: a stable code for machines, a sentence with advice for people. */
export const warningSchema = z.strictObject({
  code: z.string().regex(/^[a-z0-9_]+$/),
  message: z.string(),
});
export type Warning = z.infer<typeof warningSchema>;

export const sizeSchema = z.strictObject({ height: z.int().positive(), width: z.int().positive() });

/** What a model file is, as far as a comparison needs it; the whole audit is `inspect`'s. */
export const modelSummarySchema = z.strictObject({
  file: z.string(),
  sha256,
  file_size_bytes: z.int().nonnegative(),
  parameter_count: z.int().nonnegative(),
  multiply_adds: z.number().nonnegative().nullable(),
  int8_weight_share: z.number().min(0).max(1),
  int8_multiply_add_share: z.number().min(0).max(1).nullable(),
  subnormal_weights: z.int().nonnegative(),
  nonfinite_weights: z.int().nonnegative(),
  opset: z.int().nullable(),
  producer: z.string(),
});
export type ModelSummary = z.infer<typeof modelSummarySchema>;

/** The preprocessing that turned images into tensors, as part of a record's identity. */
export const preprocessingSchema = z.strictObject({
  resize: z.string(),
  resize_to: z.int().nullable(),
  crop: z.string(),
  interpolation: z.string(),
  scale: z.number(),
  mean: z.array(z.number()).nullable(),
  std: z.array(z.number()).nullable(),
  channel_order: z.string(),
});

/** Whether softmax was applied to a model's outputs, and what said so: its card or the values. */
export const softmaxSchema = z.strictObject({ applied: z.boolean(), decided_by: z.enum(['card', 'values']) });

/** What every record of one candidate says of whom it is about. */
export const subjectSchema = {
  story: z.string(),
  candidate_id: z.string(),
  backbone: z.string(),
  trial_name: z.string(),
  study_key_hash: sha256,
  trial_key_hash: sha256,
  notice: z.string().nullable(),
  tool_version: z.string(),
  model: modelSummarySchema,
  preprocessing: preprocessingSchema,
  input_size: sizeSchema,
  /** `null`: nobody has said at which size the model was trained. */
  trained_input_size: sizeSchema.nullable(),
  open_questions: z.array(z.string()),
};
