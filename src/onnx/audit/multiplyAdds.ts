import type { ModelAudit } from '../../records/model.ts';
import type { GraphProto, ModelProto, NodeProto } from '../generated/onnx_pb.ts';
import { functionKey, opKey } from '../node.ts';
import { inferShapes } from '../shapes/infer.ts';
import { nodesIn } from '../walk.ts';
import { printable } from '../badModel.ts';
import { int8Products, type ProductKind } from './int8.ts';
import { mayMultiplyAdd, multiplyAddsOf } from './macs.ts';
import { LONGEST_NAME } from './text.ts';

export interface MultiplyAdds {
  readonly record: ModelAudit['multiply_adds'];
  /** Products whose weights alone are 8-bit integers. */
  readonly weightOnlyNodes: number;
  /** Of the unknown nodes, those that call a function which the file defines. */
  readonly unknownCalls: number;
  /** Of the unknown nodes, those of nested graphs. */
  readonly unknownNested: number;
}

/**
 * Counts the multiply-adds of one inference, and how many of them run on 8-bit integers. Nodes of
 * nested graphs run an unknown number of times, so they cannot be counted.
 */
export function countMultiplyAdds(model: ModelProto, graph: GraphProto, fixedBatch: number | undefined): MultiplyAdds {
  const shapes = inferShapes(model, graph);
  const kindOf = int8Products(graph);
  const perKind: Record<ProductKind, number> = { int8: 0, weight_only: 0, float: 0 };
  const unknown: NodeProto[] = [];
  let weightOnlyNodes = 0;
  for (const node of graph.node) {
    const count = multiplyAddsOf(node, shapes);
    const kind = kindOf(node);
    if (count === undefined || !Number.isSafeInteger(count)) {
      unknown.push(node);
    } else {
      perKind[kind] += count;
    }
    weightOnlyNodes += kind === 'weight_only' ? 1 : 0;
  }
  const main = new Set(graph.node);
  const nested = [...nodesIn(graph)].filter((node) => !main.has(node) && mayMultiplyAdd(node));
  const functions = new Set(model.functions.map(functionKey));
  const unknownCalls = unknown.filter((node) => functions.has(opKey(node))).length;
  unknown.push(...nested);
  const counted = perKind.int8 + perKind.weight_only + perKind.float;
  return {
    record: {
      batch: fixedBatch ?? 1,
      total: unknown.length === 0 ? counted : null,
      counted,
      int8: perKind.int8,
      int8_share: unknown.length === 0 && counted > 0 ? perKind.int8 / counted : null,
      unknown_nodes: unknown.map((node) => ({ name: nodeName(node), operator: printable(opKey(node), LONGEST_NAME) })),
    },
    weightOnlyNodes,
    unknownCalls,
    unknownNested: nested.length,
  };
}

/** Nodes may be nameless; what they make is not. */
function nodeName(node: NodeProto): string {
  return printable(node.name === '' ? (node.output[0] ?? '') : node.name, LONGEST_NAME);
}
