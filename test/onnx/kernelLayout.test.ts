import * as assert from 'uvu/assert';
import { kernelLayout } from '../../src/onnx/kernelLayout.ts';
import { describe } from '../describe.ts';

describe('kernelLayout', (it) => {
  it('sums a matrix [K, N] down its columns', () => {
    const { outputs, outputStride, places, inputs } = kernelLayout([3, 5], 1);
    assert.equal([outputs, outputStride, [...places], [...inputs]], [5, 1, [0, 5, 10], [0, 1, 2]]);
  });

  it('sums a matrix [N, K] along its rows', () => {
    const { outputs, outputStride, places, inputs } = kernelLayout([5, 3], 0);
    assert.equal([outputs, outputStride, [...places], [...inputs]], [5, 3, [0, 1, 2], [0, 1, 2]]);
  });

  it('sums a convolution tap by tap, the channels of a tap next to each other', () => {
    // ReorderFilter of onnxruntime's qlinearconv.cc reads [output][channel][tap] with the tap outside, the channel inside.
    const { outputs, outputStride, places, inputs } = kernelLayout([4, 3, 1, 2], 0);
    assert.equal([outputs, outputStride], [4, 6]);
    assert.equal([...places], [0, 2, 4, 1, 3, 5]);
    assert.equal([...inputs], [0, 1, 2, 0, 1, 2]);
  });

  it('refuses what is no weight of a Conv, Gemm or MatMul', () => {
    assert.throws(() => kernelLayout([4], 0), /weights of \[4\]/);
    assert.throws(() => kernelLayout([4, 3, 2, 2], 1), /output axis 1/);
  });
});
