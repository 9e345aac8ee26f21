import type { NodeProto } from '../generated/onnx_pb.ts';
import type { GraphEditor } from './graphEditor.ts';
import { closeTo, keepsDims, producerOf, reducedAxes, scalarOperand } from './matching.ts';
import { type Found, withoutCast } from './noOpCasts.ts';

/** A mean of `value`. */
export interface Mean extends Found {
  /** The node that averages or sums. */
  readonly reduction: NodeProto;
  /** What is divided by behind the reduction. */
  readonly divisor: number;
  /** Where the mean comes out. */
  readonly result: string;
}

/**
 * A mean in any form exporters write: averaged, or summed and divided; with the axis kept, or put
 * back by a reshape. Which axis, and whether the divisor is its size, `axisOfMean` tells.
 */
export function meanOf(graph: GraphEditor, result: string): Mean | undefined {
  const nodes: NodeProto[] = [];
  let divisor = 1;
  let value = result;
  for (;;) {
    const node = producerOf(graph, value, 'ReduceMean', 'ReduceSum', 'Reshape', 'Unsqueeze', 'Div', 'Mul', 'Cast');
    const step = node === undefined ? undefined : stepBack(graph, node);
    if (node === undefined || step === undefined) {
      return undefined;
    }
    nodes.push(node);
    divisor *= step.divisor;
    value = step.value;
    if (node.opType === 'ReduceMean' || node.opType === 'ReduceSum') {
      return { value, reduction: node, divisor, result, nodes };
    }
  }
}

/** What a node of a mean reads, and what it divides it by. */
function stepBack(graph: GraphEditor, node: NodeProto): { value: string; divisor: number } | undefined {
  const [value = ''] = node.input;
  switch (node.opType) {
    case 'Cast': {
      const plain = withoutCast(graph, node.output[0] ?? '');
      return plain.nodes.length === 0 ? undefined : { value: plain.value, divisor: 1 };
    }
    case 'Div': {
      const factor = scalarOperand(graph, node);
      return factor?.side === 'right' ? { value, divisor: factor.scalar } : undefined;
    }
    case 'Mul': {
      const factor = scalarOperand(graph, node);
      return factor === undefined ? undefined : { value: factor.other, divisor: 1 / factor.scalar };
    }
    default:
      return { value, divisor: 1 };
  }
}

/** The one axis of a value of `shape` that `mean` is taken over, when the mean has size 1 there and is none of more. */
export function axisOfMean(graph: GraphEditor, mean: Mean, shape: readonly number[]): number | undefined {
  const { reduction, divisor, result, nodes } = mean;
  const [axis, ...others] = reducedAxes(graph, reduction, shape.length) ?? [];
  if (axis === undefined || others.length > 0) {
    return undefined;
  }
  const kept = shape.map((size, at) => (at === axis ? 1 : size)).join();
  const isKept = (keepsDims(reduction) && nodes.length === 1) || graph.shape(result)?.join() === kept;
  const wanted = reduction.opType === 'ReduceSum' ? shape[axis] : 1;
  return isKept && wanted !== undefined && closeTo(divisor, wanted) ? axis : undefined;
}
