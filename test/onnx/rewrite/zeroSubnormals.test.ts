import * as assert from 'uvu/assert';
import { TensorProto_DataType as DataType } from '../../../src/onnx/generated/onnx_pb.ts';
import { zeroSubnormals } from '../../../src/onnx/rewrite/zeroSubnormals.ts';
import { tensorValues } from '../../../src/onnx/tensor.ts';
import { describe } from '../../describe.ts';
import { floats, model, node, tensor, value } from '../build.ts';
import { assertSameOutputs, onEveryFixture, rewritten } from './run.ts';

const SMALLEST_NORMAL = 2 ** -126;
const LARGEST_SUBNORMAL = SMALLEST_NORMAL - 2 ** -149;

describe('zeroSubnormals', (it) => {
  it('sets subnormal weights to 0, counts them, and touches no other number', async () => {
    const weights = [1, LARGEST_SUBNORMAL, -(2 ** -149), SMALLEST_NORMAL, -SMALLEST_NORMAL, 0, 1e-40, -3];
    const original = model({
      input: [value('x', [1, 4])],
      output: [value('y', [1, 2])],
      initializer: [floats('w', [4, 2], weights), floats('b', [2], [1, 2])],
      node: [node('Gemm', ['x', 'w', 'b'], ['y'])],
    });
    const { model: after, reports } = rewritten(original, zeroSubnormals);
    assert.equal(reports, [{ name: 'zero_subnormals', exact: true, rewritten: 3, leftAlone: [] }]);
    const stored = after.graph?.initializer.find(({ name }) => name === 'w');
    assert.equal(stored && [...tensorValues(stored)], [1, 0, 0, SMALLEST_NORMAL, -SMALLEST_NORMAL, 0, 0, -3]);
    assert.equal(stored?.dims, [4n, 2n]);
    const before = original.graph?.initializer[0];
    assert.equal(before && [...tensorValues(before)], weights.map(Math.fround));
    await assertSameOutputs(original, after, 1e-37);
  });

  it('leaves tensors without subnormals, and other types, as they are', () => {
    const halves = tensor('h', [1], { dataType: DataType.FLOAT16, int32Data: [1] });
    const original = model({
      input: [value('x', [1])],
      output: [value('y', [1])],
      initializer: [floats('w', [1], [1e-30]), halves],
      node: [
        node('Cast', ['h'], ['f'], { to: DataType.FLOAT }),
        node('Add', ['x', 'w'], ['a']),
        node('Add', ['a', 'f'], ['y']),
      ],
    });
    const { model: after, reports } = rewritten(original, zeroSubnormals);
    assert.is(reports[0]?.rewritten, 0);
    assert.is(after.graph?.initializer[0], original.graph?.initializer[0]);
    assert.is(after.graph?.initializer[1], halves);
  });

  it('finds none in what exporters wrote of ordinary weights', async () => {
    await onEveryFixture([zeroSubnormals], (name, _, reports) => {
      assert.is(reports[0]?.rewritten, 0, name);
    });
  });
});
