import { elementTypeOf } from '../elementTypes.ts';
import type { TensorProto } from '../generated/onnx_pb.ts';
import { tensorValues } from '../tensor.ts';

/** How many numbers of a tensor slow a CPU down (subnormal) or spoil every result (the others). */
export interface FloatFaults {
  readonly subnormal: number;
  readonly nan: number;
  readonly infinite: number;
}

const SMALLEST_NORMAL_FLOAT64 = 2 ** -1022;
const EXPONENT_BITS = 0x7f800000;
const MANTISSA_BITS = 0x007fffff;
const PIECE_BYTES = 65_536;

/**
 * Counts subnormal, NaN and infinite numbers in a tensor of floats; integers have none, and floats
 * of 8 bits and fewer are not looked at. Subnormals count where a CPU meets them as such: in
 * float32, float64 and bfloat16, but not in float16, whose subnormals are ordinary float32 numbers.
 */
export function floatFaultsOf(tensor: TensorProto): FloatFaults {
  const type = elementTypeOf(tensor.dataType);
  if (type?.name === 'float32' && tensor.rawData.length > 0) {
    return rawFloat32Faults(tensor.rawData);
  }
  const values = type?.kind === 'float' && type.bits >= 16 ? tensorValues(tensor) : undefined;
  if (values instanceof Float32Array) {
    return float32Faults(new Uint32Array(values.buffer, values.byteOffset, values.length));
  }
  return values instanceof Float64Array ? float64Faults(values) : { subnormal: 0, nan: 0, infinite: 0 };
}

/** Piece by piece: protobuf aligns nothing, and to copy a whole tensor straight costs as much as to look at it. */
function rawFloat32Faults(bytes: Uint8Array): FloatFaults {
  const piece = new Uint8Array(PIECE_BYTES);
  const total = { subnormal: 0, nan: 0, infinite: 0 };
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const part = bytes.subarray(start, start + PIECE_BYTES);
    piece.set(part);
    const { subnormal, nan, infinite } = float32Faults(new Uint32Array(piece.buffer, 0, Math.floor(part.length / 4)));
    total.subnormal += subnormal;
    total.nan += nan;
    total.infinite += infinite;
  }
  return total;
}

/** Works on the bits, because arithmetic on subnormals is the very thing that is slow. */
function float32Faults(words: Uint32Array): FloatFaults {
  let subnormal = 0;
  let nan = 0;
  let infinite = 0;
  // By index: `for...of` takes four times as long, and there are millions.
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    const exponent = word & EXPONENT_BITS;
    if (exponent === 0) {
      subnormal += (word & MANTISSA_BITS) === 0 ? 0 : 1;
    } else if (exponent === EXPONENT_BITS) {
      const isInfinite = (word & MANTISSA_BITS) === 0;
      infinite += isInfinite ? 1 : 0;
      nan += isInfinite ? 0 : 1;
    }
  }
  return { subnormal, nan, infinite };
}

function float64Faults(values: Float64Array): FloatFaults {
  let subnormal = 0;
  let nan = 0;
  let infinite = 0;
  for (const value of values) {
    subnormal += value !== 0 && Math.abs(value) < SMALLEST_NORMAL_FLOAT64 ? 1 : 0;
    nan += Number.isNaN(value) ? 1 : 0;
    infinite += Math.abs(value) === Infinity ? 1 : 0;
  }
  return { subnormal, nan, infinite };
}
