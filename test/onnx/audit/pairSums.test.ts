import * as assert from 'uvu/assert';
import { pairSumsOf } from '../../../src/onnx/audit/pairSums.ts';
import {
  TensorProto_DataType as DataType,
  type NodeProto,
  type TensorProto,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { describe } from '../../describe.ts';
import { floats, graph, int8s, node, rawBytes, tensor } from '../build.ts';

function signed(dims: readonly number[], values: readonly number[]): TensorProto {
  return tensor('w', dims, { dataType: DataType.INT8, rawData: rawBytes(Int8Array.from(values)) });
}

/** The QDQ form of one product around the weights. */
function sums(op: string, weights: TensorProto, attributes: Record<string, number> = {}) {
  return pairSumsOf(
    graph({
      initializer: [floats('s', []), int8s('zx', [], DataType.UINT8), int8s('z', []), weights],
      node: [
        node('QuantizeLinear', ['x', 's', 'zx'], ['xq']),
        node('DequantizeLinear', ['xq', 's', 'zx'], ['xd']),
        node('DequantizeLinear', ['w', 's', 'z'], ['wd']),
        node(op, ['xd', 'wd'], ['y'], attributes),
      ],
    }),
  );
}

describe('pairSumsOf', (it) => {
  it('adds neighbouring rows of a matrix, column by column, signs apart', () => {
    // Columns [100, -90, 5] and [20, -30, 7]: pairs (100, -90), (5) and (20, -30), (7).
    assert.equal(sums('MatMul', signed([3, 2], [100, 20, -90, -30, 5, 7])), {
      layers: 1,
      layers_over: 0,
      layers_unread: 0,
      worst_sum: 100,
      worst_layer: 'MatMul_y',
    });
    assert.is(sums('MatMul', signed([2, 2], [100, -20, 29, -110]))?.worst_sum, 130);
  });

  it('counts a layer as over from 129 on, on either side', () => {
    for (const [first, second, over] of [
      [64, 64, 0],
      [65, 64, 1],
      [-64, -64, 0],
      [-65, -64, 1],
      [127, -127, 0],
    ] as const) {
      assert.is(sums('MatMul', signed([2, 1], [first, second]))?.layers_over, over, `${first}, ${second}`);
    }
  });

  it('pairs along the other axis of a transposed matrix', () => {
    const values = [100, 100, -100, -100];
    assert.is(sums('Gemm', signed([2, 2], values))?.worst_sum, 100);
    assert.is(sums('Gemm', signed([2, 2], values), { transB: 1 })?.worst_sum, 200);
  });

  it('starts anew with each matrix of a stack, and never pairs two of them', () => {
    assert.is(sums('MatMul', signed([2, 1, 1], [100, 100]))?.worst_sum, 100);
  });

  it('pairs the channels of one tap of a convolution', () => {
    // [1 output, 2 channels, 2 taps]: taps (60, 70) and (100, -100).
    assert.is(sums('Conv', signed([1, 2, 1, 2], [60, 100, 70, -100]))?.worst_sum, 130);
  });

  it('goes on into the next tap where the channels are odd, as the rows are laid out', () => {
    // [1 output, 1 of 3 channels per group, 2 taps], no depthwise: taps (80) and (90) are neighbours.
    assert.is(sums('Conv', signed([1, 1, 1, 2], [80, 90]))?.worst_sum, 170);
  });

  it('takes depthwise convolutions and unsigned weights for safe', () => {
    assert.is(sums('Conv', signed([2, 1, 1, 2], [127, 127, 127, 127]), { group: 2 })?.layers_over, 0);
    const unsigned = tensor('w', [2, 1], { dataType: DataType.UINT8, rawData: Uint8Array.of(255, 255) });
    assert.equal(sums('MatMul', unsigned), {
      layers: 1,
      layers_over: 0,
      layers_unread: 0,
      worst_sum: 0,
      worst_layer: null,
    });
  });

  it('finds the weights of operators on integers, and through Identity', () => {
    const weights = signed([2, 1], [100, 100]);
    const of = (...nodes: NodeProto[]) =>
      pairSumsOf(graph({ initializer: [weights, floats('s', []), int8s('z', [])], node: nodes }));
    assert.is(of(node('MatMulInteger', ['x', 'w'], ['y']))?.worst_sum, 200);
    assert.is(of(node('QLinearMatMul', ['x', 's', 'z', 'w', 's', 'z', 's', 'z'], ['y']))?.worst_sum, 200);
    assert.is(
      of(
        node('Identity', ['w'], ['same']),
        node('QGemm', ['x', 's', 'z', 'same', 's', 'z'], ['y'], { transB: 0 }, 'com.microsoft'),
      )?.worst_sum,
      200,
    );
  });

  it('counts apart the layers whose weights are not in the file', () => {
    const found = pairSumsOf(graph({ node: [node('MatMulInteger', ['x', 'computed'], ['y'])] }));
    assert.equal([found?.layers, found?.layers_unread], [0, 1]);
  });

  it('has nothing to say of a float model', () => {
    assert.is(pairSumsOf(graph({ node: [node('MatMul', ['x', 'w'], ['y'])] })), undefined);
  });
});
