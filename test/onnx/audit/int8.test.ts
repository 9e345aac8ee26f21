import * as assert from 'uvu/assert';
import { int8Products } from '../../../src/onnx/audit/int8.ts';
import {
  type NodeProto,
  TensorProto_DataType as DataType,
  type TensorProto,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../../describe.ts';
import { floats, graph, int8s, node, tensor } from '../build.ts';

const SUPPORT = new Set(['QuantizeLinear', 'DequantizeLinear', 'Reshape']);

/** Kinds of the products in a graph around `nodes`, in order. */
function kinds(nodes: readonly NodeProto[], initializer: readonly TensorProto[]): readonly string[] {
  const kindOf = int8Products(graph({ node: [...nodes], initializer: [...initializer] }));
  return nodes.filter(({ opType }) => !SUPPORT.has(opType)).map((one) => kindOf(one));
}

const quantize = node('QuantizeLinear', ['x', 's', 'zx'], ['xq']);
const dequantize = node('DequantizeLinear', ['xq', 's', 'zx'], ['xd']);
const dequantizeWeight = node('DequantizeLinear', ['w', 's', 'z'], ['wd']);
const constants = [floats('s', [], [0.1]), int8s('z', []), int8s('zx', [], DataType.UINT8), int8s('w', [8, 8])];

describe('int8Products', (it) => {
  it('takes a product for INT8 when weights and activations both come out of DequantizeLinear', () => {
    for (const op of ['Conv', 'Gemm', 'MatMul']) {
      assert.equal(
        kinds([quantize, dequantize, dequantizeWeight, node(op, ['xd', 'wd'], ['y'])], constants),
        ['int8'],
        op,
      );
    }
  });

  it('tells weight-only quantisation apart', () => {
    assert.equal(kinds([dequantizeWeight, node('MatMul', ['x', 'wd'], ['y'])], constants), ['weight_only']);
    assert.equal(kinds([quantize, dequantize, node('MatMul', ['xd', 'wf'], ['y'])], constants), ['float']);
  });

  it('takes no 16-bit activations and no 4-bit weights for INT8', () => {
    const wide = [
      ...constants.slice(0, 2),
      int8s('w', [8, 8]),
      tensor('zx', [], { dataType: DataType.UINT16, int32Data: [0] }),
    ];
    const product = node('MatMul', ['xd', 'wd'], ['y']);
    assert.equal(kinds([quantize, dequantize, dequantizeWeight, product], wide), ['weight_only']);
    const narrow = [
      ...constants.slice(0, 3),
      tensor('w', [8, 8], { dataType: DataType.INT4, rawData: new Uint8Array(32) }),
    ];
    assert.equal(kinds([quantize, dequantize, dequantizeWeight, product], narrow), ['float']);
  });

  it('takes QuantizeLinear without a zero point for 8 bits, unless it names another type', () => {
    const product = node('MatMul', ['xd', 'wd'], ['y']);
    const asUint8 = node('QuantizeLinear', ['x', 's'], ['xq']);
    assert.equal(kinds([asUint8, dequantize, dequantizeWeight, product], constants), ['int8']);
    const asUint16 = node('QuantizeLinear', ['x', 's'], ['xq'], { output_dtype: DataType.UINT16 });
    assert.equal(kinds([asUint16, dequantize, dequantizeWeight, product], constants), ['weight_only']);
  });

  it('follows quantised activations through operators that only move them', () => {
    const moved = [
      quantize,
      node('Reshape', ['xq', 'k'], ['xr']),
      node('DequantizeLinear', ['xr', 's', 'zx'], ['xd']),
      dequantizeWeight,
      node('Gemm', ['xd', 'wd'], ['y']),
    ];
    assert.equal(kinds(moved, constants), ['int8']);
  });

  it('knows the operators that multiply integers themselves', () => {
    assert.equal(
      kinds(
        [
          node('QLinearConv', ['x'], ['a']),
          node('MatMulInteger', ['x', 'w'], ['b']),
          node('QGemm', ['x'], ['c'], {}, 'com.microsoft'),
          node('QGemm', ['x'], ['d'], {}, 'com.example'),
          node('MatMulNBits', ['x', 'w'], ['e'], {}, 'com.microsoft'),
        ],
        constants,
      ),
      ['int8', 'int8', 'int8', 'float', 'weight_only'],
    );
  });

  it('ends on a graph that bites its own tail', () => {
    const tail = [
      node('Reshape', ['b'], ['a']),
      node('Reshape', ['a'], ['b']),
      node('DequantizeLinear', ['a', 's'], ['ad']),
      node('Conv', ['ad', 'ad'], ['y']),
    ];
    assert.equal(kinds(tail, constants), ['float']);
  });
});
