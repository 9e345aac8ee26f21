import { z } from 'zod';

/** What `init` writes for what it cannot know; it stays a warning in every report until answered. */
export const UNKNOWN = 'unknown';

/** A name or path as it stands in messages, tables and file names: nothing that breaks or turns a line. */
export const nameOf = (most: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]*$/u, 'expected a name without control characters');

/** Text for people, of one or more lines. */
export const proseOf = (most: number): z.ZodString =>
  z
    .string()
    .max(most)
    .regex(/^[\P{Cc}\n\t]*$/u, 'expected text without control characters');

const pixels = z.int().min(1).max(8192);
const SIZES = 'expected pixels such as 128, or a list of height and width';
/** Height and width in pixels; one number means a square. */
const inputSize = z.union([pixels, z.tuple([pixels, pixels])], SIZES);

/** A factor such as 0.00392 or the text "1/255", which says where the factor comes from. */
const SCALES = 'expected a positive number or a fraction such as "1/255"';
const scale = z.union([z.number().positive(), z.string().regex(/^1\/[1-9]\d{0,4}$/, SCALES)], SCALES);

/** `none`, or one number per channel, in the order of the channels as the model takes them. */
const CHANNELS = 'expected `none` or a list of 3 numbers, one per channel';
const mean = z.union([z.literal('none'), z.array(z.number()).length(3)], CHANNELS);
const std = z.union([z.literal('none'), z.array(z.number().positive()).length(3)], CHANNELS);

/**
 * How one image becomes one tensor: decode to RGB, resize, crop, then `(value * scale - mean) / std`
 * as float32 in NCHW. The same keys stand in the study (as defaults) and in a model card.
 */
export const preprocessingShape = {
  /** `stretch` to the input size; `shorter_side` scales to `resize_to` and keeps the ratio; `letterbox` fits inside and pads black; `none` refuses images of another size. */
  resize: z.enum(['none', 'stretch', 'shorter_side', 'letterbox']).optional(),
  /** For `shorter_side`: the length of the shorter side in pixels, before the crop. */
  resize_to: pixels.optional(),
  crop: z.enum(['none', 'center']).optional(),
  interpolation: z.enum(['nearest', 'linear', 'cubic', 'lanczos3']).optional(),
  scale: z.union([scale, z.literal(UNKNOWN)], `${SCALES}, or \`${UNKNOWN}\``).optional(),
  mean: mean.optional(),
  std: std.optional(),
  channel_order: z.enum(['rgb', 'bgr']).optional(),
};

/** Figures somebody states. They are shown as claims and never used as measurements. */
export const claimsSchema = z.strictObject({
  accuracy: z.number().min(0).max(1).optional(),
  target_recall: z.number().min(0).max(1).optional(),
  latency_ms: z.number().positive().optional(),
  size_mb: z.number().positive().optional(),
  /** The size at which the claimed latency was measured, if anybody knows. */
  input_size: inputSize.optional(),
  note: proseOf(500).optional(),
});

/** The contract of a model file, `NAME.model.yaml` beside it. */
export const modelCardSchema = z.strictObject({
  /** The ONNX file, relative to the card. */
  file: nameOf(255),
  /** The study's class names in the order of the model's outputs. */
  classes: z.union(
    [z.array(nameOf(100)).min(2).max(100), z.literal(UNKNOWN)],
    `expected a list of class names, or \`${UNKNOWN}\``,
  ),
  /** What the file takes. Left out: read from the file. */
  input_size: inputSize.optional(),
  trained_input_size: z.union([inputSize, z.literal(UNKNOWN)], `${SIZES}, or \`${UNKNOWN}\``),
  ...preprocessingShape,
  layout: z
    .enum(['nchw', 'nhwc'])
    .refine((layout) => layout === 'nchw', 'images are fed as nchw only; export the model with its channels first')
    .optional(),
  /** Whether the outputs are logits, probabilities, or to be told from their values. */
  outputs: z.enum(['logits', 'probabilities', 'auto']).optional(),
  backbone: nameOf(100).optional(),
  trial_name: nameOf(100).optional(),
  parameters: z.int().positive().optional(),
  source_checkpoint: proseOf(500).optional(),
  note: proseOf(1000).optional(),
  claimed: claimsSchema.optional(),
  /** An `evaluation_results.json` of the training side, beside the card, as the source of the claims. */
  evaluation_results: nameOf(255).optional(),
});

export type ModelCardFile = z.infer<typeof modelCardSchema>;
export type Claims = z.infer<typeof claimsSchema>;
