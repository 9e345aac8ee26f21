import { transpose } from '../architectures/layers.ts';
import type { NodeProto } from '../generated/onnx_pb.ts';
import { floatAttribute, intAttribute, intsAttribute, opKey } from '../node.ts';
import { dimsOf } from '../shapes/infer.ts';
import { axisOf } from '../shapes/types.ts';
import type { FloatConstant, GraphEditor } from './graphEditor.ts';

/** Exporters store constants as float32 and write some with few digits; this is far below what changes an output. */
const RELATIVE_TOLERANCE = 1e-6;

/** How many layout operators an exporter puts between a stored tensor and where it is used, at most. */
const LONGEST_DETOUR = 8;

/** Whether `node` is one of these operators of ONNX's own domain. */
export function isOp(node: NodeProto | undefined, ...opTypes: readonly string[]): node is NodeProto {
  return node !== undefined && opTypes.includes(opKey(node));
}

/** The node that computes `value`, when it is one of these operators of ONNX's own domain. */
export function producerOf(
  graph: GraphEditor,
  value: string | undefined,
  ...opTypes: readonly string[]
): NodeProto | undefined {
  const node = graph.producer(value ?? '');
  return isOp(node, ...opTypes) ? node : undefined;
}

/** The only node that reads `value`, when it is one of these operators and nothing else needs the value. */
export function onlyConsumerOf(
  graph: GraphEditor,
  value: string | undefined,
  ...opTypes: readonly string[]
): NodeProto | undefined {
  const node = graph.onlyConsumer(value ?? '');
  return isOp(node, ...opTypes) ? node : undefined;
}

/** What to call a node in a message: its name, or its output's when it has none. */
export function labelOf(node: NodeProto): string {
  return node.name === '' ? (node.output[0] ?? node.opType) : node.name;
}

/** The operand of a binary operator that is not `value`; `value` itself when it stands on both sides. */
export function otherOperand({ input: [left, right] }: NodeProto, value: string): string | undefined {
  return left === value ? right : right === value ? left : undefined;
}

/** A float32 constant of one element, whatever its rank and however it is stored. */
export function scalarOf(graph: GraphEditor, value: string | undefined): number | undefined {
  const constant = floatConstant(graph, value);
  return constant?.data.length === 1 ? constant.data[0] : undefined;
}

export interface ScalarOperand {
  readonly scalar: number;
  /** The other operand. */
  readonly other: string;
  /** Which operand the scalar is. */
  readonly side: 'left' | 'right';
}

/** The operand of a binary operator that is a float32 constant of one element; the right one when both are. */
export function scalarOperand(
  graph: GraphEditor,
  { input: [left = '', right = ''] }: NodeProto,
): ScalarOperand | undefined {
  const onRight = scalarOf(graph, right);
  if (onRight !== undefined) {
    return { scalar: onRight, other: left, side: 'right' };
  }
  const onLeft = scalarOf(graph, left);
  return onLeft === undefined ? undefined : { scalar: onLeft, other: right, side: 'left' };
}

/** Whether two constants are the same number, as far as float32 and an exporter's digits can tell. */
export function closeTo(a: number, b: number): boolean {
  return Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.abs(b);
}

/**
 * A float32 constant: stored, or made from a stored one by operators that only change its layout
 * (a weight turned, a bias given axes of size 1), which exporters leave in the graph at times.
 */
export function floatConstant(graph: GraphEditor, value: string | undefined): FloatConstant | undefined {
  const detour: NodeProto[] = [];
  let source = value ?? '';
  let constant = storedFloats(graph, source);
  while (constant === undefined) {
    const node = producerOf(graph, source, 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Transpose');
    if (node === undefined || detour.length === LONGEST_DETOUR) {
      return undefined;
    }
    detour.push(node);
    source = node.input[0] ?? '';
    constant = storedFloats(graph, source);
  }
  return detour.reduceRight<FloatConstant | undefined>((tensor, node) => laidOut(graph, tensor, node), constant);
}

function storedFloats(graph: GraphEditor, value: string): FloatConstant | undefined {
  const node = producerOf(graph, value, 'Constant');
  const scalar = node === undefined ? undefined : floatAttribute(node, 'value_float');
  return scalar === undefined ? graph.floats(value) : { dims: [], data: Float32Array.of(scalar) };
}

function laidOut(graph: GraphEditor, tensor: FloatConstant | undefined, node: NodeProto): FloatConstant | undefined {
  if (tensor === undefined) {
    return undefined;
  }
  if (node.opType === 'Transpose') {
    const perm = intsAttribute(node, 'perm') ?? [1, 0];
    return tensor.dims.length === 2 && perm[0] === 1 ? transpose(tensor) : undefined;
  }
  const dims = graph.shape(node.output[0] ?? '');
  return dims === undefined ? undefined : { dims, data: tensor.data };
}

/**
 * The numbers of a constant that differs along one axis only, when it meets a value of `shape`: a
 * bias of [C] on the last axis, of [C, 1, 1] or [1, C, 1, 1] on axis 1 of [N, C, H, W]. `undefined`
 * when it has another form, or would stretch the value.
 */
export function vectorAlong(
  constant: FloatConstant | undefined,
  axis: number,
  shape: readonly number[],
): Float32Array | undefined {
  if (constant === undefined || constant.dims.length > shape.length) {
    return undefined;
  }
  const missing = shape.length - constant.dims.length;
  const fits = shape.every((size, at) => (constant.dims[at - missing] ?? 1) === (at === axis ? size : 1));
  return fits ? constant.data : undefined;
}

/** The axes a reduction works on, counted from the front; `undefined` when unknown, and for all axes. */
export function reducedAxes(graph: GraphEditor, node: NodeProto, rank: number): readonly number[] | undefined {
  const axes = intsAttribute(node, 'axes') ?? graph.numbers(node.input[1] ?? '');
  const fromFront = axes?.map((axis) => axisOf(axis, rank)).filter((axis) => axis !== undefined);
  return fromFront?.length === axes?.length && fromFront?.length !== 0 ? fromFront : undefined;
}

/** Whether a reduction leaves axes of size 1 behind, which is ONNX's default. */
export function keepsDims(node: NodeProto): boolean {
  return intAttribute(node, 'keepdims') !== 0;
}

/**
 * A value inside a pattern that something outside reads too, so that the pattern cannot be replaced
 * as one. The outputs of `last` may be read by anything.
 */
export function readFromOutside(
  graph: GraphEditor,
  pattern: ReadonlySet<NodeProto>,
  last: NodeProto,
): string | undefined {
  return [...pattern]
    .filter((node) => node !== last)
    .flatMap(({ output }) => output)
    .find((value) => graph.isGraphOutput(value) || graph.consumers(value).some((reader) => !pattern.has(reader)));
}

/**
 * Whether every size of every input is fixed. Only then is a shape that follows from them the shape
 * of every run: a free batch counts as 1 where shapes are inferred.
 */
export function hasFixedInputs(graph: GraphEditor): boolean {
  return graph.inputs.every((input) => dimsOf(input)?.every((dim) => typeof dim === 'number') === true);
}
