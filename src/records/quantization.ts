import { z } from 'zod';
import { preprocessingSchema, sha256, sizeSchema, timestamp, warningSchema } from './common.ts';
import { hostClassSchema } from './host.ts';
import { recipeSchema } from './recipe.ts';

const seconds = z.number().nonnegative();
const count = z.int().nonnegative();

/** A node or place that was not changed, and why. */
const leftAloneSchema = z.strictObject({ node: z.string(), reason: z.string() });

/** The INT8 file that one recipe made of one model. */
export const madeModelSchema = z.strictObject({
  sha256,
  size_bytes: count,
  /** Every rewriting of the graph, in order; the approximate ones change the model's answers. */
  passes: z.array(
    z.strictObject({ name: z.string(), exact: z.boolean(), rewritten: count, left_alone: z.array(leftAloneSchema) }),
  ),
  /** Nodes that were proven to run as integer kernels, by kernel. */
  kernels: z.record(z.string(), count),
  /** Each of them, by the name that `--keep-float` takes. */
  nodes: z.array(z.strictObject({ node: z.string(), kernel: z.string() })),
  /** Nodes that could have been quantized and stay float. */
  left_float: z.array(leftAloneSchema),
  int8_multiply_add_share: z.number().min(0).max(1).nullable(),
  /** Where an inference's time goes, the slowest operator first, by a profiled run of its own: no measure of latency. */
  profile: z.strictObject({
    threads: z.int().positive(),
    operators: z.array(
      z.strictObject({ operator: z.string(), ms: seconds, share: z.number().min(0).max(1), nodes: count }),
    ),
  }),
  seconds: z.strictObject({ rewrite: seconds, calibrate: seconds, write: seconds, prove: seconds, profile: seconds }),
});
export type MadeModel = z.infer<typeof madeModelSchema>;

/** The calibration images, by path below their folder, with forward slashes. */
export const calibrationSchema = z.strictObject({
  folder: z.string(),
  seed: count,
  requested: z.int().positive(),
  images: z.array(z.strictObject({ path: z.string(), content_hash: sha256 })).min(1),
  /** SHA-256 over a line `content hash LF` per image, in code-unit order of the hashes. */
  sha256,
  /** Where images to judge models on lie; calibration must not see them. */
  evaluation_folders: z.array(z.string()),
  /** Every image of the folder that also stands in one of those, byte for byte. */
  left_out: z.array(z.strictObject({ path: z.string(), content_hash: sha256, also_at: z.array(z.string()) })),
  /** Images that were drawn and cannot be used; others took their place. */
  unusable: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
});
export type CalibrationRecord = z.infer<typeof calibrationSchema>;

/** `NAME.int8.manifest.json` beside an INT8 file: what made it, and what it is. */
export const quantizationManifestSchema = z.strictObject({
  schema: z.literal('beltbench/quantization'),
  version: z.literal(1),
  tool_version: z.string(),
  runtime: z.string(),
  made_at: timestamp,
  file: z.string(),
  source: z.strictObject({ file: z.string(), sha256 }),
  preprocessing: preprocessingSchema,
  input_size: sizeSchema,
  recipe: recipeSchema,
  calibration: calibrationSchema,
  model: madeModelSchema,
  host_class: hostClassSchema,
  /** How this host's integer kernels sum, by the probe: `saturates` is in pairs of 16 bits. */
  saturation: z.strictObject({ result: z.enum(['exact', 'saturates', 'unknown']), sum: z.number() }),
  /** `null`: the recipe was given, not searched for. */
  search: z
    .strictObject({
      folder: z.string(),
      trial: z.string(),
      trials: z.int().positive(),
      max_accuracy_drop_points: z.number().nonnegative(),
      target_p99_ms: z.number().positive().nullable(),
    })
    .nullable(),
  warnings: z.array(warningSchema),
});
export type QuantizationManifest = z.infer<typeof quantizationManifestSchema>;
