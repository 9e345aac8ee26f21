import type { NodeProto } from '../generated/onnx_pb.ts';
import { floatAttribute, intAttribute, opKey } from '../node.ts';
import { batchNormAffine, type Affine } from './batchNormAffine.ts';
import type { GraphEditor } from './graphEditor.ts';
import { isOp, labelOf } from './matching.ts';
import type { LeftAlone, Pass } from './pass.ts';

/** The weight and bias of a layer, with the affine map of the batch-norm behind it worked in. */
interface FoldedLayer {
  readonly weight: Float32Array;
  readonly dims: readonly number[];
  readonly bias: Float32Array;
}

/**
 * Folds a BatchNormalization for inference into the Conv or Gemm whose output only it reads: with
 * a = scale / sqrt(variance + epsilon), weights become a * weight and the bias a * (bias - mean) + B.
 * Computed in double precision. One that follows anything else, or a layer whose output is read
 * elsewhere too, is left alone.
 */
export const foldBatchNorm: Pass = {
  name: 'fold_batch_norm',
  exact: true,
  apply: (graph) => {
    const leftAlone: LeftAlone[] = [];
    let rewritten = 0;
    for (const node of graph.nodes.filter((candidate) => isOp(candidate, 'BatchNormalization'))) {
      const reason = fold(graph, node);
      if (reason === undefined) {
        rewritten += 1;
      } else {
        leftAlone.push({ node: labelOf(node), reason });
      }
    }
    graph.prune();
    return { rewritten, leftAlone };
  },
};

/** Folds one batch-norm; returns why not when it cannot. */
function fold(graph: GraphEditor, node: NodeProto): string | undefined {
  const affine = batchNormAffine(graph, node);
  if (typeof affine === 'string') {
    return affine;
  }
  const [input = '', output = ''] = [node.input[0], node.output[0]];
  const layer = graph.producer(input);
  if (!isOp(layer, 'Conv', 'Gemm')) {
    return layer === undefined ? 'it follows no layer' : `it follows a ${opKey(layer)}, neither a Conv nor a Gemm`;
  }
  if (graph.onlyConsumer(input) !== node) {
    return 'the output of the layer before it is read elsewhere too';
  }
  const folded = layer.opType === 'Conv' ? intoConv(graph, layer, affine) : intoGemm(graph, layer, affine);
  if (typeof folded === 'string') {
    return folded;
  }
  const [, weight = '', bias = ''] = layer.input;
  graph.setInput(layer, 1, graph.addFloats(`${weight}_folded`, folded.dims, folded.weight));
  graph.setInput(
    layer,
    2,
    graph.addFloats(`${bias === '' ? weight : bias}_folded_bias`, [folded.bias.length], folded.bias),
  );
  graph.replaceUses(output, input);
  graph.remove(node);
  return undefined;
}

/** A convolution's weight is [output channels, ...]; so it is with groups. */
function intoConv(graph: GraphEditor, { input }: NodeProto, affine: Affine): FoldedLayer | string {
  const weight = graph.floats(input[1] ?? '');
  const bias = biasOf(graph, input[2], affine.scale.length);
  if (weight === undefined || bias === undefined) {
    return 'the weight or bias of the Conv before it is no float32 constant';
  }
  if (weight.dims[0] !== affine.scale.length) {
    return mismatch(weight.dims[0], affine);
  }
  const perChannel = weight.data.length / affine.scale.length;
  return {
    dims: weight.dims,
    weight: weight.data.map((value, index) => value * at(affine.scale, Math.floor(index / perChannel))),
    bias: bias.map((value, channel) => value * at(affine.scale, channel) + at(affine.shift, channel)),
  };
}

/** A Gemm computes alpha * x * weight + beta * bias: the batch-norm's shift is divided by beta. */
function intoGemm(graph: GraphEditor, node: NodeProto, affine: Affine): FoldedLayer | string {
  const channels = affine.scale.length;
  const weight = graph.floats(node.input[1] ?? '');
  const bias = biasOf(graph, node.input[2], channels);
  const beta = floatAttribute(node, 'beta') ?? 1;
  if (weight?.dims.length !== 2 || bias === undefined) {
    return 'the weight or bias of the Gemm before it is no float32 constant of one number per output';
  }
  const isTransposed = intAttribute(node, 'transB') === 1;
  const outputs = weight.dims[isTransposed ? 0 : 1];
  if (outputs !== channels) {
    return mismatch(outputs, affine);
  }
  if (beta === 0) {
    return 'the Gemm before it ignores its bias (beta is 0)';
  }
  const inputs = weight.data.length / channels;
  const channelOf = (index: number): number => (isTransposed ? Math.floor(index / inputs) : index % channels);
  return {
    dims: weight.dims,
    weight: weight.data.map((value, index) => value * at(affine.scale, channelOf(index))),
    bias: bias.map((value, channel) => value * at(affine.scale, channel) + at(affine.shift, channel) / beta),
  };
}

/** One number per channel, 0 where the layer has no bias; `undefined` when the bias has another form. */
function biasOf(graph: GraphEditor, name: string | undefined, channels: number): Float32Array | undefined {
  if (name === undefined || name === '') {
    return new Float32Array(channels);
  }
  const bias = graph.floats(name);
  if (bias === undefined || (bias.dims.at(-1) ?? 1) !== bias.data.length) {
    return undefined;
  }
  // Gemm stretches a single number.
  return bias.data.length === 1 ? new Float32Array(channels).fill(at(bias.data, 0)) : ofLength(bias.data, channels);
}

function ofLength(data: Float32Array, length: number): Float32Array | undefined {
  return data.length === length ? data : undefined;
}

function mismatch(channels: number | undefined, { scale }: Affine): string {
  return `it has ${scale.length} channels, the layer before it ${channels}`;
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
