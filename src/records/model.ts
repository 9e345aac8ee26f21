import { z } from 'zod';
import { sha256, warningSchema } from './common.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

/** A model's input or output. */
export const modelPortSchema = z.strictObject({
  name: z.string(),
  /** "float32", "uint8", ..., or "sequence", "map" and the like for what is no tensor. */
  type: z.string(),
  /** A size, or the name the file gives a size that may vary, "?" without one; `null`: not even the number of axes is said. */
  shape: z.array(z.union([count, z.string()])).nullable(),
});
export type ModelPort = z.infer<typeof modelPortSchema>;

/** What an ONNX file says of itself, found without running it. */
export const modelAuditSchema = z.strictObject({
  schema: z.literal('beltbench/model-audit'),
  version: z.literal(1),
  /** File name, without its folder. */
  file: z.string(),
  /** The model file and its external data. */
  file_size_bytes: count,
  /** Of the model file; with external data, of the list of all files' hashes (`LoadedModel.sha256`). */
  sha256,
  external_files: z.array(z.strictObject({ location: z.string(), size_bytes: count, sha256 })),
  ir_version: z.int(),
  /** Version of each operator set; ONNX's own is "ai.onnx". */
  opsets: z.record(z.string(), z.int()),
  producer_name: z.string(),
  producer_version: z.string(),
  metadata: z.record(z.string(), z.string()),
  /** What must be fed: initialisers that the file also lists as inputs are left out. */
  inputs: z.array(modelPortSchema),
  outputs: z.array(modelPortSchema),
  /** First size of the first input; `null` when the file leaves it open. */
  fixed_batch: z.int().nullable(),
  /** Nodes per operator, most frequent first; outside ONNX's own domain as "com.microsoft.QGemm". */
  operators: z.record(z.string(), count),
  parameter_count: count,
  /** Share of the parameters that are stored as 8-bit integers; 0 for a model without parameters. */
  int8_weight_share: share,
  multiply_adds: z.strictObject({
    /** Batch size they are counted for. */
    batch: count,
    /** `null` when some node's cannot be told: at least `counted` then. */
    total: count.nullable(),
    counted: count,
    /** Of those counted, multiplied as 8-bit integers. */
    int8: count,
    int8_share: share.nullable(),
    unknown_nodes: z.array(z.strictObject({ name: z.string(), operator: z.string() })),
  }),
  /** Numbers too small for the normal float format, on which CPUs are slow; only tensors that have some. */
  subnormal_weights: z.strictObject({
    total: count,
    tensors: z.array(z.strictObject({ name: z.string(), count, of: count })),
  }),
  nonfinite_weights: z.strictObject({
    total: count,
    tensors: z.array(z.strictObject({ name: z.string(), nan: count, infinite: count, of: count })),
  }),
  warnings: z.array(warningSchema),
});
export type ModelAudit = z.infer<typeof modelAuditSchema>;
