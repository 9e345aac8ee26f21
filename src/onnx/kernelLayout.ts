/**
 * What two neighbouring weights may be together, in the order of summing: CPUs without VNNI add the
 * products of an unsigned activation and a signed weight two by two in 16 bits (`vpmaddubsw`), and
 * 255 * 128 fits those, 255 * 129 does not (int8.md 5).
 */
export const LARGEST_PAIR_SUM = 128;

/** Where the weights of a Conv, Gemm or MatMul lie in their array. */
export interface KernelLayout {
  /** Numbers from one output channel to the next. */
  readonly outputStride: number;
  readonly outputs: number;
  /** Where the weights of one output channel lie behind its first, in the order in which the kernels sum them. */
  readonly places: Int32Array;
  /** The input channel, within a group, of each place. */
  readonly inputs: Int32Array;
}

/**
 * The layout of weights by their shape. A matrix [K, N] or [N, K] is summed along K. A convolution's
 * [M, C, ...taps] is summed tap by tap, the channels of a tap next to each other: that is the order
 * of MLAS's im2col (NHWC) with QGEMM and of its ConvSym kernels, which takes whole taps only
 * (onnxruntime, qlinearconv.cc, ReorderFilter; ConvSymKernelAvx2.S). With an odd C, neighbours reach
 * from one tap into the next, as they do in QGEMM; ConvSym takes no such C.
 *
 * @param axis of the output channels
 */
export function kernelLayout(dims: readonly number[], axis: number): KernelLayout {
  const [first = 0, second = 0, ...kernel] = dims;
  if (dims.length < 2 || (axis !== 0 && (axis !== 1 || dims.length > 2))) {
    throw new Error(`weights of [${dims.join(', ')}] with output axis ${axis} are none of a Conv, Gemm or MatMul`);
  }
  if (axis === 1) {
    const places = Int32Array.from({ length: first }, (_, row) => row * second);
    return { outputStride: 1, outputs: second, places, inputs: places.map((_, row) => row) };
  }
  const taps = kernel.reduce((count, size) => count * size, 1);
  const inputs = Int32Array.from({ length: second * taps }, (_, place) => place % second);
  const places = inputs.map((input, place) => input * taps + Math.floor(place / second));
  return { outputStride: second * taps, outputs: first, places, inputs };
}
