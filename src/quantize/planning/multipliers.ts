import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { floatAttribute, intAttribute } from '../../onnx/node.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant, isOp, onlyConsumerOf, vectorAlong } from '../../onnx/rewrite/matching.ts';
import type { Recipe } from '../../records/recipe.ts';
import type { Kernel } from '../plan.ts';

/** The kernel that a node with weights is to become, or why it stays float. */
export type Verdict =
  { readonly kernel: Kernel; readonly reason?: never } | { readonly reason: string; readonly kernel?: never };

/** Operators with weights. */
export const MULTIPLIERS = ['Conv', 'Gemm', 'MatMul'] as const;

/** Whether a node multiplies what it reads by stored weights: where INT8 pays. */
export function isMultiplier(graph: GraphEditor, node: NodeProto): boolean {
  return isOp(node, ...MULTIPLIERS) && floatConstant(graph, node.input[1]) !== undefined;
}

/** Judges a Conv, Gemm or MatMul. `isHead`: no node with weights comes after it. */
export function judgeMultiplier(graph: GraphEditor, node: NodeProto, recipe: Recipe, isHead: boolean): Verdict {
  if (recipe.keep_float.includes(node.name)) {
    return { reason: 'the recipe keeps it float' };
  }
  if (isHead) {
    return { reason: 'it is the head, whose few multiplications gain nothing and whose outputs decide' };
  }
  if (node.opType === 'Conv') {
    return judgeConvolution(graph, node, recipe);
  }
  if (recipe.linears === 'float') {
    return { reason: 'the recipe keeps linear layers float' };
  }
  return node.opType === 'Gemm' ? judgeGemm(graph, node, recipe) : judgeMatMul(graph, node, recipe);
}

function judgeConvolution(graph: GraphEditor, node: NodeProto, recipe: Recipe): Verdict {
  const weight = floatConstant(graph, node.input[1]);
  if (weight === undefined) {
    return { reason: 'its weights are not stored as float32' };
  }
  if (weight.dims.length !== 4) {
    return { reason: `it convolves along ${weight.dims.length - 2} axes; kernels of integers were tried along 2 only` };
  }
  if ((node.input[2] ?? '') !== '' && floatConstant(graph, node.input[2]) === undefined) {
    return { reason: 'its bias is not stored as float32' };
  }
  return isDepthwise(graph, node) && recipe.depthwise === 'float'
    ? { reason: 'the recipe keeps depthwise convolutions float' }
    : { kernel: 'QLinearConv' };
}

/** The runtime's fast convolution of integers reads this many channels at a time. */
export const CHANNELS_AT_ONCE = 4;

/** Whether a node is a convolution over an image, or something else of few channels. */
export function hasFewChannels(graph: GraphEditor, node: NodeProto): boolean {
  const channels = isOp(node, 'Conv') && !isDepthwise(graph, node) ? graph.shape(node.input[1] ?? '')?.[1] : undefined;
  return channels !== undefined && channels % CHANNELS_AT_ONCE !== 0;
}

/** Whether a node is a convolution that sees one channel per output. */
export function isDepthwise(graph: GraphEditor, node: NodeProto): boolean {
  const isGrouped = isOp(node, 'Conv') && (intAttribute(node, 'group') ?? 1) > 1;
  return isGrouped && graph.shape(node.input[1] ?? '')?.[1] === 1;
}

function judgeGemm(graph: GraphEditor, node: NodeProto, recipe: Recipe): Verdict {
  const weight = floatConstant(graph, node.input[1]);
  if (weight?.dims.length !== 2) {
    return { reason: 'its weights are not stored as a float32 matrix' };
  }
  const scale = (floatAttribute(node, 'alpha') ?? 1) * (floatAttribute(node, 'beta') ?? 1);
  if (scale !== 1 || (intAttribute(node, 'transA') ?? 0) !== 0) {
    return { reason: 'it scales its product or turns its input (alpha, beta, transA), which no integer kernel does' };
  }
  const outputs = weight.dims[intAttribute(node, 'transB') === 1 ? 0 : 1] ?? 0;
  const bias = vectorAlong(floatConstant(graph, node.input[2]), 1, [1, outputs]);
  if ((node.input[2] ?? '') !== '' && bias?.length !== outputs) {
    return { reason: 'its bias is not one stored float32 per output' };
  }
  return { kernel: recipe.linears === 'dynamic' ? 'DynamicQuantizeMatMul' : 'QGemm' };
}

/**
 * A MatMul of two axes becomes a Gemm. One of more axes may not stand before a bias: the runtime
 * would merge both into a Gemm with a float bias, for which it turns the weights back into floats
 * in every run.
 */
function judgeMatMul(graph: GraphEditor, node: NodeProto, recipe: Recipe): Verdict {
  if (floatConstant(graph, node.input[1])?.dims.length !== 2) {
    return { reason: 'its weights are not stored as a float32 matrix' };
  }
  if (recipe.linears === 'dynamic') {
    return { kernel: 'DynamicQuantizeMatMul' };
  }
  if (graph.shape(node.input[0] ?? '')?.length === 2) {
    return { kernel: 'QGemm' };
  }
  return onlyConsumerOf(graph, node.output[0], 'Add') === undefined
    ? { kernel: 'MatMulIntegerToFloat' }
    : { reason: 'its bias stands in an Add of its own and was not joined to it' };
}

/**
 * The nodes with weights after which no other comes. Of convolutions only those count whose results
 * become one number per class, as in SqueezeNet.
 */
export function headsOf(graph: GraphEditor, multipliers: readonly NodeProto[]): ReadonlySet<NodeProto> {
  const known = new Set(multipliers);
  const leadsToWeights = new Set<NodeProto>();
  const leadsToMap = new Set<NodeProto>();
  for (const node of graph.nodes.toReversed()) {
    const readers = node.output.flatMap((output) => graph.consumers(output));
    if (readers.some((reader) => known.has(reader) || leadsToWeights.has(reader))) {
      leadsToWeights.add(node);
    }
    if (node.output.some((output) => isMap(graph, output)) || readers.some((reader) => leadsToMap.has(reader))) {
      leadsToMap.add(node);
    }
  }
  return new Set(
    multipliers.filter((node) => !leadsToWeights.has(node) && (node.opType !== 'Conv' || !leadsToMap.has(node))),
  );
}

/** Whether a value is an output of the graph that has numbers for several places of the image. */
function isMap(graph: GraphEditor, value: string): boolean {
  const places = graph.shape(value)?.slice(2);
  return graph.isGraphOutput(value) && (places === undefined || places.some((size) => size > 1));
}
