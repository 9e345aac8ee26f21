import type { FloatConstant } from '../onnx/rewrite/graphEditor.ts';
import type { Recipe } from '../records/recipe.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { SMALLEST_NORMAL } from './activationParams.ts';
import { kernelLayout, type KernelLayout } from '../onnx/kernelLayout.ts';
import { pairSafeScale } from './pairSafe.ts';
import { roundAndSaturate } from './round.ts';

export interface WeightOptions extends Pick<Recipe, 'weights' | 'weight_range'> {
  /** The axis of the output channels: 0 for Conv and for Gemm with transB, 1 for other matrices. */
  readonly axis: number;
  /** Scales that are not gone below, such as those a bias needs; as many as the result has. */
  readonly minimumScales?: Float32Array;
}

export interface QuantizedWeights {
  /** In the order of the float weights. */
  readonly data: Int8Array;
  /** One per output channel, or a single one for all. */
  readonly scales: Float32Array;
}

/** The most that a weight becomes, by range; one bit less keeps any two products within 16 bits. */
const LARGEST = { full: 127, pair_safe: 127, reduced: 64 };

/**
 * Weights of a Conv, Gemm or MatMul as symmetric int8, zero point 0, as onnxruntime 1.30's Python
 * quantizer makes them (quantization/quant_utils.py, quantize_data): `full` over -127 to 127,
 * `reduced` over -64 to 64; a channel of zeros gets scale 1. `pair_safe` is `full` with the scales
 * of those channels grown, as little as it takes, whose pairs could saturate 16-bit sums; no scale
 * exceeds that of `reduced`.
 *
 * @throws BeltbenchError `bad_model` when a weight is NaN or infinite
 */
export function quantizeWeights({ dims, data }: FloatConstant, options: WeightOptions): QuantizedWeights {
  const layout = kernelLayout(dims, options.axis);
  const scales = scalesOf(data, layout, options);
  for (const [index, least] of (options.minimumScales ?? []).entries()) {
    scales[index] = Math.max(scales[index] ?? 0, least);
  }
  const integers = new Int8Array(data.length);
  for (let output = 0; output < layout.outputs; output += 1) {
    const scale = scales[scales.length === 1 ? 0 : output] ?? 1;
    const start = output * layout.outputStride;
    for (const place of layout.places) {
      // The Python tool divides in float32.
      integers[start + place] = roundAndSaturate(Math.fround((data[start + place] ?? 0) / scale), -127, 127);
    }
  }
  return { data: integers, scales };
}

function scalesOf(data: Float32Array, layout: KernelLayout, options: WeightOptions): Float32Array {
  const { outputs, outputStride } = layout;
  const perOutput = Float32Array.from({ length: outputs }, (_, output) => absMax(data, layout, output * outputStride));
  const isPerTensor = options.weights === 'per_tensor';
  const maxima = isPerTensor ? Float32Array.of(perOutput.reduce((a, b) => Math.max(a, b), 0)) : perOutput;
  const scales = maxima.map((max) => symmetricScale(max, LARGEST[options.weight_range]));
  if (options.weight_range !== 'pair_safe') {
    return scales;
  }
  for (let output = 0; output < outputs; output += 1) {
    const index = isPerTensor ? 0 : output;
    const scale = scales[index] ?? 1;
    scales[index] = pairSafeScale(data, layout, output * outputStride, maxima[index] ?? 0, scale);
  }
  return scales;
}

function absMax(data: Float32Array, { places }: KernelLayout, start: number): number {
  let most = 0;
  for (const place of places) {
    const size = Math.abs(data[start + place] ?? 0);
    // Written so that NaN is kept.
    if (!(size <= most)) {
      most = size;
      if (!Number.isFinite(size)) {
        throw new BeltbenchError(
          'bad_model',
          `weights must be finite numbers, received ${data[start + place]}; run \`beltbench inspect\` to find the tensor, and export the model again`,
        );
      }
    }
  }
  return most;
}

function symmetricScale(max: number, largest: number): number {
  const scale = Math.fround(2 * max) / (2 * largest);
  return scale < SMALLEST_NORMAL ? 1 : Math.fround(scale);
}
