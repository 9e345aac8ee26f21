import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto, TensorProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { cleanShapes } from '../../../src/onnx/rewrite/cleanShapes.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';
import { assertSameOutputs, operatorCounts, rewritten } from './run.ts';

const MAP = [1, 4, 5, 3];
const MATRIX = [20, 3];

interface Parts {
  readonly x?: readonly (number | string)[];
  readonly y?: readonly (number | string)[];
  readonly stored?: readonly TensorProto[];
  readonly others?: Readonly<Record<string, readonly number[]>>;
}

function graphOf(nodes: readonly NodeProto[], { x = MAP, y = MAP, stored = [], others = {} }: Parts = {}): ModelProto {
  return model({
    input: [value('x', x)],
    output: [value('y', y), ...Object.entries(others).map(([name, dims]) => value(name, dims))],
    initializer: [
      int64s('matrix', MATRIX),
      int64s('map', MAP),
      int64s('flat', [-1]),
      int64s('ends', [0]),
      floats('gamma', [3], [1, 2, 3]),
      floats('one', [], [1]),
      ...stored,
    ],
    node: [...nodes],
  });
}

const reshape = (from: string, shape: string, to: string): NodeProto => node('Reshape', [from, shape], [to]);
const turn = (from: string, to: string, ...perm: number[]): NodeProto => node('Transpose', [from], [to], { perm });

/** The operators that are left, once the outputs were found equal. */
async function cleaned(original: ModelProto): Promise<Readonly<Record<string, number>>> {
  const { model: after, reports } = rewritten(original, cleanShapes);
  assert.equal(reports[0]?.leftAlone, []);
  await assertSameOutputs(original, after);
  const again = rewritten(after, cleanShapes);
  assert.is(again.reports[0]?.rewritten, 0, 'the pass left something over');
  return operatorCounts(after);
}

