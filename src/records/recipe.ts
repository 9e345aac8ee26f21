import { z } from 'zod';

/** How the range of an activation is chosen from what calibration saw of it. */
export const CALIBRATIONS = [
  'minmax',
  'percentile_99.9',
  'percentile_99.99',
  'percentile_99.999',
  'entropy',
  'mse',
] as const;

/** Everything that decides what an INT8 file looks like, beside the model and the images. */
export const recipeSchema = z.strictObject({
  calibration: z.enum(CALIBRATIONS),
  /** `u8` is asymmetric, for x86; `s8` symmetric, for ARM64. */
  activations: z.enum(['u8', 's8']),
  weights: z.enum(['per_channel', 'per_tensor']),
  /** `pair_safe` and `reduced` keep the 16-bit sums of CPUs without VNNI from saturating. */
  weight_range: z.enum(['full', 'pair_safe', 'reduced']),
  /** `dynamic`: each inference finds the range of a linear layer's input itself. */
  linears: z.enum(['static', 'dynamic', 'float']),
  /** What a linear layer hands to the activation after it. */
  between_linears: z.enum(['float', 'u8']),
  /** Depthwise convolutions: float by default, because INT8 gains little there on x86. */
  depthwise: z.enum(['float', 'int8']),
  /** Strength of SmoothQuant's shift of outlier channels from activations into weights; `null` is none. */
  smooth_quant: z.number().min(0).max(1).nullable(),
  bias_correction: z.boolean(),
  /** `tanh` is an approximation. */
  gelu: z.enum(['exact', 'tanh']),
  /** `exact`; the statistic from every 4th or 8th token; or frozen at its calibration mean. */
  grn: z.enum(['exact', 'every_4th_token', 'every_8th_token', 'frozen']),
  /** Names of nodes of the rewritten graph that stay float. */
  keep_float: z.array(z.string()),
});
export type Recipe = z.infer<typeof recipeSchema>;
