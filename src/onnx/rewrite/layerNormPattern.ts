import type { NodeProto } from '../generated/onnx_pb.ts';
import type { GraphEditor } from './graphEditor.ts';
import {
  floatConstant,
  onlyConsumerOf,
  otherOperand,
  producerOf,
  readFromOutside,
  scalarOf,
  scalarOperand,
  vectorAlong,
} from './matching.ts';
import { axisOfMean, type Mean, meanOf } from './means.ts';
import { type Found, withoutCast } from './noOpCasts.ts';

/** A layer normalisation over one axis, written out as single operators. */
export interface LayerNormPattern {
  /** The value that is normalised. */
  readonly source: string;
  readonly shape: readonly number[];
  /** The axis that mean and variance are taken over, counted from the front. */
  readonly axis: number;
  readonly epsilon: number;
  /** One number per entry of the axis; `undefined` when the normalised value is not scaled. */
  readonly scale: Float32Array | undefined;
  readonly bias: Float32Array | undefined;
  /** The node whose output the normalised value is. */
  readonly last: NodeProto;
}

/** Why something that looks like a layer normalisation is none that can be replaced. */
export interface NearMiss {
  readonly reason: string;
}

/** `value` less its mean. */
interface Centred extends Found {
  readonly mean: Mean;
}

/**
 * The layer normalisation whose division is `node`: (x - mean) / sqrt(mean((x - mean)^2) + eps),
 * divided or multiplied with the reciprocal, followed by a scale and a bias along the same axis or
 * not. `undefined` when the node has nothing of it.
 */
export function matchLayerNorm(graph: GraphEditor, node: NodeProto): LayerNormPattern | NearMiss | undefined {
  const parts = divisionOf(graph, node);
  const centred = parts === undefined ? undefined : centredOf(graph, parts.numerator);
  if (parts === undefined || centred === undefined) {
    return undefined;
  }
  const shape = graph.shape(centred.value);
  if (shape === undefined) {
    return { reason: 'the shape of what it normalises is not known without a run' };
  }
  const axis = axisOfMean(graph, centred.mean, shape);
  if (axis === undefined) {
    return { reason: 'its mean is not taken over one axis that is kept with size 1' };
  }
  const radicand = producerOf(graph, parts.radicand, 'Add');
  const epsilon = radicand === undefined ? undefined : scalarOperand(graph, radicand);
  if (radicand === undefined || epsilon === undefined) {
    return { reason: 'its epsilon is not a float32 constant' };
  }
  const variance = meanOf(graph, epsilon.other);
  const square = variance === undefined ? undefined : squareOf(graph, variance.value);
  const spread = square === undefined ? undefined : centredOf(graph, square.value);
  if (variance === undefined || square === undefined || spread?.value !== centred.value) {
    return { reason: 'its variance is not the mean of the squared difference from the mean' };
  }
  if (axisOfMean(graph, variance, shape) !== axis || axisOfMean(graph, spread.mean, shape) !== axis) {
    return { reason: 'mean and variance are taken over different axes' };
  }
  const affine = affineOf(graph, node, axis, shape);
  const found = [parts, centred, variance, square, spread, affine];
  const pattern = new Set([node, radicand, ...found.flatMap(({ nodes }) => nodes)]);
  const outside = readFromOutside(graph, pattern, affine.last);
  if (outside !== undefined) {
    return { reason: `its intermediate value "${outside}" is read by something else` };
  }
  if (graph.shape(affine.last.output[0] ?? '')?.join() !== shape.join()) {
    return { reason: 'a constant in it stretches the value' };
  }
  return { source: centred.value, shape, axis, epsilon: epsilon.scalar, ...affine };
}

/** A division by a root, or a product with the reciprocal of one. */
function divisionOf(
  graph: GraphEditor,
  { opType, input: [left = '', right = ''] }: NodeProto,
): { numerator: string; radicand: string; nodes: readonly NodeProto[] } | undefined {
  if (opType === 'Div') {
    const root = powerOf(graph, right, 0.5);
    return root === undefined ? undefined : { numerator: left, radicand: root.value, nodes: root.nodes };
  }
  for (const [numerator, factor] of [
    [left, right],
    [right, left],
  ] as const) {
    const root = opType === 'Mul' ? reciprocalRootOf(graph, factor) : undefined;
    if (root !== undefined) {
      return { numerator, radicand: root.value, nodes: root.nodes };
    }
  }
  return undefined;
}

function reciprocalRootOf(graph: GraphEditor, value: string): Found | undefined {
  const node = producerOf(graph, value, 'Reciprocal', 'Div');
  if (node === undefined) {
    return powerOf(graph, value, -0.5);
  }
  const isOneOver = node.opType === 'Reciprocal' || scalarOf(graph, node.input[0]) === 1;
  const root = isOneOver ? powerOf(graph, node.input.at(-1) ?? '', 0.5) : undefined;
  return root === undefined ? undefined : { value: root.value, nodes: [node, ...root.nodes] };
}

/** What is raised to `exponent`: by Pow, as a square root or as a product with itself. */
function powerOf(graph: GraphEditor, value: string, exponent: number): Found | undefined {
  const node = producerOf(graph, value, 'Pow', 'Sqrt', 'Mul');
  const [base = '', right] = node?.input ?? [];
  const raises =
    (node?.opType === 'Pow' && graph.numbers(right ?? '')?.join() === String(exponent)) ||
    (node?.opType === 'Sqrt' && exponent === 0.5) ||
    (node?.opType === 'Mul' && exponent === 2 && right === base);
  return node === undefined || !raises ? undefined : { value: base, nodes: [node] };
}

function squareOf(graph: GraphEditor, value: string): Found | undefined {
  const square = powerOf(graph, value, 2);
  const base = square === undefined ? undefined : withoutCast(graph, square.value);
  return square === undefined || base === undefined
    ? undefined
    : { value: base.value, nodes: [...square.nodes, ...base.nodes] };
}

function centredOf(graph: GraphEditor, value: string): Centred | undefined {
  const plain = withoutCast(graph, value);
  const node = producerOf(graph, plain.value, 'Sub');
  const [source = '', subtracted = ''] = node?.input ?? [];
  const mean = meanOf(graph, subtracted);
  return node === undefined || mean?.value !== source
    ? undefined
    : { value: source, mean, nodes: [...plain.nodes, node, ...mean.nodes] };
}

/** The scale and the bias behind the division, as far as they run along `axis`. */
function affineOf(
  graph: GraphEditor,
  division: NodeProto,
  axis: number,
  shape: readonly number[],
): Pick<LayerNormPattern, 'scale' | 'bias' | 'last'> & { nodes: readonly NodeProto[] } {
  const scaled = vectorBehind(graph, division, 'Mul', axis, shape);
  const shifted = vectorBehind(graph, scaled?.node ?? division, 'Add', axis, shape);
  const nodes = [scaled?.node, shifted?.node].filter((node) => node !== undefined);
  return { scale: scaled?.vector, bias: shifted?.vector, last: nodes.at(-1) ?? division, nodes };
}

function vectorBehind(graph: GraphEditor, node: NodeProto, opType: string, axis: number, shape: readonly number[]) {
  const value = node.output[0] ?? '';
  const next = onlyConsumerOf(graph, value, opType);
  const constant = next === undefined ? undefined : floatConstant(graph, otherOperand(next, value));
  const vector = vectorAlong(constant, axis, shape);
  return next === undefined || vector === undefined ? undefined : { node: next, vector };
}
