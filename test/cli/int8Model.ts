import { type ModelProto, TensorProto_DataType as DataType } from '../../src/onnx/generated/onnx_pb.ts';
import { floats, model, node, rawBytes, tensor, value } from '../onnx/build.ts';
import { SIDE } from './line.ts';

/** The redness model with its one layer in the QDQ form that every quantizer writes; `shift` makes it err. */
export function int8Model(steepness: number, shift = 0, side = SIDE): ModelProto {
  const scale = steepness / 127;
  const weights = tensor('wq', [3, 2], {
    dataType: DataType.INT8,
    rawData: rawBytes(Int8Array.of(0, 127, 0, 0, 0, 0)),
  });
  return model({
    input: [value('input', [1, 3, side, side])],
    output: [value('logits', [1, 2])],
    initializer: [
      weights,
      floats('sw', [], [scale]),
      tensor('zw', [], { dataType: DataType.INT8, rawData: new Uint8Array(1) }),
      floats('sx', [], [1 / 255]),
      tensor('zx', [], { dataType: DataType.UINT8, rawData: new Uint8Array(1) }),
      floats('b', [2], [0, -steepness * (0.5 + shift)]),
    ],
    node: [
      node('GlobalAveragePool', ['input'], ['pooled']),
      node('Flatten', ['pooled'], ['features'], { axis: 1 }),
      node('QuantizeLinear', ['features', 'sx', 'zx'], ['xq']),
      node('DequantizeLinear', ['xq', 'sx', 'zx'], ['xd']),
      node('DequantizeLinear', ['wq', 'sw', 'zw'], ['wd']),
      node('Gemm', ['xd', 'wd', 'b'], ['logits']),
    ],
  });
}
