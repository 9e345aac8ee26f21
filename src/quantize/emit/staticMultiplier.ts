import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { intAttribute } from '../../onnx/node.ts';
import type { FloatConstant, GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant } from '../../onnx/rewrite/matching.ts';
import type { Recipe } from '../../records/recipe.ts';
import { quantizeBias, weightScalesForBias } from '../bias.ts';
import { correctedBias } from '../biasCorrection.ts';
import type { PlannedNode } from '../plan.ts';
import { type QuantizedWeights, quantizeWeights } from '../weights.ts';
import { storeBias, storeWeights } from './storedIntegers.ts';

/** What a node with weights reads. */
export interface Operand {
  /** The scale of its integers. */
  readonly scale: number;
  /** Calibration's mean of each channel, where it was asked for. */
  readonly means: Float64Array | undefined;
}

/**
 * Turns the weights and the bias of a Conv, Gemm or MatMul to integers. Its input and output are
 * rounded elsewhere. A MatMul of two axes becomes a Gemm, which always has a bias here: left without
 * one, it would be joined with a float that is added after it.
 */
export function emitStatic(
  graph: GraphEditor,
  node: NodeProto,
  { kernel }: PlannedNode,
  operand: Operand,
  recipe: Recipe,
): void {
  const axis = outputAxis(node);
  const weight = storedWeight(graph, node);
  const groups = intAttribute(node, 'group') ?? 1;
  if (kernel === 'QGemm') {
    node.opType = 'Gemm';
  }
  const zeros = kernel === 'QGemm' ? new Float32Array(weight.dims[axis] ?? 0) : undefined;
  const bias = floatConstant(graph, node.input[2])?.data ?? zeros;

  const quantized = roomForBias(weight, { ...recipe, axis }, bias, operand.scale);
  graph.setInput(node, 1, storeWeights(graph, node.name, { ...quantized, dims: weight.dims, axis }));
  const takesBias = node.opType !== 'MatMul';
  const corrected =
    takesBias && operand.means !== undefined
      ? correctedBias({ bias, weight, quantized, axis, groups, inputMeans: operand.means })
      : bias;
  if (corrected !== undefined) {
    const integers = quantizeBias(corrected, operand.scale, quantized.scales);
    const scales = quantized.scales.map((scale) => scale * operand.scale);
    graph.setInput(node, 2, storeBias(graph, node.name, integers, scales));
  }
}

function roomForBias(
  weight: FloatConstant,
  options: Parameters<typeof quantizeWeights>[1],
  bias: Float32Array | undefined,
  inputScale: number,
): QuantizedWeights {
  const quantized = quantizeWeights(weight, options);
  const minimumScales = bias === undefined ? quantized.scales : weightScalesForBias(bias, inputScale, quantized.scales);
  return minimumScales.every((scale, index) => scale === quantized.scales[index])
    ? quantized
    : quantizeWeights(weight, { ...options, minimumScales });
}

/** The axis of the weights along which the output channels lie. */
export function outputAxis(node: NodeProto): number {
  const outputsFirst = node.opType === 'Conv' || intAttribute(node, 'transB') === 1;
  return outputsFirst ? 0 : 1;
}

export function storedWeight(graph: GraphEditor, node: NodeProto): FloatConstant {
  const weight = floatConstant(graph, node.input[1]);
  if (weight === undefined) {
    throw new Error(`${node.name} was planned without stored weights`);
  }
  return weight;
}
