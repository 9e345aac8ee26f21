import type { NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute } from '../node.ts';
import { axisOf } from '../shapes/types.ts';
import { absorbIntoLinear, largestWeights } from './absorbIntoLinear.ts';
import type { GraphEditor } from './graphEditor.ts';
import { LAYOUT_OPERATORS, type Linear, linearReaders } from './linearReaders.ts';
import { floatConstant, isOp, labelOf, otherOperand, producerOf, vectorAlong } from './matching.ts';
import type { LeftAlone } from './pass.ts';

/** A linear layer whose input channels can be divided by numbers of our choice without a new operator. */
export interface SmoothableLinear {
  /** Name of the Gemm, MatMul or Conv. */
  readonly linear: string;
  /** The value it reads: its largest magnitudes per channel are what the divisors depend on. */
  readonly input: string;
  readonly inputChannelAxis: number;
  /** The largest magnitude in the weight, for each input channel. */
  readonly weightRowMax: Float32Array;
}

/** A constant of a node that is multiplied into each channel of the node's output, directly or in the end. */
interface ChannelFactor {
  readonly node: NodeProto;
  readonly operand: number;
  readonly dims: readonly number[];
  readonly numbers: Float32Array;
}

/** A node that can divide each channel of its output by dividing constants that are there anyway. */
interface Divisible {
  readonly factors: readonly ChannelFactor[];
  readonly linear: Linear;
}

/**
 * The linear layers behind a LayerNormalization, whose scale and bias can be divided, or behind a
 * GRN as `rewriteGrn` writes it, whose `1 + gamma * response` can: SmoothQuant (Xiao et al. 2023)
 * without a cost at run time.
 */
export function smoothableLinears(graph: GraphEditor): readonly SmoothableLinear[] {
  return graph.nodes.flatMap((node) => {
    const divisible = divisibleAt(graph, node);
    return divisible === undefined || 'reason' in divisible ? [] : [describe(divisible)];
  });
}

/** The normalisations whose channels cannot be divided, because something else than one linear layer reads them. */
export function unsmoothable(graph: GraphEditor): readonly LeftAlone[] {
  return graph.nodes.flatMap((node) => {
    const divisible = divisibleAt(graph, node);
    return divisible === undefined || !('reason' in divisible) ? [] : [divisible];
  });
}

/**
 * Divides the input channels of a linear layer by `m`, and multiplies the weight's rows by it. The
 * outputs stay equal to rounding.
 *
 * @param linear name that `smoothableLinears` gave
 * @param m one positive finite number per input channel
 */
export function smooth(graph: GraphEditor, linear: string, m: Float32Array): void {
  const source = sourceOf(graph, linear);
  const divisible = source === undefined ? undefined : divisibleAt(graph, source);
  if (
    divisible === undefined ||
    'reason' in divisible ||
    divisible.linear.weight.dims[divisible.linear.inputAxis] !== m.length ||
    !m.every((divisor) => divisor > 0 && divisor < Infinity)
  ) {
    throw new Error(`cannot smooth ${linear} by ${m.length} divisors: it is not smoothable, or they do not fit`);
  }
  for (const { node, operand, dims, numbers } of divisible.factors) {
    const divided = m.map((divisor, channel) => (numbers[numbers.length === 1 ? 0 : channel] ?? 0) / divisor);
    graph.setInput(node, operand, graph.addFloats('smoothed', dims, divided));
  }
  absorbIntoLinear(graph, divisible.linear, { scale: Float64Array.from(m) });
}

function describe({ linear }: Divisible): SmoothableLinear {
  return {
    linear: labelOf(linear.node),
    input: linear.input,
    inputChannelAxis: linear.channelAxis,
    weightRowMax: largestWeights(linear),
  };
}

/** The node in front of a linear layer and of the operators between that only change the layout. */
function sourceOf(graph: GraphEditor, linear: string): NodeProto | undefined {
  let node = graph.nodes.find((candidate) => labelOf(candidate) === linear);
  do {
    node = graph.producer(node?.input[0] ?? '');
  } while (isOp(node, ...LAYOUT_OPERATORS));
  return node;
}

/** What can divide its channels; `undefined` when `node` is nothing of that kind. */
function divisibleAt(graph: GraphEditor, node: NodeProto): Divisible | LeftAlone | undefined {
  const [value = ''] = node.output;
  const shape = graph.shape(value);
  const factors = shape === undefined ? undefined : factorsOf(graph, node, shape);
  if (shape === undefined || factors === undefined) {
    return undefined;
  }
  const readers = linearReaders(graph, { value, shape, channelAxis: shape.length - 1 });
  const [linear, ...others] = 'reason' in readers ? [] : readers;
  if (linear !== undefined && others.length === 0) {
    return { factors, linear };
  }
  const reason = 'reason' in readers ? readers.reason : 'more than one linear layer reads it';
  return { node: labelOf(node), reason: `its channels cannot be divided: ${reason}` };
}

function factorsOf(
  graph: GraphEditor,
  node: NodeProto,
  shape: readonly number[],
): readonly ChannelFactor[] | undefined {
  if (isOp(node, 'LayerNormalization')) {
    const isLast = axisOf(intAttribute(node, 'axis') ?? -1, shape.length) === shape.length - 1;
    const operands = (node.input[2] ?? '') === '' ? [1] : [1, 2];
    return isLast ? allFactors(operands.map((operand) => factorOf(graph, node, operand, shape.slice(-1)))) : undefined;
  }
  return isOp(node, 'Mul') ? responseFactors(graph, node, shape) : undefined;
}

/** The two constants of `x * (response * gain + scale)`. */
function responseFactors(
  graph: GraphEditor,
  node: NodeProto,
  shape: readonly number[],
): readonly ChannelFactor[] | undefined {
  if (node.input[0] === node.input[1]) {
    // A square would be divided twice.
    return undefined;
  }
  for (const value of node.input) {
    const sum = producerOf(graph, value, 'Add');
    const weighted = sum?.input.find((input) => producerOf(graph, input, 'Mul') !== undefined);
    const product = producerOf(graph, weighted, 'Mul');
    const isOurs = [value, weighted ?? ''].every((inner) => graph.onlyConsumer(inner) !== undefined);
    if (sum !== undefined && weighted !== undefined && product !== undefined && isOurs) {
      const along = shape.map((size, axis) => (axis === shape.length - 1 ? size : 1));
      const scaleAt = sum.input.indexOf(otherOperand(sum, weighted) ?? '');
      const gainAt = product.input.findIndex((input) => floatConstant(graph, input) !== undefined);
      return allFactors([factorOf(graph, sum, scaleAt, along), factorOf(graph, product, gainAt, along)]);
    }
  }
  return undefined;
}

function factorOf(
  graph: GraphEditor,
  node: NodeProto,
  operand: number,
  dims: readonly number[],
): ChannelFactor | undefined {
  const constant = floatConstant(graph, node.input[operand]);
  const numbers = constant?.data.length === 1 ? constant.data : vectorAlong(constant, dims.length - 1, dims);
  return numbers === undefined ? undefined : { node, operand, dims, numbers };
}

function allFactors(factors: readonly (ChannelFactor | undefined)[]): readonly ChannelFactor[] | undefined {
  const known = factors.filter((factor) => factor !== undefined);
  return known.length === factors.length ? known : undefined;
}
