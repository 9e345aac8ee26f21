import * as assert from 'uvu/assert';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { type InferredShapes, inferShapes } from '../../../src/onnx/shapes/infer.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';

function infer(message: ModelProto): InferredShapes {
  assert.ok(message.graph !== undefined);
  return inferShapes(message, message.graph);
}

const scalar = (name: string, number: number) => tensor(name, [], { dataType: 7, int64Data: [BigInt(number)] });

describe('inferShapes', (it) => {
  it('counts a symbolic batch as 1, by its place and by its name, and no other symbol', () => {
    const { shapeOf } = infer(
      model({
        input: [value('x', ['N', 3, 'H', 8])],
        valueInfo: [value('u', ['N', 7])],
        node: [node('Relu', ['x'], ['y']), node('NonZero', ['x'], ['u'])],
      }),
    );
    assert.equal(shapeOf('y'), [1, 3, undefined, 8]);
    assert.equal(shapeOf('u'), [1, 7]);
  });

  it('trusts the inputs over what the file says of inner values, which fills gaps only', () => {
    const { shapeOf } = infer(
      model({
        input: [value('x', [1, 3, 128, 128])],
        valueInfo: [value('y', [1, 3, 224, 224]), value('z', [1, 3, 9])],
        node: [node('Relu', ['x'], ['y']), node('SomethingNew', ['y'], ['z'])],
      }),
    );
    assert.equal(shapeOf('y'), [1, 3, 128, 128]);
    assert.equal(shapeOf('z'), [1, 3, 9]);
  });

  it('follows the flattening PyTorch writes for a dynamic batch: Shape, Gather, Unsqueeze, Concat, Reshape', () => {
    const { shapeOf } = infer(
      model({
        input: [value('x', ['batch', 512, 4, 4])],
        initializer: [scalar('zero', 0), int64s('front', [0]), int64s('rest', [-1])],
        node: [
          node('Shape', ['x'], ['shape']),
          node('Gather', ['shape', 'zero'], ['n'], { axis: 0 }),
          node('Unsqueeze', ['n', 'front'], ['n1']),
          node('Concat', ['n1', 'rest'], ['wanted'], { axis: 0 }),
          node('Reshape', ['x', 'wanted'], ['y']),
        ],
      }),
    );
    assert.equal(shapeOf('y'), [1, 8192]);
  });

  it('follows the expansion PyTorch writes: ConstantOfShape, Mul, Equal, Where, Expand', () => {
    const { shapeOf } = infer(
      model({
        input: [value('token', [1, 1, 64])],
        initializer: [int64s('wanted', [8, -1, -1]), int64s('length', [3])],
        node: [
          node('ConstantOfShape', ['length'], ['ones'], { value: int64s('', [1]) }),
          node('Constant', [], ['minus'], { value: scalar('', -1) }),
          node('Mul', ['ones', 'minus'], ['minuses']),
          node('Equal', ['wanted', 'minuses'], ['isOpen']),
          node('Where', ['isOpen', 'ones', 'wanted'], ['target']),
          node('Expand', ['token', 'target'], ['y']),
        ],
      }),
    );
    assert.equal(shapeOf('y'), [8, 1, 64]);
  });

  it('computes sizes as the graph does: integers truncate, floats do not', () => {
    const { shapeOf } = infer(
      model({
        input: [value('x', [1, 1, 7, 7])],
        initializer: [int64s('from', [2]), int64s('to', [4]), int64s('two', [2]), floats('half', [1], [0.5])],
        node: [
          node('Shape', ['x'], ['shape']),
          node('Slice', ['shape', 'from', 'to'], ['sides']),
          node('Div', ['sides', 'two'], ['halves']),
          node('Cast', ['sides'], ['real'], { to: 1 }),
          node('Mul', ['real', 'half'], ['middles']),
          node('Ceil', ['middles'], ['up']),
          node('Cast', ['up'], ['rounded'], { to: 7 }),
          node('ConstantOfShape', ['halves'], ['down3']),
          node('ConstantOfShape', ['rounded'], ['up4']),
        ],
      }),
    );
    assert.equal(shapeOf('down3'), [3, 3]);
    assert.equal(shapeOf('up4'), [4, 4]);
  });

  it('rounds floats to float32 as the run does', () => {
    const message = model({
      initializer: [tensor('three', [1], { dataType: 7, int64Data: [3n] }), floats('scale', [1], [9786709 / 2 ** 22])],
      node: [
        node('Cast', ['three'], ['real'], { to: 1 }),
        node('Mul', ['real', 'scale'], ['scaled']),
        node('Floor', ['scaled'], ['whole']),
      ],
    });
    assert.equal(infer(message).numbersOf('whole'), [7]);
  });

  it('does not take numbers that were stretched along two axes for a vector', () => {
    const { shapeOf, numbersOf } = infer(
      model({
        initializer: [
          int64s('four', [1, 2, 3, 4]),
          int64s('pair', [5, 6]),
          int64s('two_one', [2, 1]),
          int64s('two_two', [2, 2]),
        ],
        node: [
          node('Reshape', ['pair', 'two_one'], ['column']),
          node('Add', ['column', 'pair'], ['table']),
          node('ReduceProd', ['table'], ['product']),
          node('Reshape', ['four', 'two_two'], ['square']),
          node('Concat', ['square', 'square'], ['joined'], { axis: 1 }),
        ],
      }),
    );
    assert.equal(shapeOf('table'), [2, 2]);
    for (const name of ['table', 'product', 'joined']) {
      assert.is(numbersOf(name), undefined, name);
    }
    assert.equal(numbersOf('column'), [5, 6]);
  });

  it('follows one number stretched to a vector, and the length of a range', () => {
    const { shapeOf, numbersOf } = infer(
      model({
        initializer: [int64s('length', [3]), scalar('start', 2), scalar('end', 7), scalar('step', 2)],
        node: [node('Expand', ['start', 'length'], ['stretched']), node('Range', ['start', 'end', 'step'], ['range'])],
      }),
    );
    assert.equal(numbersOf('stretched'), [2, 2, 2]);
    assert.equal(shapeOf('range'), [3]);
    assert.equal(numbersOf('range'), [2, 4, 6]);
  });

  it('keeps an unknown part of a shape unknown, and the rest known', () => {
    const { shapeOf } = infer(
      model({
        input: [value('x', ['N', 16, 'H', 'W'])],
        initializer: [int64s('tail', [-1])],
        node: [
          node('Shape', ['x'], ['head'], { start: 0, end: 2 }),
          node('Concat', ['head', 'tail'], ['wanted'], { axis: 0 }),
          node('Reshape', ['x', 'wanted'], ['y']),
        ],
      }),
    );
    assert.equal(shapeOf('y'), [1, 16, undefined]);
  });

  it('does not follow a value of absurdly many axes', () => {
    const order = Array.from({ length: 1000 }, () => 0);
    const { shapeOf } = infer(
      model({ input: [value('x', [2])], node: [node('Transpose', ['x'], ['y'], { perm: order })] }),
    );
    assert.is(shapeOf('y'), undefined);
  });
});
