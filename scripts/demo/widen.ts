import type { Weights } from '../../src/onnx/architectures/weights.ts';
import type { Float32Tensor } from '../../src/onnx/graph.ts';

/** Where a network meets the outside, and which of its convolutions mix no channels. */
interface Anatomy {
  /** Reads the image, whose channels are not copied. */
  readonly stem: string;
  /** Writes the classes, which are not copied. */
  readonly head: string;
  readonly isDepthwise: (name: string) => boolean;
}

const RESNET: Anatomy = { stem: 'conv1', head: 'fc', isDepthwise: () => false };
const ANATOMY = {
  resnet18: RESNET,
  resnet50: RESNET,
  convnextv2: {
    stem: 'downsample_layers.0.0',
    head: 'head',
    isDepthwise: (name) => name.endsWith('.dwconv.weight'),
  },
} as const satisfies Record<string, Anatomy>;

export type Architecture = keyof typeof ANATOMY;

/**
 * The weights of a network with `factor` times the channels that computes the same function, up to
 * the rounding of longer sums (to the bit in its weights when `factor` is a power of two).
 *
 * Every hidden channel is copied `factor` times and each weight that reads a copied channel is
 * divided by `factor`, so the copies' contributions add up to the original's. Whatever acts on each
 * channel alone keeps copies equal (ReLU, GELU, depthwise convolution, biases, LayerNorm's and GRN's
 * affine parts, pooling), and LayerNorm's moments and GRN's mean over channels do not change when
 * every channel occurs `factor` times.
 *
 * Wide channel c is a copy of narrow channel c mod n: equal channels lie n apart, so that pairs of
 * neighbours, which 8-bit kernels without VNNI add in saturating 16 bits, are no more alike than
 * they were.
 *
 * @param weights by PyTorch name, batch-norm folded: [out, in, h, w], [out, in] or [channels].
 */
export function widen(weights: Weights, architecture: Architecture, factor = 8): Weights {
  const anatomy: Anatomy = ANATOMY[architecture];
  return new Map([...weights].map(([name, tensor]) => [name, widenTensor(name, tensor, anatomy, factor)]));
}

function widenTensor(name: string, tensor: Float32Tensor, anatomy: Anatomy, factor: number): Float32Tensor {
  const [outChannels = 0, inChannels = 0, ...kernel] = tensor.dims;
  const outFactor = name.startsWith(`${anatomy.head}.`) ? 1 : factor;
  if (tensor.dims.length === 1) {
    return { dims: [outChannels * outFactor], data: repeat(tensor.data, outFactor) };
  }
  const inFactor = name === `${anatomy.stem}.weight` || anatomy.isDepthwise(name) ? 1 : factor;
  const shared = tensor.data.map((weight) => weight / inFactor);
  const rowLength = shared.length / outChannels;
  const rows = new Float32Array(shared.length * inFactor);
  for (let row = 0; row < outChannels; row += 1) {
    const narrow = shared.subarray(row * rowLength, (row + 1) * rowLength);
    rows.set(repeat(narrow, inFactor), row * rowLength * inFactor);
  }
  return { dims: [outChannels * outFactor, inChannels * inFactor, ...kernel], data: repeat(rows, outFactor) };
}

function repeat(values: Float32Array, times: number): Float32Array {
  const repeated = new Float32Array(values.length * times);
  for (let copy = 0; copy < times; copy += 1) {
    repeated.set(values, copy * values.length);
  }
  return repeated;
}
