import { TensorProto_DataType as DataType } from './generated/onnx_pb.ts';

/** The field of a TensorProto that holds its numbers when `raw_data` does not. */
export type DataField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data' | 'stringData';

/** How one of ONNX's element types is called and stored. */
export interface ElementType {
  readonly name: string;
  /** Bits of one element in raw_data; 0 for strings, which raw_data never holds. */
  readonly bits: number;
  readonly kind: 'float' | 'integer' | 'other';
  readonly field: DataField;
  /** How many entries of `field` one element takes: 2 for complex numbers, a fraction where a byte packs several. */
  readonly entriesPerElement: number;
}

function float(name: string, bits: number, field: DataField = 'int32Data', entriesPerElement = 1): ElementType {
  return { name, bits, kind: 'float', field, entriesPerElement };
}

function integer(name: string, bits: number, field: DataField = 'int32Data', entriesPerElement = 1): ElementType {
  return { name, bits, kind: 'integer', field, entriesPerElement };
}

function other(name: string, bits: number, field: DataField, entriesPerElement = 1): ElementType {
  return { name, bits, kind: 'other', field, entriesPerElement };
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  [DataType.FLOAT]: float('float32', 32, 'floatData'),
  [DataType.UINT8]: integer('uint8', 8),
  [DataType.INT8]: integer('int8', 8),
  [DataType.UINT16]: integer('uint16', 16),
  [DataType.INT16]: integer('int16', 16),
  [DataType.INT32]: integer('int32', 32),
  [DataType.INT64]: integer('int64', 64, 'int64Data'),
  [DataType.STRING]: other('string', 0, 'stringData'),
  [DataType.BOOL]: other('bool', 8, 'int32Data'),
  [DataType.FLOAT16]: float('float16', 16),
  [DataType.DOUBLE]: float('float64', 64, 'doubleData'),
  [DataType.UINT32]: integer('uint32', 32, 'uint64Data'),
  [DataType.UINT64]: integer('uint64', 64, 'uint64Data'),
  [DataType.COMPLEX64]: other('complex64', 64, 'floatData', 2),
  [DataType.COMPLEX128]: other('complex128', 128, 'doubleData', 2),
  [DataType.BFLOAT16]: float('bfloat16', 16),
  [DataType.FLOAT8E4M3FN]: float('float8e4m3fn', 8),
  [DataType.FLOAT8E4M3FNUZ]: float('float8e4m3fnuz', 8),
  [DataType.FLOAT8E5M2]: float('float8e5m2', 8),
  [DataType.FLOAT8E5M2FNUZ]: float('float8e5m2fnuz', 8),
  [DataType.UINT4]: integer('uint4', 4, 'int32Data', 1 / 2),
  [DataType.INT4]: integer('int4', 4, 'int32Data', 1 / 2),
  [DataType.FLOAT4E2M1]: float('float4e2m1', 4, 'int32Data', 1 / 2),
  [DataType.FLOAT8E8M0]: float('float8e8m0', 8),
  [DataType.UINT2]: integer('uint2', 2, 'int32Data', 1 / 4),
  [DataType.INT2]: integer('int2', 2, 'int32Data', 1 / 4),
  [DataType.FLOAT6E2M3]: float('float6e2m3', 6),
  [DataType.FLOAT6E3M2]: float('float6e3m2', 6),
};

/** The element type with ONNX's number `dataType`, or `undefined` when onnx.proto knows none. */
export function elementTypeOf(dataType: number): ElementType | undefined {
  return elementTypes[dataType];
}
