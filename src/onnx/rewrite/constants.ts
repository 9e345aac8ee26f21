import { create } from '@bufbuild/protobuf';
import { elementTypeOf } from '../elementTypes.ts';
import { type TensorProto, TensorProto_DataType as DataType, TensorProtoSchema } from '../generated/onnx_pb.ts';

/** The element types a pass writes; the array type decides. */
export type ConstantData = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

/** A float32 constant, row-major. `data` may alias the file: copy before writing to it. */
export interface FloatConstant {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A tensor around `data`, which must not change afterwards. `dataType` is for bool, which shares its array type. */
export function encodeConstant(
  name: string,
  dims: readonly number[],
  data: ConstantData,
  dataType: DataType = dataTypeOf(data),
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType,
    // ONNX wants little-endian bytes; every platform onnxruntime-node runs on is little-endian.
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
}

/** Whether `tensorValues` can read the tensor's numbers. */
export function isReadable({ dataType }: TensorProto): boolean {
  const type = elementTypeOf(dataType);
  return type?.kind === 'integer' || type?.name === 'bool' || (type?.kind === 'float' && type.bits >= 16);
}

function dataTypeOf(data: ConstantData): DataType {
  if (data instanceof Float32Array) {
    return DataType.FLOAT;
  }
  if (data instanceof BigInt64Array) {
    return DataType.INT64;
  }
  if (data instanceof Int32Array) {
    return DataType.INT32;
  }
  return data instanceof Int8Array ? DataType.INT8 : DataType.UINT8;
}
