import type { NodeProto } from '../generated/onnx_pb.ts';
import { intAttribute, opKey } from '../node.ts';
import type { InferredShapes } from '../shapes/infer.ts';
import { factorsOf, isMatrixProduct } from '../shapes/products.ts';
import { shapeRuleOf } from '../shapes/rules.ts';
import { type Dim, type NodeView, type Shape, sizeOf, times } from '../shapes/types.ts';

/** The convolutions, and which input holds their weights [out, in / groups, ...kernel]. */
const WEIGHT_INPUT: ReadonlyMap<string, number> = new Map([
  ['Conv', 1],
  ['ConvInteger', 1],
  ['QLinearConv', 3],
  ['com.microsoft.FusedConv', 1],
  ['com.microsoft.QLinearConv', 3],
]);

/** Operators without a shape rule that multiply nothing: they choose, compare, or run other nodes. */
const FREE = new Set([
  'Compress',
  'EyeLike',
  'GatherND',
  'If',
  'Loop',
  'NonMaxSuppression',
  'NonZero',
  'OneHot',
  'Optional',
  'ReverseSequence',
  'Scan',
  'ScatterElements',
  'ScatterND',
  'Unique',
]);

/**
 * The multiply-adds of one node: what its convolution or matrix product multiplies and adds up,
 * padding included, without the bias. Every other operator whose cost is known counts none, as is
 * usual: normalisation, activations, pooling and element-by-element arithmetic are not multiply-adds.
 *
 * @returns `undefined` when a shape it depends on is unknown, or the operator is: never 0 instead.
 */
export function multiplyAddsOf(node: NodeProto, { shapeOf, viewOf }: InferredShapes): Dim {
  const op = opKey(node);
  const view = viewOf(node);
  const output = shapeOf(node.output[0] ?? '');
  const weightInput = WEIGHT_INPUT.get(op);
  if (weightInput !== undefined) {
    return times(whole(output), whole(view.shape(weightInput)?.slice(1)));
  }
  if (op === 'ConvTranspose') {
    return times(whole(view.shape(0)), whole(view.shape(1)?.slice(1)));
  }
  if (isMatrixProduct(op)) {
    return times(whole(output), depthOf(view, op));
  }
  if (op === 'com.microsoft.MatMulNBits') {
    return times(whole(output), intAttribute(node, 'K'));
  }
  return shapeRuleOf(op) !== undefined || FREE.has(op) ? 0 : undefined;
}

/** Whether the node may multiply and add, as far as its operator alone tells. */
export function mayMultiplyAdd(node: NodeProto): boolean {
  const view: NodeView = { node, opset: 1, shape: () => undefined, folded: () => undefined };
  return multiplyAddsOf(node, { shapeOf: () => undefined, numbersOf: () => undefined, viewOf: () => view }) !== 0;
}

function whole(shape: Shape | undefined): Dim {
  return shape === undefined ? undefined : sizeOf(shape);
}

/** How many products each output element of a matrix product sums up. */
function depthOf(view: NodeView, op: string): Dim {
  const factors = factorsOf(view, op);
  return factors?.a.at(-1) ?? factors?.b.at(-2);
}
