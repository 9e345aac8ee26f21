import * as assert from 'uvu/assert';
import type { ModelProto, ValueInfoProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { fixInputs } from '../../../src/onnx/rewrite/fixInputs.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { dimsOf } from '../../../src/onnx/shapes/infer.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';
import { assertSameOutputs, onEveryFixture, rewritten } from './run.ts';

/** Flattens an image and multiplies it with a matrix. */
function classifier(input: ValueInfoProto, output: ValueInfoProto): ModelProto {
  return model({
    input: [input],
    output: [output],
    initializer: [floats('w', [12, 2]), int64s('flat', [-1, 12])],
    node: [node('Reshape', ['x', 'flat'], ['f']), node('MatMul', ['f', 'w'], ['y'])],
  });
}

function sizes({ graph }: ModelProto): unknown {
  return [graph?.input, graph?.output].map((infos) => infos?.map((info) => dimsOf(info)));
}

describe('fixInputs', (it) => {
  it('fixes a named batch at 1, and outputs that bear its name', async () => {
    const original = classifier(value('x', ['N', 3, 2, 2]), value('y', ['N', 2]));
    const { model: after, reports } = rewritten(original, fixInputs());
    assert.equal(sizes(after), [[[1, 3, 2, 2]], [[1, 2]]]);
    assert.equal(reports, [{ name: 'fix_inputs', exact: true, rewritten: 1, leftAlone: [] }]);
    await assertSameOutputs(original, after);
  });

  it('fixes a nameless batch, and outputs whose open size has another name but follows', async () => {
    const original = classifier(value('x', ['', 3, 2, 2]), value('y', ['MatMuly_dim_0', 2]));
    const { model: after } = rewritten(original, fixInputs());
    assert.equal(sizes(after), [[[1, 3, 2, 2]], [[1, 2]]]);
    await assertSameOutputs(original, after);
  });

  it('fixes what the file says of inner values, where no rule knows the operator', () => {
    const original = classifier(value('x', ['N', 3, 2, 2]), value('y', ['N', 2]));
    original.graph?.node.splice(1, 1, node('Odd', ['f', 'w'], ['o'], {}, 'com.example'), node('Relu', ['o'], ['y']));
    original.graph?.valueInfo.push(value('o', ['N', 2]));
    const editor = new GraphEditor(original);
    fixInputs().apply(editor);
    assert.equal(editor.shape('y'), [1, 2]);
  });

  it('fixes the batch of every input', () => {
    const original = classifier(value('x', ['N', 3, 2, 2]), value('y', ['N', 2]));
    original.graph?.input.push(value('mask', ['M', 5]));
    const { model: after, reports } = rewritten(original, fixInputs());
    assert.equal(sizes(after), [
      [
        [1, 3, 2, 2],
        [1, 5],
      ],
      [[1, 2]],
    ]);
    assert.is(reports[0]?.rewritten, 2);
  });

  it('leaves a file of batch 1 as it is, without a word', () => {
    const original = classifier(value('x', [1, 3, 2, 2]), value('y', [1, 2]));
    assert.equal(rewritten(original, fixInputs()).reports, [
      { name: 'fix_inputs', exact: true, rewritten: 0, leftAlone: [] },
    ]);
  });

  it('leaves a file that fixes another batch alone and says so', () => {
    const { model: after, reports } = rewritten(classifier(value('x', [4, 3, 2, 2]), value('y', [4, 2])), fixInputs());
    assert.equal(sizes(after), [[[4, 3, 2, 2]], [[4, 2]]]);
    assert.equal(reports[0]?.leftAlone, [
      { node: 'x', reason: 'the file fixes a batch of 4: export the model with batch 1 or an open batch' },
    ]);
  });

  it('leaves a file alone whose height is open too, even under the name of the batch', () => {
    for (const name of ['height', 'N', '']) {
      const original = classifier(value('x', ['N', 3, name, 2]), value('y', ['N', 2]));
      const { model: after, reports } = rewritten(original, fixInputs());
      assert.equal(sizes(after), sizes(original));
      assert.is(reports[0]?.rewritten, 0);
      assert.match(reports[0]?.leftAlone[0]?.reason ?? '', /^the size of axis 2 of this input is open too/);
    }
  });

  it('fixes height and width at the size that it is told, and outputs whose sizes follow', async () => {
    const original = model({
      input: [value('x', ['N', 1, 'H', 'W'])],
      output: [value('y', ['N', 4, 'H', 'out_w'])],
      initializer: [floats('w', [4, 1, 3, 3])],
      node: [node('Conv', ['x', 'w'], ['y'], { pads: [1, 0, 1, 0] })],
    });
    const { model: after, reports } = rewritten(original, fixInputs({ height: 6, width: 5 }));
    assert.equal(sizes(after), [[[1, 1, 6, 5]], [[1, 4, 6, 3]]]);
    assert.equal(reports, [{ name: 'fix_inputs', exact: true, rewritten: 1, leftAlone: [] }]);
    const fixed = structuredClone(original);
    fixed.graph?.input.splice(0, 1, value('x', [1, 1, 6, 5]));
    await assertSameOutputs(fixed, after);
  });

  it('leaves a file alone whose channels are open, or that has one name for sizes that differ', () => {
    const reasonFor = (dims: readonly (number | string)[]): string | undefined =>
      rewritten(classifier(value('x', dims), value('y', ['N', 2])), fixInputs({ height: 3, width: 4 })).reports[0]
        ?.leftAlone[0]?.reason;
    assert.match(reasonFor(['N', 'C', 3, 4]) ?? '', /^the size of axis 1 of this input is open too/);
    assert.match(
      reasonFor(['N', 1, 'side', 'side']) ?? '',
      /^axis 2 of this input bears the name of an axis of another/,
    );
    assert.match(reasonFor(['N', 1, 'N', 4]) ?? '', /^axis 0 of this input bears the name/);
    assert.is(reasonFor(['', 1, '', '']), undefined);
  });

  it('says of an input without sizes that it has none', () => {
    const bare = value('x', []);
    const { reports } = rewritten(classifier(bare, value('y', [1, 2])), fixInputs());
    assert.is(reports[0]?.leftAlone[0]?.reason, 'the file declares no sizes for this input');
  });

  it('fixes the batch of what exporters write', async () => {
    await onEveryFixture([fixInputs()], (name, after, reports) => {
      assert.equal(sizes(after), [[[1, 3, 32, 32]], [[1, 2]]], name);
      assert.is(reports[0]?.rewritten, name.includes('.dynamic.') ? 1 : 0, name);
    });
  });
});
