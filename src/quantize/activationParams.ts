import type { Recipe } from '../records/recipe.ts';
import { roundHalfEven } from './round.ts';
import type { Range } from './statistics.ts';

/** How an activation's integers stand for real numbers: scale * (integer - zeroPoint). */
export interface ActivationParams {
  /** A float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The smallest float32 that is not subnormal, which runtimes may flush to 0. */
export const SMALLEST_NORMAL = 2 ** -126;

const LEVELS_ABOVE_LOWEST = 255;
const LARGEST_S8 = 127;

/**
 * Scale and zero point of an activation, bit by bit those of onnxruntime 1.30's Python quantizer
 * (quantization/quant_utils.py, compute_scale_zp): 0 is always one of the integers' real numbers;
 * `u8` is asymmetric; `s8` symmetric over -127 to 127. A range too small for a normal float32 scale
 * gets scale 1, so that all of it becomes 0.
 */
export function activationParams(range: Range, type: Recipe['activations']): ActivationParams {
  // The Python tool holds and subtracts the range's ends in float32.
  const min = Math.min(Math.fround(range.min), 0);
  const max = Math.max(Math.fround(range.max), 0);
  if (type === 's8') {
    const scale = Math.fround(2 * Math.max(-min, max)) / (2 * LARGEST_S8);
    return { scale: scale < SMALLEST_NORMAL ? 1 : Math.fround(scale), zeroPoint: 0 };
  }
  const scale = Math.fround(max - min) / LEVELS_ABOVE_LOWEST;
  return scale < SMALLEST_NORMAL
    ? { scale: 1, zeroPoint: 0 }
    : { scale: Math.fround(scale), zeroPoint: roundHalfEven(0 - min / scale) };
}
