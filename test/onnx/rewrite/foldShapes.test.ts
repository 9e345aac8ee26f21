import * as assert from 'uvu/assert';
import {
  type ModelProto,
  type NodeProto,
  TensorProto_DataType as DataType,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { fixInputs } from '../../../src/onnx/rewrite/fixInputs.ts';
import { foldShapes } from '../../../src/onnx/rewrite/foldShapes.ts';
import { tensorDims, tensorValues } from '../../../src/onnx/tensor.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';
import { assertSameOutputs, onEveryFixture, operatorCounts, rewritten } from './run.ts';

/** x [batch, 2, 3, 4] -> ... -> y. */
function around(
  nodes: readonly NodeProto[],
  batch: number | string = 1,
  initializer = [int64s('zero', [0])],
): ModelProto {
  return model({ input: [value('x', [batch, 2, 3, 4])], output: [value('y', [])], initializer, node: [...nodes] });
}

function constant({ graph }: ModelProto, name: string): unknown {
  const found = graph?.initializer.find((each) => each.name === name);
  return found && { type: found.dataType, dims: tensorDims(found), values: [...tensorValues(found)].map(Number) };
}

/** Asserts that only `operators` are left and that the answers stay. */
async function leaves(original: ModelProto, operators: Readonly<Record<string, number>>): Promise<ModelProto> {
  original.graph?.output.forEach((output) => {
    // Whatever type and sizes it has, the runtime finds them out.
    delete output.type;
  });
  const { model: after } = rewritten(original, foldShapes);
  assert.equal(operatorCounts(after), operators);
  await assertSameOutputs(original, after, 0);
  return after;
}

const scalar = (name: string, number: number) =>
  tensor(name, [], { dataType: DataType.INT64, int64Data: [BigInt(number)] });

describe('foldShapes', (it) => {
  it('folds the flattening that PyTorch writes for x.view(x.size(0), -1)', async () => {
    const original = around(
      [
        node('Shape', ['x'], ['shape']),
        node('Constant', [], ['first'], { value: scalar('', 0) }),
        node('Gather', ['shape', 'first'], ['batch'], { axis: 0 }),
        node('Unsqueeze', ['batch', 'zero'], ['row']),
        node('Concat', ['row', 'rest'], ['flat'], { axis: 0 }),
        node('Reshape', ['x', 'flat'], ['y']),
      ],
      1,
      [int64s('zero', [0]), int64s('rest', [-1])],
    );
    const after = await leaves(original, { Reshape: 1 });
    assert.equal(constant(after, 'flat'), { type: DataType.INT64, dims: [2], values: [1, -1] });
  });

  it('folds slices, casts and integer arithmetic as the run computes them', async () => {
    const original = around(
      [
        node('Shape', ['x'], ['shape']),
        node('Slice', ['shape', 'two', 'four'], ['image']),
        node('Cast', ['image'], ['narrow'], { to: DataType.INT32 }),
        node('Cast', ['narrow'], ['real'], { to: DataType.FLOAT }),
        node('Mul', ['real', 'scale'], ['scaled']),
        node('Floor', ['scaled'], ['whole']),
        node('Cast', ['whole'], ['y'], { to: DataType.INT64 }),
      ],
      1,
      // 3 times this float32 is below 7, and 7 once it is rounded to float32, as the run does.
      [int64s('two', [2]), int64s('four', [4]), floats('scale', [1], [9786709 / 2 ** 22])],
    );
    const after = await leaves(original, {});
    assert.equal(constant(after, 'y'), { type: DataType.INT64, dims: [2], values: [7, 9] });
  });

  it('folds a Range, a comparison and a choice between sizes', async () => {
    const original = around(
      [
        node('Range', ['start', 'end', 'step'], ['range']),
        node('Equal', ['range', 'four'], ['same']),
        node('Where', ['same', 'four', 'range'], ['chosen']),
        node('Mul', ['chosen', 'chosen'], ['y']),
      ],
      1,
      [scalar('start', 2), scalar('end', 7), scalar('step', 2), scalar('four', 4)],
    );
    const after = await leaves(original, {});
    assert.equal(constant(after, 'y'), { type: DataType.INT64, dims: [3], values: [4, 16, 36] });
  });

  it('folds a bias that is stretched from one number, as dynamo writes it without optimisation', async () => {
    const original = around(
      [
        node('Constant', [], ['zero_float'], { value: floats('', [], [0.25]) }),
        node('Shape', ['x'], ['length'], { start: 3, end: 4 }),
        node('CastLike', ['zero_float', 'x'], ['like']),
        node('Expand', ['like', 'length'], ['bias']),
        node('Add', ['x', 'bias'], ['y']),
      ],
      1,
      [],
    );
    const after = await leaves(original, { Add: 1 });
    assert.equal(constant(after, 'bias'), { type: DataType.FLOAT, dims: [4], values: [0.25, 0.25, 0.25, 0.25] });
  });

  it('makes initialisers of Constant nodes in every form', async () => {
    const forms: readonly NodeProto[] = [
      node('Constant', [], ['tensor'], { value: floats('', [1, 4], [1, 2, 3, 4]) }),
      node('Constant', [], ['float'], { value_float: { f: 0.5 } }),
      node('Constant', [], ['ints'], { value_ints: [2, -1] }),
      node('Constant', [], ['int'], { value_int: 1 }),
      node('Constant', [], ['half'], { value: tensor('', [1], { dataType: DataType.FLOAT16, int32Data: [0x3800] }) }),
    ];
    const after = await leaves(
      around(
        [
          ...forms,
          node('Add', ['x', 'tensor'], ['a']),
          node('Mul', ['a', 'float'], ['b']),
          node('Reshape', ['b', 'ints'], ['c']),
          node('Gather', ['c', 'int'], ['d']),
          node('Cast', ['half'], ['e'], { to: DataType.FLOAT }),
          node('Add', ['d', 'e'], ['y']),
        ],
        1,
        [],
      ),
      { Add: 2, Mul: 1, Reshape: 1, Gather: 1, Cast: 1 },
    );
    assert.equal(constant(after, 'ints'), { type: DataType.INT64, dims: [2], values: [2, -1] });
    assert.equal(constant(after, 'int'), { type: DataType.INT64, dims: [], values: [1] });
    assert.equal(constant(after, 'float'), { type: DataType.FLOAT, dims: [], values: [0.5] });
  });

  it('does not mistake numbers on two axes for numbers on one', async () => {
    for (const picked of [
      node('Slice', ['table', 'last', 'lowest', 'last', 'last'], ['y']),
      node('Gather', ['table', 'last'], ['y'], { axis: 1 }),
      node('Add', ['column', 'row'], ['y']),
    ]) {
      const constants = [
        int64s('last', [-1]),
        int64s('lowest', [-9]),
        int64s('two_one', [2, 1]),
        int64s('one_two', [1, 2]),
        int64s('both', [2, 2]),
        int64s('four', [1, 2, 3, 4]),
        int64s('pair', [5, 6]),
      ];
      const original = around(
        [
          node('Reshape', ['four', 'both'], ['table']),
          node('Reshape', ['pair', 'two_one'], ['column']),
          node('Reshape', ['pair', 'one_two'], ['row']),
          picked,
        ],
        1,
        constants,
      );
      await leaves(original, { [picked.opType]: 1 });
    }
  });

  it('leaves what depends on shapes alone while the batch is open, and says so', () => {
    const nodes = [
      node('Constant', [], ['pick'], { value: int64s('', [0]) }),
      node('Shape', ['x'], ['shape']),
      node('Gather', ['shape', 'pick'], ['y']),
    ];
    const { model: after, reports } = rewritten(around(nodes, 'N'), foldShapes);
    assert.equal(operatorCounts(after), { Shape: 1, Gather: 1 });
    assert.equal(reports[0]?.leftAlone, [
      { node: 'Shape_shape', reason: 'the sizes it reads are not known without a run' },
    ]);
    assert.equal(operatorCounts(rewritten(around(nodes, 'N'), fixInputs(), foldShapes).model), {});
  });

  it('leaves vectors alone that are too long for shapes', () => {
    const { model: after } = rewritten(
      around([node('ConstantOfShape', ['long'], ['y'])], 1, [int64s('long', [4096])]),
      foldShapes,
    );
    assert.equal(operatorCounts(after), { ConstantOfShape: 1 });
  });

  it('leaves integers alone that JavaScript cannot hold', async () => {
    const big = tensor('big', [1], { dataType: DataType.INT64, int64Data: [2n ** 62n + 1n] });
    await leaves(around([node('Add', ['big', 'big'], ['y'])], 1, [big]), { Add: 1 });
  });

  it('keeps the answers of what exporters write, without a Constant or Shape node', async () => {
    await onEveryFixture([fixInputs(), foldShapes], (name, after) => {
      const counts = operatorCounts(after);
      for (const gone of ['Constant', 'Shape', 'Concat', 'Unsqueeze', 'CastLike', 'Expand']) {
        assert.is(counts[gone], undefined, `${name}: ${gone}`);
      }
    });
  });
});
