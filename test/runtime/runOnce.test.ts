import * as assert from 'uvu/assert';
import { runOnce } from '../../src/runtime/runOnce.ts';
import { describe } from '../describe.ts';
import { encode, floats, linearModel, model, node, value } from '../onnx/build.ts';
import { rejects } from '../throws.ts';

describe('runOnce', (it) => {
  it('answers what the graph computes', async () => {
    const weights = floats('w', [4, 2], [1, 0, 0, 1, 2, 0, 0, 2]);
    const x = { dims: [1, 4], values: Float32Array.of(1, 2, 3, 4) };
    const outputs = await runOnce(encode(linearModel(weights)), { x });
    assert.equal(outputs.get('y'), { dims: [1, 2], values: Float32Array.of(7, 10) });
  });

  it('takes several inputs by name', async () => {
    const sum = model({
      input: [value('a', [2]), value('b', [2])],
      output: [value('y', [2])],
      node: [node('Sub', ['a', 'b'], ['y'])],
    });
    const outputs = await runOnce(encode(sum), {
      b: { dims: [2], values: Float32Array.of(1, 2) },
      a: { dims: [2], values: Float32Array.of(10, 20) },
    });
    assert.equal([...(outputs.get('y')?.values ?? [])], [9, 18]);
  });

  it('says in one line what the runtime refuses', async () => {
    await rejects(() => runOnce(Uint8Array.of(1, 2, 3), {}), /onnxruntime cannot run a small model .*; install/);
    const x = { dims: [1, 3], values: new Float32Array(3) };
    await rejects(() => runOnce(encode(linearModel()), { x }), /onnxruntime cannot run a small model/);
  });
});
