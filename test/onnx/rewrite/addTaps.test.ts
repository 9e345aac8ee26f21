import * as assert from 'uvu/assert';
import { addTaps } from '../../../src/onnx/rewrite/addTaps.ts';
import { describe } from '../../describe.ts';
import { answers } from '../../quantize/quantizeSmall.ts';
import { floats, model, node, value } from '../build.ts';

function chain() {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 2])],
    initializer: [floats('w', [4, 2])],
    node: [node('Relu', ['x'], ['r']), node('Abs', ['r'], ['a']), node('MatMul', ['a', 'w'], ['y'])],
  });
}

function outputNames(tapped: ReturnType<typeof chain>): readonly string[] {
  return tapped.graph?.output.map(({ name }) => name) ?? [];
}

describe('addTaps', (it) => {
  it('hands out values from inside the graph, with their numbers', async () => {
    const tapped = await answers(addTaps(chain(), ['r', 'a']));
    assert.equal([...tapped.keys()].toSorted(), ['a', 'r', 'y']);
    assert.equal(tapped.get('r'), tapped.get('a'));
    const sums = [...(tapped.get('y') ?? [])].filter((_, index) => index % 2 === 0);
    assert.is.not(sums.length, 0);
    for (const [index, sum] of sums.entries()) {
      const row = [...(tapped.get('r') ?? [])].slice(4 * index, 4 * index + 4);
      assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - sum) < 1e-5);
    }
  });

  it('adds nothing for inputs, for what is an output already, and for a second tap of a value', () => {
    assert.equal(outputNames(addTaps(chain(), ['x', 'y', 'r', 'r'])), ['y', 'r']);
  });

  it('leaves the model that it is given as it is', () => {
    const before = chain();
    addTaps(before, ['r']);
    assert.equal(outputNames(before), ['y']);
  });

  it('calls a value that no node computes a bug', () => {
    assert.throws(() => addTaps(chain(), ['w']), /no node of the graph computes w/);
  });
});
