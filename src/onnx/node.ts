import type { AttributeProto, FunctionProto, NodeProto, TensorProto } from './generated/onnx_pb.ts';

/** An operator's name; one outside ONNX's own domain is preceded by its domain: `com.microsoft.QGemm`. */
export function opKey({ domain, opType }: Pick<NodeProto, 'domain' | 'opType'>): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
}

/** The `opKey` of the nodes that call a local function. */
export function functionKey({ domain, name }: FunctionProto): string {
  return opKey({ domain, opType: name });
}

function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** The integer attribute `name` as a number, or `undefined` when the node has none. */
export function intAttribute(node: NodeProto, name: string): number | undefined {
  const attribute = attributeOf(node, name);
  return attribute === undefined ? undefined : Number(attribute.i);
}

/** The list of integers `name`, or `undefined` when the node has none. */
export function intsAttribute(node: NodeProto, name: string): readonly number[] | undefined {
  return attributeOf(node, name)?.ints.map(Number);
}

export function floatAttribute(node: NodeProto, name: string): number | undefined {
  return attributeOf(node, name)?.f;
}

export function floatsAttribute(node: NodeProto, name: string): readonly number[] | undefined {
  return attributeOf(node, name)?.floats;
}

export function stringAttribute(node: NodeProto, name: string): string | undefined {
  const attribute = attributeOf(node, name);
  return attribute === undefined ? undefined : new TextDecoder().decode(attribute.s);
}

export function tensorAttribute(node: NodeProto, name: string): TensorProto | undefined {
  return attributeOf(node, name)?.t;
}
