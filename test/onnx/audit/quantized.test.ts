import * as assert from 'uvu/assert';
import { countMultiplyAdds } from '../../../src/onnx/audit/multiplyAdds.ts';
import { GraphProtoSchema, type ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { create } from '@bufbuild/protobuf';
import { describe } from '../../describe.ts';
import { dynamicModel, gemmModel, residualModel } from '../../quantize/qdqModels.ts';
import { quantizeSmall } from '../../quantize/quantizeSmall.ts';
import { floats, model, node, value } from '../build.ts';

function count(quantized: ModelProto) {
  return countMultiplyAdds(quantized, quantized.graph ?? create(GraphProtoSchema), 1).record;
}

describe('the multiply-adds of a quantized model', (it) => {
  it('are all integer where every convolution stands between integers', () => {
    const { total, int8 } = count(residualModel());
    // 16 filters of 8 x 3 x 3 on 8 x 8 pixels, 16 of 16 x 3 x 3 on 4 x 4.
    assert.is(total, 64 * 16 * 8 * 9 + 16 * 16 * 16 * 9);
    assert.is(int8, total);
  });

  it('are integer for a Gemm, whether it answers floats or integers', () => {
    for (const rounded of [false, true]) {
      const { total, int8 } = count(gemmModel(rounded));
      assert.is(total, 4 * 64 * 32);
      assert.is(int8, total);
    }
  });

  it('are integer for a linear layer that finds the range of its input itself', () => {
    const { total, int8, unknown_nodes: unknown } = count(dynamicModel());
    assert.equal(unknown, []);
    assert.is(total, 4 * 64 * 32);
    assert.is(int8, total);
  });

  it('are counted for what the product itself wrote, with the head in float', async () => {
    const float = model({
      input: [value('x', [1, 8, 8, 8])],
      output: [value('y', [1, 2])],
      initializer: [floats('k', [16, 8, 3, 3]), floats('h', [16, 2])],
      node: [
        node('Conv', ['x', 'k'], ['c'], { pads: [1, 1, 1, 1] }),
        node('GlobalAveragePool', ['c'], ['m']),
        node('Flatten', ['m'], ['f']),
        node('Gemm', ['f', 'h'], ['y']),
      ],
    });
    const { model: quantized } = await quantizeSmall(float, { keep_float: ['Gemm_y'] });
    const { total, int8 } = count(quantized);
    assert.is(int8, 64 * 16 * 8 * 9);
    assert.is(total, 64 * 16 * 8 * 9 + 32);
  });
});
