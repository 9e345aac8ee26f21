import {
  type ModelProto,
  type NodeProto,
  TensorProto_DataType as DataType,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/onnx/generated/onnx_pb.ts';
import { floats, int8s, model, node, rawBytes, tensor } from '../onnx/build.ts';

/** Nodes and constants of a graph in the QDQ form, collected piece by piece. */
export interface QdqParts {
  readonly node: NodeProto[];
  readonly initializer: TensorProto[];
}

/** Every activation and weight has this scale, so that a bias has its square. */
export const SCALE = 1 / 16;

export function qdqParts(): QdqParts {
  return { node: [], initializer: [] };
}

/** Rounds a value to 8 unsigned bits and back, with zero point 0 unless said otherwise; returns the name of the result. */
export function roundTrip(parts: QdqParts, value: string, zeroPoint = 0): string {
  parts.initializer.push(
    floats(`${value}_scale`, [], [SCALE]),
    tensor(`${value}_zero`, [], { dataType: DataType.UINT8, rawData: Uint8Array.of(zeroPoint) }),
  );
  parts.node.push(node('QuantizeLinear', [value, `${value}_scale`, `${value}_zero`], [`${value}_q`]));
  parts.node.push(node('DequantizeLinear', [`${value}_q`, `${value}_scale`, `${value}_zero`], [`${value}_d`]));
  return `${value}_d`;
}

/** Weights of 8 bits, each 3 times the scale, which every channel along `axis` has of its own; returns the name of their floats. */
export function weight(parts: QdqParts, name: string, dims: readonly number[], axis: number, scale = SCALE): string {
  const channels = dims[axis] ?? 0;
  parts.initializer.push(
    int8s(`${name}_int`, dims),
    floats(
      `${name}_scale`,
      [channels],
      Array.from({ length: channels }, () => scale),
    ),
    tensor(`${name}_zero`, [channels], { dataType: DataType.INT8, rawData: new Uint8Array(channels) }),
  );
  parts.node.push(node('DequantizeLinear', [`${name}_int`, `${name}_scale`, `${name}_zero`], [name], { axis }));
  return name;
}

/** A bias of 32 bits, its numbers 100 times its scale; returns the name of its floats. */
export function bias(parts: QdqParts, name: string, channels: number, scale = SCALE * SCALE): string {
  parts.initializer.push(
    tensor(`${name}_int`, [channels], {
      dataType: DataType.INT32,
      rawData: rawBytes(new Int32Array(channels).fill(100)),
    }),
    floats(
      `${name}_scale`,
      [channels],
      Array.from({ length: channels }, () => scale),
    ),
    tensor(`${name}_zero`, [channels], { dataType: DataType.INT32, rawData: new Uint8Array(4 * channels) }),
  );
  parts.node.push(node('DequantizeLinear', [`${name}_int`, `${name}_scale`, `${name}_zero`], [name], { axis: 0 }));
  return name;
}

export function qdqModel(
  parts: QdqParts,
  input: readonly ValueInfoProto[],
  output: readonly ValueInfoProto[],
): ModelProto {
  return model({ ...parts, input: [...input], output: [...output] });
}
