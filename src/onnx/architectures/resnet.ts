import type { ModelProto } from '../generated/onnx_pb.ts';
import { GraphBuilder, type Value } from '../graph.ts';
import { classify, conv, maxPool, mean, type Network } from './layers.ts';
import { WeightReader, type Weights } from './weights.ts';

const BLOCKS = { 18: [2, 2, 2, 2], 50: [3, 4, 6, 3] } as const;
/** A bottleneck block gives four times the channels it computes on. */
const BOTTLENECK_EXPANSION = 4;

export interface ResNetOptions {
  /** 18 is made of basic blocks, 50 of bottlenecks. */
  readonly depth: 18 | 50;
  /** Channels of the four stages (64, 128, 256, 512 as published), before the bottleneck's expansion. */
  readonly widths: readonly [number, number, number, number];
  readonly weights: Weights;
  /** Side of the square RGB input, in pixels. */
  readonly inputSize: number;
  readonly classes: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Block {
  readonly width: number;
  readonly stride: number;
}

/**
 * ResNet (He et al. 2015) in torchvision's form, v1.5: a bottleneck strides in its 3x3 convolution.
 * Written as PyTorch's dynamo exporter writes it. Input `input` float32 [1, 3, size, size], output
 * `logits` float32 [1, classes].
 *
 * Tensors: `conv1`, `layer{1..4}.{i}.conv{1,2[,3]}`, `layer{l}.0.downsample` and `fc`, each with
 * `.weight` and `.bias`.
 *
 * @throws BeltbenchError `bad_model` when a tensor is missing, left over or misshapen.
 */
export function buildResNet(options: ResNetOptions): ModelProto {
  const { depth, widths, inputSize, classes, metadata } = options;
  const graph = new GraphBuilder();
  const network: Network = { graph, weights: new WeightReader(options.weights, `ResNet${depth}`) };

  const input = graph.input('input', [1, 3, inputSize, inputSize]);
  const stem = relu(graph, conv(network, 'conv1', input, { outChannels: widths[0], kernel: 7, stride: 2, padding: 3 }));
  let x = maxPool(network, stem, { kernel: 3, stride: 2, padding: 1 });
  const block = depth === 18 ? basicBlock : bottleneck;
  for (const [stage, width] of widths.entries()) {
    for (let index = 0; index < (BLOCKS[depth][stage] ?? 0); index += 1) {
      x = block(network, `layer${stage + 1}.${index}`, x, { width, stride: stage > 0 && index === 0 ? 2 : 1 });
    }
  }
  const channels = x.dims[1] ?? 0;
  const pooled = mean(graph, x, graph.int64s('pool.axes', [-1, -2]), [1, channels, 1, 1], true);
  const flat = graph.node('Reshape', [pooled, graph.int64s('flat.shape', [1, channels])], {
    dims: [1, channels],
    attributes: { allowzero: { int: 1 } },
  });
  classify(network, 'fc', flat, classes);
  network.weights.finish();
  return graph.build(`resnet${depth}`, metadata);
}

function basicBlock(network: Network, name: string, x: Value, { width, stride }: Block): Value {
  const { graph } = network;
  const first = relu(graph, conv(network, `${name}.conv1`, x, { outChannels: width, kernel: 3, stride, padding: 1 }));
  const second = conv(network, `${name}.conv2`, first, { outChannels: width, kernel: 3, stride: 1, padding: 1 });
  return join(network, name, x, second, stride);
}

function bottleneck(network: Network, name: string, x: Value, { width, stride }: Block): Value {
  const { graph } = network;
  const pointwise = { kernel: 1, stride: 1, padding: 0 };
  const first = relu(graph, conv(network, `${name}.conv1`, x, { ...pointwise, outChannels: width }));
  const second = conv(network, `${name}.conv2`, first, { outChannels: width, kernel: 3, stride, padding: 1 });
  const outChannels = width * BOTTLENECK_EXPANSION;
  const third = conv(network, `${name}.conv3`, relu(graph, second), { ...pointwise, outChannels });
  return join(network, name, x, third, stride);
}

/** Adds the block's input to its result, through a 1x1 convolution where their shapes differ. */
function join(network: Network, name: string, x: Value, result: Value, stride: number): Value {
  const { graph } = network;
  const outChannels = result.dims[1] ?? 0;
  const sameShape = x.dims.join() === result.dims.join();
  const shortcut = sameShape
    ? x
    : conv(network, `${name}.downsample`, x, { outChannels, kernel: 1, stride, padding: 0 });
  return relu(graph, graph.node('Add', [result, shortcut], { dims: result.dims }));
}

function relu(graph: GraphBuilder, x: Value): Value {
  return graph.node('Relu', [x], { dims: x.dims });
}
