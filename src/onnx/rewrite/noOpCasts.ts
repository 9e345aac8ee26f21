import { type NodeProto, TensorProto_DataType as DataType } from '../generated/onnx_pb.ts';
import { intAttribute } from '../node.ts';
import type { GraphEditor } from './graphEditor.ts';
import { producerOf } from './matching.ts';

/** A value found behind some nodes, which belong to the pattern that was looked for. */
export interface Found {
  readonly value: string;
  readonly nodes: readonly NodeProto[];
}

/** What a Cast from float32 to float32 reads, which exporters leave behind; else `value` itself. */
export function withoutCast(graph: GraphEditor, value: string): Found {
  const node = producerOf(graph, value, 'Cast');
  const source = node?.input[0] ?? '';
  const float: number = DataType.FLOAT;
  return node !== undefined && intAttribute(node, 'to') === float && graph.elementType(source) === float
    ? { value: source, nodes: [node] }
    : { value, nodes: [] };
}
