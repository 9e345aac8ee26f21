import { roundAndSaturate } from './round.ts';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
/** The integers that a bias may become lie this far apart at most; as in the Python tool, one is spared. */
const INT32_SPAN = 2 ** 32 - 2;
/** Room for the roundings on the way. */
const ROOM = 1.0001;

/**
 * A bias as the int32 that the integer kernels add to their sums: zero point 0, scale
 * inputScale * weightScale, which both are float32, as is their product. Divided in float64, halves
 * rounded to even, saturated (onnxruntime 1.30, base_quantizer.py, quantize_bias_static_impl).
 *
 * @param weightScales one per output channel, or a single one for all
 */
export function quantizeBias(bias: Float32Array, inputScale: number, weightScales: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, channel) => {
    const scale = Math.fround(inputScale * scaleOf(weightScales, channel));
    return roundAndSaturate(value / scale, INT32_MIN, INT32_MAX);
  });
}

/**
 * The weight scales, grown where the bias would not fit 32 bits otherwise: a channel of tiny weights
 * may have a bias that is not tiny (onnxruntime 1.30, qdq_quantizer.py,
 * _adjust_weight_scale_for_int32_bias). To be given to `quantizeWeights` as its minimum.
 *
 * @param weightScales one per output channel, or a single one for all
 */
export function weightScalesForBias(bias: Float32Array, inputScale: number, weightScales: Float32Array): Float32Array {
  const grown = weightScales.slice();
  for (const [channel, value] of bias.entries()) {
    const index = grown.length === 1 ? 0 : channel;
    const weightScale = scaleOf(grown, index);
    const product = inputScale * weightScale;
    const smallest = (ROOM * (2 * Math.abs(value))) / INT32_SPAN;
    if (product > 0 && product < smallest) {
      grown[index] = weightScale * (smallest / product);
    }
  }
  return grown;
}

function scaleOf(scales: Float32Array, channel: number): number {
  const scale = scales[scales.length === 1 ? 0 : channel];
  if (scale === undefined) {
    throw new RangeError(`no weight scale for channel ${channel} of ${scales.length}`);
  }
  return scale;
}