describe('cleanShapes', (it) => {
  it('makes one reshape of two in a row, and none when they undo each other', async () => {
    const two = [reshape('x', 'matrix', 'a'), reshape('a', 'flat', 'b'), node('Relu', ['b'], ['y'])];
    assert.equal(await cleaned(graphOf(two, { y: [60] })), { Reshape: 1, Relu: 1 });
    const back = [reshape('x', 'matrix', 'a'), reshape('a', 'map', 'b'), node('Relu', ['b'], ['y'])];
    assert.equal(await cleaned(graphOf(back)), { Relu: 1 });
  });

  it('drops what changes nothing, also where its output is one of the model', async () => {
    const nodes = [node('Relu', ['x'], ['a']), reshape('a', 'map', 'b'), turn('b', 'y', 0, 1, 2, 3)];
    assert.equal(await cleaned(graphOf(nodes)), { Relu: 1 });
  });

  it('treats Flatten, Squeeze and Unsqueeze as reshapes', async () => {
    const nodes = [
      node('Squeeze', ['x', 'ends'], ['a']),
      node('Relu', ['a'], ['b']),
      node('Unsqueeze', ['b', 'ends'], ['c']),
      node('Flatten', ['c'], ['d'], { axis: 3 }),
      reshape('d', 'map', 'y'),
    ];
    assert.equal(await cleaned(graphOf(nodes)), { Relu: 1 });
  });

  it('moves a reshape behind elementwise operators and LayerNormalization to cancel it there', async () => {
    const nodes = [
      reshape('x', 'map', 'a'),
      node('Gelu', ['a'], ['b']),
      node('Clip', ['b', '', 'one'], ['c']),
      node('LayerNormalization', ['c', 'gamma'], ['d'], { axis: 3 }),
      node('Tanh', ['d'], ['e']),
      reshape('e', 'matrix', 'y'),
    ];
    const counts = await cleaned(graphOf(nodes, { x: MATRIX, y: MATRIX }));
    assert.equal(counts, { Gelu: 1, Clip: 1, LayerNormalization: 1, Tanh: 1 });
  });

  it('leaves a reshape in front of a LayerNormalization whose last axis it makes', async () => {
    const nodes = [
      reshape('x', 'map', 'a'),
      node('LayerNormalization', ['a', 'gamma'], ['b']),
      reshape('b', 'flat', 'y'),
    ];
    const counts = await cleaned(graphOf(nodes, { x: [60], y: [60] }));
    assert.equal(counts, { Reshape: 2, LayerNormalization: 1 });
  });

  it('leaves one in front of a LayerNormalization over more than the last axis, or with more outputs', async () => {
    const stored = [floats('wide', [5, 3])];
    const over = node('LayerNormalization', ['a', 'wide'], ['b'], { axis: 2 });
    const nodes = [reshape('x', 'map', 'a'), over, reshape('b', 'matrix', 'y')];
    const parts = { x: MATRIX, y: MATRIX, stored };
    assert.equal(await cleaned(graphOf(nodes, parts)), { Reshape: 2, LayerNormalization: 1 });
    const more = node('LayerNormalization', ['a', 'gamma'], ['b', 'mean']);
    const outputs = graphOf([reshape('x', 'map', 'a'), more, reshape('b', 'matrix', 'y')], {
      ...parts,
      others: { mean: [1, 4, 5, 1] },
    });
    assert.equal(await cleaned(outputs), { Reshape: 2, LayerNormalization: 1 });
  });

  it('leaves one in front of operators that know the axes', async () => {
    const nodes = [reshape('x', 'map', 'a'), node('Softmax', ['a'], ['b'], { axis: 1 }), reshape('b', 'matrix', 'y')];
    assert.equal(await cleaned(graphOf(nodes, { x: MATRIX, y: MATRIX })), { Reshape: 2, Softmax: 1 });
  });

  it('leaves one whose values on the way are read by others, or are outputs', async () => {
    const nodes = [reshape('x', 'map', 'a'), node('Gelu', ['a'], ['b']), reshape('b', 'matrix', 'y')];
    const parts = { x: MATRIX, y: MATRIX };
    const read = graphOf([...nodes, node('Softmax', ['b'], ['z'], { axis: 1 })], { ...parts, others: { z: MAP } });
    assert.equal(await cleaned(read), { Reshape: 2, Gelu: 1, Softmax: 1 });
    assert.equal(await cleaned(graphOf(nodes, { ...parts, others: { b: MAP } })), { Reshape: 2, Gelu: 1 });
    assert.equal(await cleaned(graphOf(nodes, { ...parts, others: { a: MAP } })), { Reshape: 2, Gelu: 1 });
  });

  it('lets one read past another that has more readers', async () => {
    const nodes = [
      reshape('x', 'matrix', 'a'),
      reshape('a', 'map', 'b'),
      node('Relu', ['b'], ['y']),
      node('Softmax', ['a'], ['z'], { axis: 0 }),
    ];
    assert.equal(await cleaned(graphOf(nodes, { others: { z: MATRIX } })), { Reshape: 1, Relu: 1, Softmax: 1 });
  });

  it('writes the whole shape, because 0 and -1 mean another size behind another input', async () => {
    const stored = [int64s('copied', [0, 0, -1])];
    const nodes = [reshape('x', 'matrix', 'a'), reshape('a', 'copied', 'b'), node('Relu', ['b'], ['y'])];
    assert.equal(await cleaned(graphOf(nodes, { y: [20, 3, 1], stored })), { Reshape: 1, Relu: 1 });
  });

  it('cancels transposes that undo each other, with operators between that do not mind', async () => {
    const nodes = [
      turn('x', 'a', 0, 2, 3, 1),
      node('Relu', ['a'], ['b']),
      turn('b', 'c', 0, 3, 1, 2),
      node('Sigmoid', ['c'], ['y']),
    ];
    assert.equal(await cleaned(graphOf(nodes)), { Relu: 1, Sigmoid: 1 });
  });

  it('makes one transpose of two', async () => {
    const nodes = [turn('x', 'a', 0, 2, 3, 1), turn('a', 'y', 2, 0, 1, 3)];
    assert.equal(await cleaned(graphOf(nodes, { y: [3, 1, 5, 4] })), { Transpose: 1 });
  });

  it('keeps the transposes around a LayerNormalization over the channels', async () => {
    const stored = [floats('long', [4], [1, 2, 3, 4])];
    const norm = node('LayerNormalization', ['a', 'long'], ['b']);
    const nodes = [turn('x', 'a', 0, 2, 3, 1), norm, turn('b', 'y', 0, 3, 1, 2)];
    assert.equal(await cleaned(graphOf(nodes, { stored })), { Transpose: 2, LayerNormalization: 1 });
  });

  it('leaves reshapes while the batch is open, and says why', () => {
    const nodes = [reshape('x', 'flat', 'a'), node('Relu', ['a'], ['b']), reshape('b', 'flat', 'y')];
    const { model: after, reports } = rewritten(graphOf(nodes, { x: ['batch', 3], y: ['size'] }), cleanShapes);
    assert.equal(operatorCounts(after), { Reshape: 2, Relu: 1 });
    const reason = 'the shapes around this reshape are not known without a run';
    assert.equal(reports[0]?.leftAlone, [{ node: 'Reshape_y', reason }]);
  });

  it('comes to an end on a long chain', async () => {
    const chain = Array.from({ length: 200 }, (_, at) =>
      reshape(`x${at}`, at % 2 === 0 ? 'map' : 'matrix', `x${at + 1}`),
    );
    const nodes = [node('Relu', ['x'], ['x0']), ...chain, node('Relu', ['x200'], ['y'])];
    assert.equal(await cleaned(graphOf(nodes, { y: MATRIX })), { Relu: 2, Reshape: 1 });
  });
});
