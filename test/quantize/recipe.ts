import type { Recipe } from '../../src/records/recipe.ts';

/** The default of x86 with VNNI. */
export const RECIPE: Recipe = {
  calibration: 'minmax',
  activations: 'u8',
  weights: 'per_channel',
  weight_range: 'full',
  linears: 'static',
  between_linears: 'float',
  depthwise: 'float',
  smooth_quant: null,
  bias_correction: false,
  gelu: 'exact',
  grn: 'exact',
  keep_float: [],
};
