import type { FloatConstant } from '../onnx/rewrite/graphEditor.ts';
import { kernelLayout } from '../onnx/kernelLayout.ts';
import type { QuantizedWeights } from './weights.ts';

export interface BiasCorrectionInput {
  /** `undefined` where the layer has none; the correction is one then. */
  readonly bias: Float32Array | undefined;
  readonly weight: FloatConstant;
  readonly quantized: QuantizedWeights;
  /** The axis of the output channels. */
  readonly axis: number;
  /** Groups of a convolution, else 1. */
  readonly groups: number;
  /** Calibration's mean of each input channel. */
  readonly inputMeans: Float64Array;
}

/**
 * The bias that takes back what rounding the weights does to the mean of each output:
 * bias - sum over k of mean(x_k) * (rounded w_k - w_k). Rounding errors do not cancel in a sum over
 * inputs whose means are not 0. From calibration's means alone (Nagel et al. 2019, Data-Free
 * Quantization Through Weight Equalization and Bias Correction, section 4.2, with measured means).
 *
 * Padding is ignored: at the borders, where inputs are 0, it corrects too much. What clipping the
 * activations shifts stays, because no mean over clipped numbers is known before the range is.
 */
export function correctedBias(input: BiasCorrectionInput): Float32Array {
  const { bias, weight, quantized, groups, inputMeans } = input;
  const { outputs, outputStride, places, inputs } = kernelLayout(weight.dims, input.axis);
  const inputsPerGroup = inputMeans.length / groups;
  const outputsPerGroup = outputs / groups;
  if (inputs.some((channel) => channel >= inputsPerGroup)) {
    throw new Error(`${inputMeans.length} means do not fit ${groups} groups of weights [${weight.dims.join(', ')}]`);
  }
  return Float32Array.from({ length: outputs }, (_, output) => {
    const scale = quantized.scales[quantized.scales.length === 1 ? 0 : output] ?? 1;
    const start = output * outputStride;
    const firstInput = Math.floor(output / outputsPerGroup) * inputsPerGroup;
    let shift = 0;
    for (const [index, place] of places.entries()) {
      const error = (quantized.data[start + place] ?? 0) * scale - (weight.data[start + place] ?? 0);
      shift += (inputMeans[firstInput + (inputs[index] ?? 0)] ?? 0) * error;
    }
    return (bias?.[output] ?? 0) - shift;
  });
}
