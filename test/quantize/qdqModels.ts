import {
  type ModelProto,
  type NodeProto,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from '../../src/onnx/generated/onnx_pb.ts';
import { floats, node, value } from '../onnx/build.ts';
import { bias, qdqModel, qdqParts, roundTrip, SCALE, weight } from './qdq.ts';

/** Conv, Relu, MaxPool, Conv, Add, GlobalAveragePool: what a ResNet is made of. */
export function residualModel(biases: { second?: number; shared?: boolean } = {}): ModelProto {
  const parts = qdqParts();
  const x = roundTrip(parts, 'x');
  const first = [weight(parts, 'w1', [16, 8, 3, 3], 0), bias(parts, 'b1', 16)] as const;
  const pads = { pads: [1, 1, 1, 1] };
  parts.node.push(node('Conv', [x, ...first], ['c1'], pads), node('Relu', ['c1'], ['r1']));
  const relu = roundTrip(parts, 'r1');
  parts.node.push(node('MaxPool', [relu], ['pooled'], { kernel_shape: [2, 2], strides: [2, 2] }));
  const pooled = roundTrip(parts, 'pooled');
  const second = weight(parts, 'w2', [16, 16, 3, 3], 0, biases.shared === true ? SCALE / 4 : SCALE);
  const secondBias = biases.shared === true ? first[1] : bias(parts, 'b2', 16, biases.second);
  parts.node.push(node('Conv', [pooled, second, secondBias], ['c2'], pads));
  const conv = roundTrip(parts, 'c2', 128);
  parts.node.push(node('Add', [pooled, conv], ['sum']));
  const sum = roundTrip(parts, 'sum');
  parts.node.push(node('GlobalAveragePool', [sum], ['mean']));
  parts.node.push(node('Flatten', [roundTrip(parts, 'mean')], ['y']));
  return qdqModel(parts, [value('x', [1, 8, 8, 8])], [value('y', [1, 16])]);
}

/** One linear layer of 4 rows; `roundOutput` says whether it answers integers. */
export function gemmModel(roundOutput: boolean): ModelProto {
  const parts = qdqParts();
  const inputs = [roundTrip(parts, 'x'), weight(parts, 'w', [64, 32], 1), bias(parts, 'b', 32)];
  parts.node.push(node('Gemm', inputs, ['y']));
  const output = roundOutput ? roundTrip(parts, 'y') : 'y';
  return qdqModel(parts, [value('x', [4, 64])], [value(output, [4, 32])]);
}

/** One linear layer of 4 rows whose input is rounded with a range found in every run. */
export function dynamicModel(nodes: readonly NodeProto[] = [], outputs: readonly ValueInfoProto[] = []): ModelProto {
  const parts = qdqParts();
  weight(parts, 'w', [64, 32], 1);
  parts.initializer.push(floats('b', [32]));
  parts.node.splice(
    0,
    1,
    node('DynamicQuantizeLinear', ['x'], ['x_int', 'x_scale', 'x_zero']),
    node('MatMulInteger', ['x_int', 'w_int', 'x_zero', 'w_zero'], ['product']),
    node('Cast', ['product'], ['float'], { to: DataType.FLOAT }),
    node('Mul', ['x_scale', 'w_scale'], ['scale']),
    node('Mul', ['float', 'scale'], ['scaled']),
    node('Add', ['scaled', 'b'], ['y']),
    ...nodes,
  );
  return qdqModel(parts, [value('x', [4, 64])], [value('y', [4, 32]), ...outputs]);
}
