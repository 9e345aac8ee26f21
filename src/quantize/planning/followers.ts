import type { NodeProto } from '../../onnx/generated/onnx_pb.ts';
import { floatAttribute, opKey } from '../../onnx/node.ts';
import type { GraphEditor } from '../../onnx/rewrite/graphEditor.ts';
import { floatConstant, isOp, keepsDims, reducedAxes } from '../../onnx/rewrite/matching.ts';
import type { Recipe } from '../../records/recipe.ts';
import type { Kernel } from '../plan.ts';

/** What has no weights and can pass integers on, when it stands among integers. */
export function followerKernel(graph: GraphEditor, node: NodeProto): Kernel | undefined {
  switch (opKey(node)) {
    case 'Add':
      return node.input.some((input) => floatConstant(graph, input) !== undefined) ? undefined : 'QLinearAdd';
    case 'GlobalAveragePool':
    case 'ReduceMean':
      return isImagePool(graph, node) ? 'QLinearGlobalAveragePool' : undefined;
    case 'MaxPool':
    case 'Reshape':
    case 'Flatten':
    case 'Transpose':
    case 'Squeeze':
    case 'Unsqueeze':
      return node.output.length === 1 ? 'dropped' : undefined;
    default:
      return undefined;
  }
}

/** Whether a node averages each channel of [N, C, H, W] into [N, C, 1, 1]. */
function isImagePool(graph: GraphEditor, node: NodeProto): boolean {
  const rank = graph.shape(node.input[0] ?? '')?.length;
  if (rank !== 4) {
    return false;
  }
  const axes = node.opType === 'ReduceMean' ? reducedAxes(graph, node, rank) : [2, 3];
  return keepsDims(node) && axes?.toSorted().join() === '2,3';
}

/**
 * Whether a node only bounds what it reads, in a way that the range of the integers can do as well:
 * 0 is within the bounds, and a symmetric range needs symmetric ones (or none below 0, for which
 * the zero point moves to the end).
 */
export function isRectifier(graph: GraphEditor, node: NodeProto, { activations }: Recipe): boolean {
  if (!isOp(node, 'Relu', 'Clip')) {
    return false;
  }
  const { low, high } = boundsOf(graph, node);
  const hasZero = low !== undefined && high !== undefined && low <= 0 && high >= 0;
  return hasZero && (activations === 'u8' || low === 0 || low === -high);
}

interface Bounds {
  /** -Infinity for none; `undefined` when the run decides. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** What a Relu or Clip bounds its input to. */
export function boundsOf(graph: GraphEditor, node: NodeProto): Bounds {
  if (node.opType === 'Relu') {
    return { low: 0, high: Infinity };
  }
  const bound = (name: string, index: number, none: number): number | undefined => {
    const input = node.input[index] ?? '';
    return input === '' ? (floatAttribute(node, name) ?? none) : floatConstant(graph, input)?.data[0];
  };
  return { low: bound('min', 1, -Infinity), high: bound('max', 2, Infinity) };
}
