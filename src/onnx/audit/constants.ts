import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
} from '../generated/onnx_pb.ts';
import { floatsAttribute, opKey, tensorAttribute } from '../node.ts';
import { tensorDims } from '../tensor.ts';
import { graphsIn } from '../walk.ts';

/** A value stored in the file: an initialiser, or what a Constant node makes. */
export interface Constant {
  /** The name nodes read it by. */
  readonly name: string;
  /** Sizes of its axes; those of the dense tensor when `tensor` holds a sparse one's values. */
  readonly dims: readonly number[];
  readonly tensor: TensorProto;
}

/** Every constant of `graph` and the graphs nested in it. */
export function* constantsIn(graph: GraphProto): Generator<Constant> {
  for (const { initializer, sparseInitializer, node } of graphsIn(graph)) {
    for (const tensor of initializer) {
      yield { name: tensor.name, dims: tensorDims(tensor), tensor };
    }
    for (const { values, dims } of sparseInitializer) {
      if (values !== undefined) {
        yield { name: values.name, dims: dims.map(Number), tensor: values };
      }
    }
    for (const one of node) {
      const tensor = opKey(one) === 'Constant' ? tensorOf(one) : undefined;
      if (tensor !== undefined) {
        yield { name: one.output[0] ?? '', dims: tensorDims(tensor), tensor };
      }
    }
  }
}

function tensorOf(node: NodeProto): TensorProto | undefined {
  const floats = floatsAttribute(node, 'value_floats');
  return floats === undefined
    ? tensorAttribute(node, 'value')
    : create(TensorProtoSchema, {
        dataType: DataType.FLOAT,
        dims: [BigInt(floats.length)],
        floatData: [...floats],
      });
}
