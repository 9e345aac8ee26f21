import type { ModelProto } from '../generated/onnx_pb.ts';
import { GraphBuilder, type Value } from '../graph.ts';
import { classify, conv, mean, transpose, type Network } from './layers.ts';
import { WeightReader, type Weights } from './weights.ts';

/** The authors' value, for LayerNorm and for GRN alike. */
const EPSILON = 1e-6;

type PerStage = readonly [number, number, number, number];

export interface ConvNeXtV2Options {
  /** Blocks per stage: 3, 3, 9, 3 for Tiny. */
  readonly depths: PerStage;
  /** Channels per stage: 96, 192, 384, 768 for Tiny. */
  readonly dims: PerStage;
  readonly weights: Weights;
  /** Side of the square RGB input, in pixels. */
  readonly inputSize: number;
  readonly classes: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What every block's GRN reads. */
interface GrnConstants {
  readonly spaceAxes: Value;
  readonly channelAxis: Value;
  readonly epsilon: Value;
}

/**
 * ConvNeXt V2 (Woo et al. 2023) in the authors' form: exact GELU, global response normalisation
 * (GRN), blocks that turn to channels-last behind the depthwise convolution. Written as PyTorch's
 * dynamo exporter writes it. Input `input` float32 [1, 3, size, size], output `logits` float32
 * [1, classes].
 *
 * Tensors, linear weights as [out, in]: `downsample_layers.0.0` (4x4 stem convolution), `.0.1` (its
 * LayerNorm), `downsample_layers.{1,2,3}.0` (LayerNorm), `.1` (2x2 convolution),
 * `stages.{s}.{b}.{dwconv,norm,pwconv1,pwconv2}`, `norm` and `head`, each with `.weight` and `.bias`,
 * and `stages.{s}.{b}.grn.{gamma,beta}` (flat, four times the stage's channels).
 *
 * @throws BeltbenchError `bad_model` when a tensor is missing, left over or misshapen.
 */
export function buildConvNeXtV2(options: ConvNeXtV2Options): ModelProto {
  const { depths, dims, inputSize, classes, metadata } = options;
  const graph = new GraphBuilder();
  const network: Network = { graph, weights: new WeightReader(options.weights, 'ConvNeXt V2') };
  const grn: GrnConstants = {
    spaceAxes: graph.int64s('grn.space_axes', [1, 2]),
    channelAxis: graph.int64s('grn.channel_axis', [-1]),
    epsilon: graph.initializer('grn.epsilon', { dims: [], data: Float32Array.of(EPSILON) }),
  };

  let x = graph.input('input', [1, 3, inputSize, inputSize]);
  for (const [stage, outChannels] of dims.entries()) {
    x = downsample(network, stage, x, outChannels);
    for (let index = 0; index < (depths[stage] ?? 0); index += 1) {
      x = block(network, `stages.${stage}.${index}`, x, grn);
    }
  }
  const pooled = mean(graph, x, graph.int64s('pool.axes', [-2, -1]), [1, dims[3]], false);
  classify(network, 'head', layerNorm(network, 'norm', pooled), classes);
  network.weights.finish();
  return graph.build('convnextv2', metadata);
}

/** The stem normalises behind its convolution, the later stages in front of it. */
function downsample(network: Network, stage: number, x: Value, outChannels: number): Value {
  const name = `downsample_layers.${stage}`;
  if (stage === 0) {
    const patches = conv(network, `${name}.0`, x, { outChannels, kernel: 4, stride: 4, padding: 0 });
    return channelsFirst(network.graph, layerNorm(network, `${name}.1`, channelsLast(network.graph, patches)));
  }
  const normed = layerNorm(network, `${name}.0`, channelsLast(network.graph, x));
  const turned = channelsFirst(network.graph, normed);
  return conv(network, `${name}.1`, turned, { outChannels, kernel: 2, stride: 2, padding: 0 });
}

function block(network: Network, name: string, x: Value, grn: GrnConstants): Value {
  const { graph } = network;
  const channels = x.dims[1] ?? 0;
  const window = { kernel: 7, stride: 1, padding: 3 };
  const mixed = conv(network, `${name}.dwconv`, x, { ...window, outChannels: channels, depthwise: true });
  const normed = layerNorm(network, `${name}.norm`, channelsLast(graph, mixed));
  const wide = linear(network, `${name}.pwconv1`, normed, 4 * channels);
  const active = graph.node('Gelu', [wide], { dims: wide.dims, attributes: { approximate: { text: 'none' } } });
  const responded = respond(network, `${name}.grn`, active, grn);
  const narrow = linear(network, `${name}.pwconv2`, responded, channels);
  return graph.node('Add', [x, channelsFirst(graph, narrow)], { dims: x.dims });
}

/** GRN of [1, H, W, C]: x + gamma * (x * n) + beta, n being each channel's L2 norm over their mean. */
function respond({ graph, weights }: Network, name: string, x: Value, constants: GrnConstants): Value {
  const channels = x.dims[3] ?? 0;
  const gamma = graph.initializer(`${name}.gamma`, weights.take(`${name}.gamma`, [channels]));
  const beta = graph.initializer(`${name}.beta`, weights.take(`${name}.beta`, [channels]));
  const one = [1, 1, 1, 1];
  const norm = graph.node('ReduceL2', [x, constants.spaceAxes], {
    dims: [1, 1, 1, channels],
    attributes: { noop_with_empty_axes: { int: 0 }, keepdims: { int: 1 } },
  });
  const average = mean(graph, norm, constants.channelAxis, one, true);
  const divisor = graph.node('Add', [average, constants.epsilon], { dims: one });
  const response = graph.node('Div', [norm, divisor], { dims: norm.dims });
  const scaled = graph.node('Mul', [x, response], { dims: x.dims });
  const weighted = graph.node('Mul', [gamma, scaled], { dims: x.dims });
  const shifted = graph.node('Add', [weighted, beta], { dims: x.dims });
  return graph.node('Add', [shifted, x], { dims: x.dims });
}

/** Normalises over the last axis. */
function layerNorm({ graph, weights }: Network, name: string, x: Value): Value {
  const channels = [x.dims.at(-1) ?? 0];
  const scale = graph.initializer(`${name}.weight`, weights.take(`${name}.weight`, channels));
  const bias = graph.initializer(`${name}.bias`, weights.take(`${name}.bias`, channels));
  return graph.node('LayerNormalization', [x, scale, bias], {
    dims: x.dims,
    attributes: { stash_type: { int: 1 }, epsilon: { float: EPSILON }, axis: { int: -1 } },
  });
}

/** Over the last axis of [1, H, W, C]. The exporter stores the weight as [in, out], which MatMul reads. */
function linear({ graph, weights }: Network, name: string, x: Value, outChannels: number): Value {
  const weight = transpose(weights.take(`${name}.weight`, [outChannels, x.dims.at(-1) ?? 0]));
  const bias = weights.take(`${name}.bias`, [outChannels]);
  const dims = [...x.dims.slice(0, -1), outChannels];
  const product = graph.node('MatMul', [x, graph.initializer(`${name}.weight.transposed`, weight)], { dims });
  return graph.node('Add', [product, graph.initializer(`${name}.bias`, bias)], { dims });
}

function channelsLast(graph: GraphBuilder, x: Value): Value {
  return permute(graph, x, [0, 2, 3, 1]);
}

function channelsFirst(graph: GraphBuilder, x: Value): Value {
  return permute(graph, x, [0, 3, 1, 2]);
}

function permute(graph: GraphBuilder, x: Value, order: readonly number[]): Value {
  return graph.node('Transpose', [x], {
    dims: order.map((axis) => x.dims[axis] ?? 0),
    attributes: { perm: { ints: order } },
  });
}
