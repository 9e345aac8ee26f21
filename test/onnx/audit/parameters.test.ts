import * as assert from 'uvu/assert';
import { parametersOf } from '../../../src/onnx/audit/parameters.ts';
import { TensorProto_DataType as DataType } from '../../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../../describe.ts';
import { floats, graph, int64s, int8s, node, tensor } from '../build.ts';

function counted(parts: Parameters<typeof graph>[0]): Record<string, number> {
  return Object.fromEntries(parametersOf(graph(parts)).map(({ name, count }) => [name, count]));
}

describe('parametersOf', (it) => {
  it('counts weights and biases, but no shapes, scalars, unused tensors or regions of Resize', () => {
    const constants = [floats('w', [8, 3, 3, 3]), floats('b', [8]), int64s('shape', [1, -1]), floats('unused', [999])];
    assert.equal(
      counted({
        initializer: [...constants, floats('epsilon', [], [1e-6]), floats('scales', [4])],
        node: [
          node('Conv', ['x', 'w', 'b'], ['c']),
          node('Add', ['c', 'epsilon'], ['a']),
          node('Resize', ['a', '', 'scales'], ['r']),
          node('Reshape', ['r', 'shape'], ['y']),
        ],
      }),
      { w: 216, b: 8 },
    );
  });

  it('counts a shared tensor once, and weights of Constant nodes and nested graphs too', () => {
    assert.equal(
      counted({
        initializer: [floats('w', [4, 4])],
        node: [
          node('MatMul', ['x', 'w'], ['a']),
          node('MatMul', ['a', 'w'], ['b']),
          node('Constant', [], ['k'], { value: floats('', [4, 2]) }),
          node('MatMul', ['b', 'k'], ['c']),
          node('If', ['c'], ['y'], {
            then_branch: graph({ initializer: [floats('inner', [5])], node: [node('Add', ['c', 'inner'], ['d'])] }),
          }),
        ],
      }),
      { w: 16, k: 8, inner: 5 },
    );
  });

  it('counts quantised weights and int32 biases, but neither scales nor zero points', () => {
    assert.equal(
      counted({
        initializer: [
          int8s('w', [8, 4, 3, 3]),
          floats('w_scale', [8]),
          int8s('w_zero', [8]),
          tensor('b', [8], { dataType: DataType.INT32, int32Data: [1, 2, 3, 4, 5, 6, 7, 8] }),
          floats('b_scale', [8]),
          tensor('b_zero', [8], { dataType: DataType.INT32, int32Data: [0, 0, 0, 0, 0, 0, 0, 0] }),
        ],
        node: [
          node('DequantizeLinear', ['w', 'w_scale', 'w_zero'], ['wf']),
          node('DequantizeLinear', ['b', 'b_scale', 'b_zero'], ['bf']),
          node('Conv', ['x', 'wf', 'bf'], ['y']),
        ],
      }),
      { w: 288, b: 8 },
    );
  });

  it('counts what the integer operators take as data', () => {
    const scales = [floats('s', [1]), int8s('z', [1])];
    const qlinear = node('QLinearConv', ['x', 's', 'z', 'w', 's', 'z', 's', 'z', 'b'], ['y']);
    const b = tensor('b', [8], { dataType: DataType.INT32, int32Data: [1, 2, 3, 4, 5, 6, 7, 8] });
    assert.equal(counted({ initializer: [...scales, int8s('w', [8, 4, 1, 1]), b], node: [qlinear] }), { w: 32, b: 8 });
    const float = node('MatMulIntegerToFloat', ['x', 'w', 's', 's', 'z', 'z', 'f'], ['y'], {}, 'com.microsoft');
    assert.equal(counted({ initializer: [...scales, int8s('w', [4, 8]), floats('f', [8])], node: [float] }), {
      w: 32,
      f: 8,
    });
  });

  it('counts two numbers per byte where MatMulNBits packs them', () => {
    const packed = int8s('w', [8, 1, 16], DataType.UINT8);
    const found = [4, 8].map((bits) => {
      const multiply = node('MatMulNBits', ['x', 'w', 's'], ['y'], { K: 32, N: 8, bits }, 'com.microsoft');
      return parametersOf(graph({ initializer: [packed, floats('s', [8])], node: [multiply] }));
    });
    assert.equal(
      found.map((parameters) => parameters.map(({ count, isInt8 }) => [count, isInt8])),
      [[[256, false]], [[128, true]]],
    );
  });
});
