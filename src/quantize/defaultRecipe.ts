import type { Recipe } from '../records/recipe.ts';
import { recipeForHost, type SaturationProbe } from './saturation.ts';

/**
 * The recipe for a host when nobody chose one: exact but for rounding to integers, and with them
 * wherever they pay (int8.md 7).
 *
 * @param arch as `process.arch`
 */
export function defaultRecipe(probe: SaturationProbe, arch: string): Recipe {
  return {
    calibration: 'minmax',
    weights: 'per_channel',
    linears: 'static',
    between_linears: 'float',
    // On ARM64 the runtime's float kernel for them is slow; on x86 it is not.
    depthwise: arch === 'arm64' ? 'int8' : 'float',
    smooth_quant: null,
    bias_correction: false,
    gelu: 'exact',
    grn: 'exact',
    keep_float: [],
    ...recipeForHost(probe, arch),
  };
}
