import { create } from '@bufbuild/protobuf';
import { AttributeProtoSchema, type NodeProto } from '../generated/onnx_pb.ts';
import { type Attribute, encodeAttribute } from '../graph.ts';

/** Gives a node an attribute in place of the one of that name; the graph must be told of it by `changed`. */
export function setAttribute(node: NodeProto, name: string, attribute: Attribute): void {
  const others = node.attribute.filter((other) => other.name !== name);
  node.attribute = [...others, create(AttributeProtoSchema, encodeAttribute(name, attribute))];
}
