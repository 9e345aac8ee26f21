import { z } from 'zod';
import { sha256 } from './common.ts';

const text = z.string().max(500);

/** A float32 tensor: its numbers are little-endian and row-major, in Base64. */
const tensorSchema = z.strictObject({
  name: text,
  dims: z.array(z.int().positive()).max(8),
  float32_base64: z.string(),
});
export type StoredTensor = z.infer<typeof tensorSchema>;

/** `NAME.golden.json` beside a model: one input, and what the network answered to it before it was exported. */
export const goldenPairSchema = z.strictObject({
  schema: z.literal('beltbench/golden'),
  version: z.literal(1),
  /** SHA-256 of the model file that the pair belongs to. */
  model_sha256: sha256,
  /** What answered: framework, version, architecture, checkpoint. */
  made_by: text,
  /** Largest absolute difference of one output that still passes; a larger one than this would let anything pass. */
  tolerance: z.number().positive().max(0.1),
  input: tensorSchema,
  output: tensorSchema,
});

/** Whether a model answers on this machine as its golden pair says. */
export const goldenCheckSchema = z.strictObject({
  /** The pair's file name, without its folder. */
  file: z.string(),
  verdict: z.enum(['PASS', 'FAIL']),
  tolerance: z.number(),
  /** `null`: the model was not run, or its answer holds NaN or infinite numbers. */
  max_abs_difference: z.number().nullable(),
  /** Why it fails. */
  reason: z.string().nullable(),
});
export type GoldenCheck = z.infer<typeof goldenCheckSchema>;
