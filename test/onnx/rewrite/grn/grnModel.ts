import type { ModelProto, NodeProto, TensorProto } from '../../../../src/onnx/generated/onnx_pb.ts';
import { floats, int64s, model, node, tensor, value } from '../../build.ts';
import { uniform } from '../../randomWeights.ts';

export interface GrnModelOptions {
  readonly height?: number;
  readonly width?: number;
  readonly channels?: number;
  /** A name is a free size. */
  readonly batch?: number | string;
  /** [1, H, W, C], unless channels stand first as in [1, C, H, W]. */
  readonly channelsFirst?: boolean;
  /** From `x` to `nx`; the authors' form when left out. */
  readonly response?: readonly NodeProto[];
  /** From `x` and `nx` to `y`, reading `gamma` and `beta`; the authors' form when left out. */
  readonly tail?: readonly NodeProto[];
  /** From `y` to `out`, reading what `initializers` hold; nothing when left out, and `y` is the output. */
  readonly behind?: readonly NodeProto[];
  /** Shape of `out`; as x when left out. */
  readonly outDims?: readonly (number | string)[];
  readonly initializers?: readonly TensorProto[];
  readonly opset?: number;
}

/** The authors' `gamma * (x * nx) + beta + x`. */
export const OFFICIAL_TAIL = [
  node('Mul', ['x', 'nx'], ['xn']),
  node('Mul', ['gamma', 'xn'], ['weighted']),
  node('Add', ['weighted', 'beta'], ['shifted']),
  node('Add', ['shifted', 'x'], ['y']),
];

/** `gx / (mean(gx) + eps)` behind a norm `gx`. */
export const MEAN_AND_DIVISION = [
  node('ReduceMean', ['gx', 'channel_axis'], ['mean']),
  node('Add', ['mean', 'eps'], ['divisor']),
  node('Div', ['gx', 'divisor'], ['nx']),
];

export const EPSILON = 0.01;

/** Numbers in [low, high), the same for the same seed. */
export function randomNumbers(seed: number, count: number, low = -1, high = 1): number[] {
  const random = uniform(seed);
  return Array.from({ length: count }, () => low + (high - low) * random());
}

/** gamma and beta that `grnModel` gives a GRN of so many channels. */
export function grnParameters(channels: number): { gamma: readonly number[]; beta: readonly number[] } {
  return {
    gamma: randomNumbers(11, channels).map(Math.fround),
    beta: randomNumbers(12, channels).map(Math.fround),
  };
}

/** A model of one GRN, written by hand: from `x` to `y`, or on to `out`. */
export function grnModel({
  height = 4,
  width = 3,
  channels = 5,
  batch = 1,
  channelsFirst = false,
  response = [node('ReduceL2', ['x', 'space_axes'], ['gx']), ...MEAN_AND_DIVISION],
  tail = OFFICIAL_TAIL,
  behind = [],
  outDims,
  initializers = [],
  opset = 20,
}: GrnModelOptions = {}): ModelProto {
  const dims = channelsFirst ? [batch, channels, height, width] : [batch, height, width, channels];
  const perChannel = channelsFirst ? [1, channels, 1, 1] : [1, 1, 1, channels];
  const { gamma, beta } = grnParameters(channels);
  return model(
    {
      input: [value('x', dims)],
      output: [behind.length === 0 ? value('y', dims) : value('out', outDims ?? dims)],
      initializer: [
        floats('gamma', perChannel, gamma),
        floats('beta', perChannel, beta),
        tensor('eps', [], { dataType: 1, floatData: [EPSILON] }),
        int64s('space_axes', channelsFirst ? [2, 3] : [1, 2]),
        int64s('channel_axis', channelsFirst ? [1] : [-1]),
        ...initializers,
      ],
      node: [...response, ...tail, ...behind],
    },
    opset,
  );
}

/**
 * The GRN of `x`, [tokens, channels] of one image, in float64; with `sample` its norms come from those
 * tokens, their sums of squares multiplied by tokens / sampled.
 */
export function grnOf(x: ArrayLike<number>, channels: number, sample?: readonly number[]): number[] {
  const { gamma, beta } = grnParameters(channels);
  const tokens = x.length / channels;
  const rows = sample ?? Array.from({ length: tokens }, (_, token) => token);
  const at = (token: number, channel: number): number => x[token * channels + channel] ?? Number.NaN;
  const norms = beta.map((_, channel) => {
    const sum = rows.reduce((total, token) => total + at(token, channel) ** 2, 0);
    return Math.sqrt((sum * tokens) / rows.length);
  });
  const mean = norms.reduce((total, norm) => total + norm, 0) / channels;
  return Array.from(x, (number, position) => {
    const channel = position % channels;
    const response = (norms[channel] ?? Number.NaN) / (mean + EPSILON);
    return (gamma[channel] ?? Number.NaN) * number * response + (beta[channel] ?? Number.NaN) + number;
  });
}
