import type { NodeProto } from '../../generated/onnx_pb.ts';
import type { GraphEditor } from '../graphEditor.ts';
import type { NearMiss } from '../layerNormPattern.ts';
import { floatConstant, keepsDims, producerOf, reducedAxes } from '../matching.ts';
import { withoutCast } from '../noOpCasts.ts';

/** The L2 norm of `source` over `axes`, which are kept with size 1, times `factor`. */
export interface Norm {
  readonly source: string;
  readonly shape: readonly number[];
  /** Counted from the front. */
  readonly axes: readonly number[];
  /** 1, or 1 / sqrt(n) when the squares are averaged. */
  readonly factor: number;
}

/** What a norm reads and how. */
interface Reduction {
  readonly node: NodeProto;
  readonly source: string;
}

/**
 * The L2 norm that `value` is, in any form exporters write: ReduceL2, or the root of a sum or mean of
 * squares. `undefined` when it is nothing of that kind.
 */
export function normOf(graph: GraphEditor, value: string): Norm | NearMiss | undefined {
  const reduction = reductionOf(graph, plain(graph, value));
  if (reduction === undefined) {
    return undefined;
  }
  const { node, source } = reduction;
  const shape = graph.shape(source);
  if (shape === undefined) {
    return { reason: 'the shape of what it normalises is not known without a run' };
  }
  if (producerOf(graph, source, 'Gather') !== undefined) {
    return { reason: 'its norm is taken of a part of the values' };
  }
  const isProduct = node.opType === 'MatMul';
  const axes = isProduct ? [0] : reducedAxes(graph, node, shape.length);
  if (axes === undefined || !(isProduct || keepsDims(node))) {
    return { reason: 'its norm does not keep the axes it is taken over with size 1' };
  }
  const count = axes.reduce((product, axis) => product * (shape[axis] ?? Number.NaN), 1);
  return { source, shape, axes, factor: node.opType === 'ReduceMean' ? 1 / Math.sqrt(count) : 1 };
}

function reductionOf(graph: GraphEditor, value: string): Reduction | undefined {
  const whole = producerOf(graph, value, 'ReduceL2');
  if (whole !== undefined) {
    return { node: whole, source: magnitude(graph, whole.input[0] ?? '') };
  }
  const root = producerOf(graph, value, 'Sqrt', 'Pow');
  if (root === undefined || (root.opType === 'Pow' && graph.numbers(root.input[1] ?? '')?.join() !== '0.5')) {
    return undefined;
  }
  const sum = plain(graph, root.input[0] ?? '');
  const node = producerOf(graph, sum, 'ReduceSumSquare', 'ReduceSum', 'ReduceMean', 'MatMul');
  if (node?.opType === 'ReduceSumSquare') {
    return { node, source: magnitude(graph, node.input[0] ?? '') };
  }
  if (node?.opType === 'MatMul' && !addsRows(graph, node)) {
    return undefined;
  }
  const source = squareRootOf(graph, node?.input[node.opType === 'MatMul' ? 1 : 0] ?? '');
  return node === undefined || source === undefined ? undefined : { node, source };
}

/** Whether a MatMul is the sum over the rows of a matrix: a row of ones in front. */
function addsRows(graph: GraphEditor, { input: [left = ''] }: NodeProto): boolean {
  const ones = floatConstant(graph, left);
  return ones?.dims.length === 2 && ones.dims[0] === 1 && ones.data.every((one) => one === 1);
}

/** What `value` is the square of. */
function squareRootOf(graph: GraphEditor, value: string): string | undefined {
  const node = producerOf(graph, plain(graph, value), 'Mul', 'Pow');
  const [base = '', right = ''] = node?.input ?? [];
  const isSquare = node?.opType === 'Mul' ? base === right : graph.numbers(right)?.join() === '2';
  return node !== undefined && isSquare ? magnitude(graph, base) : undefined;
}

/** `value` itself, without an Abs that squaring makes needless. */
function magnitude(graph: GraphEditor, value: string): string {
  const absolute = producerOf(graph, plain(graph, value), 'Abs');
  return plain(graph, absolute?.input[0] ?? value);
}

/** `value` itself, in front of operators that do nothing. */
function plain(graph: GraphEditor, value: string): string {
  const uncast = withoutCast(graph, value).value;
  const identity = producerOf(graph, uncast, 'Identity');
  return identity === undefined ? uncast : plain(graph, identity.input[0] ?? '');
}
