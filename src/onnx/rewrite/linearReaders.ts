import type { NodeProto } from '../generated/onnx_pb.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../node.ts';
import type { FloatConstant, GraphEditor } from './graphEditor.ts';
import type { NearMiss } from './layerNormPattern.ts';
import { floatConstant, isOp, labelOf, onlyConsumerOf, otherOperand, vectorAlong } from './matching.ts';

/** Operators that leave the numbers as they are. */
export const LAYOUT_OPERATORS = ['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'] as const;

/** A Gemm, MatMul or Conv with a constant weight, seen from one of its input channels. */
export interface Linear {
  readonly node: NodeProto;
  /** What it reads, and the axis of the channels there. */
  readonly input: string;
  readonly channelAxis: number;
  readonly weight: FloatConstant;
  /** Axis of the weight that runs over the input channels, and the one over the outputs: 0 and 1, or 1 and 0. */
  readonly inputAxis: number;
  readonly outputAxis: number;
  /** Which operand holds the bias; `values` is `undefined` when there is none yet. */
  readonly bias: { readonly node: NodeProto; readonly operand: number; readonly values: Float32Array | undefined };
  /** Whether every output sees every input channel's constant part alike: not where a border is padded with zeros. */
  readonly takesShift: boolean;
}

/** A value with its channels along `channelAxis`. */
export interface ChannelValue {
  readonly value: string;
  readonly channelAxis: number;
  readonly shape: readonly number[];
}

/**
 * All that reads a value, when that is linear layers and nothing else, directly or behind operators
 * that only change the layout and keep the channels on an axis of their own. Then a factor or a
 * shift per channel can move from the value into the layers' weights and biases.
 */
export function linearReaders(graph: GraphEditor, source: ChannelValue): readonly Linear[] | NearMiss {
  const { value } = source;
  if (graph.isGraphOutput(value)) {
    return { reason: `its output "${value}" is an output of the model` };
  }
  const linears: Linear[] = [];
  for (const node of graph.consumers(value)) {
    const moved = behindLayout(graph, node, source);
    const linear = moved === undefined ? linearOf(graph, node, source) : undefined;
    const found = moved === undefined ? linear && [linear] : linearReaders(graph, moved);
    if (found === undefined) {
      return { reason: `its output "${value}" is read by ${labelOf(node)} (${node.opType})` };
    }
    if ('reason' in found) {
      return found;
    }
    linears.push(...found);
  }
  return linears;
}

/** The same channels in the output of an operator that changes the layout at most. */
function behindLayout(graph: GraphEditor, node: NodeProto, source: ChannelValue): ChannelValue | undefined {
  const { value, channelAxis, shape } = source;
  const [output = ''] = node.output;
  const newShape = graph.shape(output);
  if (newShape === undefined || node.input[0] !== value || !isOp(node, ...LAYOUT_OPERATORS)) {
    return undefined;
  }
  if (isOp(node, 'Identity')) {
    return { value: output, channelAxis, shape };
  }
  if (isOp(node, 'Transpose')) {
    const perm = intsAttribute(node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    return { value: output, channelAxis: perm.indexOf(channelAxis), shape: newShape };
  }
  // A reshape keeps channels apart that are the last axis before and after it.
  const isLast = channelAxis === shape.length - 1 && newShape.at(-1) === shape.at(-1);
  return isLast ? { value: output, channelAxis: newShape.length - 1, shape: newShape } : undefined;
}

function linearOf(graph: GraphEditor, node: NodeProto, source: ChannelValue): Linear | undefined {
  const { value, channelAxis, shape } = source;
  const [input, weightName, biasName = ''] = node.input;
  const weight = isOp(node, 'Gemm', 'MatMul', 'Conv') && input === value ? floatConstant(graph, weightName) : undefined;
  const layout = weight === undefined ? undefined : layoutOf(node, weight, channelAxis, shape.length);
  if (weight === undefined || layout === undefined || weight.dims[layout.inputAxis] !== shape[channelAxis]) {
    return undefined;
  }
  const outputs = weight.dims[layout.outputAxis] ?? 0;
  const bias = node.opType === 'MatMul' ? biasBehind(graph, node, outputs) : { node, operand: 2, name: biasName };
  const constant = floatConstant(graph, bias.name);
  const values = vectorAlong(constant, 1, [1, outputs]);
  const isKnown = bias.name === '' || values !== undefined;
  const padded = node.opType === 'Conv' && padsBorders(node);
  return isKnown
    ? { node, input: value, channelAxis, weight, ...layout, bias: { ...bias, values }, takesShift: !padded }
    : undefined;
}

/** Which axes of the weight run over inputs and outputs, when the operator multiplies it as it stands. */
function layoutOf(
  node: NodeProto,
  weight: FloatConstant,
  channelAxis: number,
  rank: number,
): Pick<Linear, 'inputAxis' | 'outputAxis'> | undefined {
  switch (node.opType) {
    case 'Conv': {
      const isWhole = channelAxis === 1 && (intAttribute(node, 'group') ?? 1) === 1;
      return isWhole ? { inputAxis: 1, outputAxis: 0 } : undefined;
    }
    case 'Gemm': {
      const isPlain = ['alpha', 'beta'].every((factor) => (floatAttribute(node, factor) ?? 1) === 1);
      const transB = intAttribute(node, 'transB') === 1;
      return isPlain && channelAxis === 1 && intAttribute(node, 'transA') !== 1
        ? { inputAxis: transB ? 1 : 0, outputAxis: transB ? 0 : 1 }
        : undefined;
    }
    default:
      return channelAxis === rank - 1 && weight.dims.length === 2 ? { inputAxis: 0, outputAxis: 1 } : undefined;
  }
}

/** The addition of a bias behind a MatMul; without one, the place where it would go. */
function biasBehind(graph: GraphEditor, node: NodeProto, outputs: number) {
  const [product = ''] = node.output;
  const addition = onlyConsumerOf(graph, product, 'Add');
  const name = addition === undefined ? undefined : otherOperand(addition, product);
  const values = vectorAlong(floatConstant(graph, name), 1, [1, outputs]);
  return addition === undefined || name === undefined || values === undefined
    ? { node, operand: 2, name: '' }
    : { node: addition, operand: addition.input.indexOf(name), name };
}

function padsBorders(node: NodeProto): boolean {
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  return autoPad.startsWith('SAME') || (intsAttribute(node, 'pads') ?? []).some((size) => size !== 0);
}
