import * as assert from 'uvu/assert';
import { mayMultiplyAdd, multiplyAddsOf } from '../../../src/onnx/audit/macs.ts';
import type { NodeProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { inferShapes } from '../../../src/onnx/shapes/infer.ts';
import { describe } from '../../describe.ts';
import { model, node, value } from '../build.ts';

function count(one: NodeProto, inputs: Readonly<Record<string, readonly (number | string)[]>>): number | undefined {
  const message = model({ input: Object.entries(inputs).map(([name, dims]) => value(name, dims)), node: [one] });
  assert.ok(message.graph !== undefined);
  return multiplyAddsOf(one, inferShapes(message, message.graph));
}

describe('multiplyAddsOf', (it) => {
  it('counts a convolution as its outputs times the weights each one sees', () => {
    // ResNet's first layer at 224 is 118 M multiply-adds in the literature: 64*112*112 outputs x 3*7*7.
    const conv = node('Conv', ['x', 'w', 'b'], ['y'], { strides: [2, 2], pads: [3, 3, 3, 3] });
    assert.is(count(conv, { x: [1, 3, 224, 224], w: [64, 3, 7, 7], b: [64] }), 118_013_952);
  });

  it('counts the input channels of one group only', () => {
    const depthwise = node('Conv', ['x', 'w'], ['y'], { group: 96, pads: [3, 3, 3, 3] });
    assert.is(count(depthwise, { x: [1, 96, 32, 32], w: [96, 1, 7, 7] }), 96 * 32 * 32 * 49);
  });

  it('counts a transposed convolution as its inputs times the weights each one feeds', () => {
    const up = node('ConvTranspose', ['x', 'w'], ['y'], { strides: [2, 2] });
    assert.is(count(up, { x: [1, 8, 5, 5], w: [8, 4, 2, 2] }), 8 * 25 * 4 * 4);
  });

  it('counts matrix products as rows x columns x depth, stacks included', () => {
    assert.is(count(node('MatMul', ['a', 'b'], ['y']), { a: [1, 16, 16, 96], b: [96, 384] }), 256 * 96 * 384);
    assert.is(count(node('MatMul', ['a', 'b'], ['y']), { a: [12, 64, 32], b: [12, 32, 64] }), 12 * 64 * 32 * 64);
    assert.is(count(node('Gemm', ['a', 'b', 'c'], ['y'], { transB: 1 }), { a: [1, 512], b: [2, 512], c: [2] }), 1024);
    const packed = node('MatMulNBits', ['a', 'b', 's'], ['y'], { K: 100, N: 10, bits: 4 }, 'com.microsoft');
    assert.is(count(packed, { a: [3, 100], b: [10, 4, 16], s: [40] }), 3000);
  });

  it('counts the integer forms like the float ones', () => {
    const inputs = { x: [1, 4, 8, 8], w: [8, 4, 3, 3], a: [5, 6], b: [6, 7], s: [], z: [] };
    const quantized = ['s', 'z'];
    const qconv = node('QLinearConv', ['x', ...quantized, 'w', ...quantized, ...quantized], ['y']);
    assert.is(count(qconv, inputs), 8 * 36 * 36);
    assert.is(count(node('ConvInteger', ['x', 'w'], ['y']), inputs), 8 * 36 * 36);
    assert.is(count(node('MatMulInteger', ['a', 'b'], ['y']), inputs), 210);
    const qgemm = node('QGemm', ['a', ...quantized, 'b', ...quantized], ['y'], {}, 'com.microsoft');
    assert.is(count(qgemm, inputs), 210);
  });

  it('counts none for activations, norms, pooling and arithmetic on elements', () => {
    for (const op of [
      'Relu',
      'Gelu',
      'LayerNormalization',
      'Softmax',
      'GlobalAveragePool',
      'ReduceL2',
      'Mul',
      'NonZero',
    ]) {
      assert.is(count(node(op, ['x', 'x'], ['y']), { x: [1, 3, 8, 8] }), 0, op);
    }
  });

  it('gives unknown, never zero, when a size or the operator is unknown', () => {
    const conv = node('Conv', ['x', 'w'], ['y']);
    assert.is(count(conv, { x: [1, 3, 'h', 'w'], w: [8, 3, 3, 3] }), undefined);
    assert.is(count(conv, { x: [1, 3, 8, 8] }), undefined);
    assert.is(count(node('MatMul', ['a', 'b'], ['y']), { a: [1, 'n', 8], b: [8, 8] }), undefined);
    for (const op of ['Einsum', 'LSTM', 'Attention', 'toString']) {
      assert.is(count(node(op, ['x'], ['y']), { x: [1, 3] }), undefined, op);
    }
  });
});

describe('mayMultiplyAdd', (it) => {
  it('tells from the operator alone whether a node can be left out', () => {
    const may = ['Conv', 'QLinearMatMul', 'Einsum', 'LSTM', 'Relu', 'Reshape', 'If'].filter((op) =>
      mayMultiplyAdd(node(op, ['x'], ['y'])),
    );
    assert.equal(may, ['Conv', 'QLinearMatMul', 'Einsum', 'LSTM']);
  });
});
