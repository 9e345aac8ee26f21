import type { TensorProto } from './generated/onnx_pb.ts';
import { elementTypeOf } from './elementTypes.ts';
import { badModel, quoted } from './badModel.ts';

export type TensorValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type ViewOf<Values> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Values;

/** The sizes of a tensor's axes; [] is a scalar. */
export function tensorDims(tensor: TensorProto): readonly number[] {
  return tensor.dims.map(Number);
}

/** How many elements a tensor of the sizes `dims` has: 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, size) => count * size, 1);
}

/**
 * The numbers of a tensor that `readModel` has checked, in row-major order, from whichever field
 * holds them. float16 and bfloat16 become float32 (exactly); bool and uint4/uint2 become uint8,
 * int4/int2 int8. The result is a view of the file's bytes where type and alignment allow it, so
 * it must not be written to.
 *
 * @throws BeltbenchError `bad_model` for element types no classifier stores weights in: strings,
 *   complex numbers, floats of 8 bits and fewer.
 */
export function tensorValues(tensor: TensorProto): TensorValues {
  const count = elementCount(tensorDims(tensor));
  const type = elementTypeOf(tensor.dataType)?.name ?? `of type ${tensor.dataType}`;
  switch (type) {
    case 'float32':
      return viewOrCopy(Float32Array, tensor, count, tensor.floatData);
    case 'float64':
      return viewOrCopy(Float64Array, tensor, count, tensor.doubleData);
    case 'float16':
      return float16ToFloat32(viewOrCopy(Uint16Array, tensor, count, tensor.int32Data));
    case 'bfloat16':
      return bfloat16ToFloat32(viewOrCopy(Uint16Array, tensor, count, tensor.int32Data));
    case 'int8':
      return viewOrCopy(Int8Array, tensor, count, tensor.int32Data);
    case 'uint8':
    case 'bool':
      return viewOrCopy(Uint8Array, tensor, count, tensor.int32Data);
    case 'int16':
      return viewOrCopy(Int16Array, tensor, count, tensor.int32Data);
    case 'uint16':
      return viewOrCopy(Uint16Array, tensor, count, tensor.int32Data);
    case 'int32':
      return viewOrCopy(Int32Array, tensor, count, tensor.int32Data);
    case 'uint32':
      return tensor.rawData.length > 0
        ? aligned(Uint32Array, tensor.rawData, count)
        : Uint32Array.from(tensor.uint64Data, Number);
    case 'int64':
      return tensor.rawData.length > 0
        ? aligned(BigInt64Array, tensor.rawData, count)
        : BigInt64Array.from(tensor.int64Data);
    case 'uint64':
      return tensor.rawData.length > 0
        ? aligned(BigUint64Array, tensor.rawData, count)
        : BigUint64Array.from(tensor.uint64Data);
    case 'int4':
    case 'int2':
      return unpacked(Int8Array, tensor, count);
    case 'uint4':
    case 'uint2':
      return unpacked(Uint8Array, tensor, count);
    default:
      throw badModel(
        'model',
        `the values of tensor ${quoted(tensor.name)} are ${type}, which is not read: export the model with float32, float16 or integer weights`,
      );
  }
}

type NumberArrayConstructor<Values> = ViewOf<Values> & {
  readonly BYTES_PER_ELEMENT: number;
  from(numbers: ArrayLike<number>): Values;
};

function viewOrCopy<Values>(
  type: NumberArrayConstructor<Values>,
  { rawData }: TensorProto,
  count: number,
  numbers: readonly number[],
): Values {
  return rawData.length > 0 ? aligned(type, rawData, count) : type.from(numbers);
}

/** Protobuf aligns nothing, typed arrays must be: bytes that lie askew are copied first. Little-endian, as every platform of onnxruntime-node. */
function aligned<Values>(
  type: ViewOf<Values> & { readonly BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
  count: number,
): Values {
  const straight = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new type(straight.buffer, straight.byteOffset, count);
}

/** IEEE 754 binary16 has 1 sign, 5 exponent and 10 mantissa bits; binary32 has 1, 8 and 23. */
function float16ToFloat32(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const words = new Uint32Array(floats.buffer);
  for (const [index, half] of halves.entries()) {
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    const mantissa = half & 0x03ff;
    if (exponent === 0) {
      floats[index] = (sign === 0 ? 1 : -1) * mantissa * 2 ** -24;
    } else if (exponent === 0x7c00) {
      words[index] = sign | 0x7f800000 | (mantissa << 13);
    } else {
      // The exponents' biases, 15 and 127, differ by 112.
      words[index] = sign | ((exponent + (112 << 10) + mantissa) << 13);
    }
  }
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (const [index, half] of halves.entries()) {
    words[index] = half << 16;
  }
  return new Float32Array(words.buffer);
}

/** Elements of 4 or 2 bits, the first in the lowest bits of each byte; int8 sign-extends them. */
function unpacked<Values extends Int8Array | Uint8Array>(
  type: new (length: number) => Values,
  tensor: TensorProto,
  count: number,
): Values {
  const bits = elementTypeOf(tensor.dataType)?.bits ?? 8;
  const bytes = tensor.rawData.length > 0 ? tensor.rawData : Uint8Array.from(tensor.int32Data);
  const perByte = 8 / bits;
  const values = new type(count);
  const signed = values instanceof Int8Array;
  for (let index = 0; index < count; index += 1) {
    const byte = bytes[Math.floor(index / perByte)] ?? 0;
    const upward = 32 - bits - (index % perByte) * bits;
    values[index] = signed ? (byte << upward) >> (32 - bits) : (byte << upward) >>> (32 - bits);
  }
  return values;
}
