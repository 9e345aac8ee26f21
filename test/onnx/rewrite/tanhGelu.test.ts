import * as assert from 'uvu/assert';
import { tanhGelu } from '../../../src/onnx/rewrite/tanhGelu.ts';
import { describe } from '../../describe.ts';
import { model, node, value } from '../build.ts';
import { outputsOf, rewritten } from './run.ts';

const original = model({
  input: [value('x', [3, 64])],
  output: ['a', 'b', 'c'].map((name) => value(name, [3, 64])),
  node: [
    node('Gelu', ['x'], ['a']),
    node('Gelu', ['x'], ['b'], { approximate: 'none' }),
    node('Gelu', ['x'], ['c'], { approximate: 'tanh' }),
  ],
});

describe('tanhGelu', (it) => {
  it('says that it approximates, and which it changed', () => {
    const { reports } = rewritten(original, tanhGelu);
    assert.equal(reports, [{ name: 'tanh_gelu', exact: false, rewritten: 2, leftAlone: [] }]);
  });

  it('makes every Gelu the tanh form, within 1e-3 of the exact one', async () => {
    const exact = await outputsOf(original);
    const after = await outputsOf(rewritten(original, tanhGelu).model);
    assert.equal(after.get('a')?.data, exact.get('c')?.data);
    assert.equal(after.get('b')?.data, exact.get('c')?.data);
    const differences = Array.from({ length: 3 * 64 }, (_, at) =>
      Math.abs(Number(after.get('a')?.data[at]) - Number(exact.get('a')?.data[at])),
    );
    assert.ok(Math.max(...differences) < 1e-3);
    assert.ok(Math.max(...differences) > 1e-5, 'the exact form was kept');
  });
});
