import type { NodeProto } from '../generated/onnx_pb.ts';
import { opKey } from '../node.ts';

/**
 * What a node takes an input for. `data` is computed with; `quantized` is data held as integers,
 * which scales give their meaning; a `setting` says how: scales, zero points, regions.
 */
export type Operand = 'data' | 'quantized' | 'setting';

/** Which inputs of the operators on integers are data; their others are scales and zero points. */
const QUANTIZED_INPUTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['ConvInteger', [0, 1]],
  ['DequantizeLinear', [0]],
  ['MatMulInteger', [0, 1]],
  ['QLinearConv', [0, 3, 8]],
  ['QLinearMatMul', [0, 3]],
  ['com.microsoft.DequantizeLinear', [0]],
  ['com.microsoft.DynamicQuantizeMatMul', [0, 1, 4]],
  ['com.microsoft.MatMulIntegerToFloat', [0, 1, 6]],
  ['com.microsoft.MatMulNBits', [0, 1, 5]],
  ['com.microsoft.QGemm', [0, 3, 6]],
  ['com.microsoft.QLinearAdd', [0, 3]],
  ['com.microsoft.QLinearAveragePool', [0]],
  ['com.microsoft.QLinearConv', [0, 3, 8]],
  ['com.microsoft.QLinearGlobalAveragePool', [0]],
  ['com.microsoft.QLinearLeakyRelu', [0]],
  ['com.microsoft.QLinearMul', [0, 3]],
  ['com.microsoft.QLinearSigmoid', [0]],
  ['com.microsoft.QLinearSoftmax', [0]],
  ['com.microsoft.QLinearWhere', [0, 1, 4]],
]);

/** Which inputs of operators on any numbers are no data, where they may be of a data type. */
const SETTING_INPUTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['QuantizeLinear', [1, 2]],
  ['com.microsoft.QuantizeLinear', [1, 2]],
  ['Resize', [1, 2, 3]],
  ['Upsample', [1]],
]);

/** What the node takes its input `index` for. */
export function operandOf(node: NodeProto, index: number): Operand {
  const op = opKey(node);
  if (op === 'com.microsoft.QLinearConcat') {
    // The output's scale and zero point, then each part with its own.
    return index >= 2 && (index - 2) % 3 === 0 ? 'quantized' : 'setting';
  }
  const quantized = QUANTIZED_INPUTS.get(op);
  if (quantized !== undefined) {
    return quantized.includes(index) ? 'quantized' : 'setting';
  }
  return SETTING_INPUTS.get(op)?.includes(index) === true ? 'setting' : 'data';
}
