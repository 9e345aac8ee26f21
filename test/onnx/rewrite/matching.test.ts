import * as assert from 'uvu/assert';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import {
  floatConstant,
  hasFixedInputs,
  isOp,
  labelOf,
  otherOperand,
  readFromOutside,
  reducedAxes,
  scalarOperand,
  vectorAlong,
} from '../../../src/onnx/rewrite/matching.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';

const graph = new GraphEditor(
  model({
    input: [value('x', [1, 2, 3])],
    output: [value('y', [1, 2, 3])],
    initializer: [floats('w', [2, 3], [1, 2, 3, 4, 5, 6]), floats('half', [1, 1], [0.5]), int64s('axes', [-1])],
    node: [
      node('Transpose', ['w'], ['turned']),
      node('Unsqueeze', ['turned', 'axes'], ['turned3']),
      node('Identity', ['w'], ['same']),
      node('Constant', [], ['third'], { value_float: { f: 3 } }),
      node('Relu', ['w'], ['computed']),
      node('ReduceMean', ['x', 'axes'], ['mean']),
      node('Mul', ['half', 'x'], ['a']),
      node('Div', ['a', 'third'], ['b']),
      node('Add', ['b', 'mean'], ['c']),
      node('Add', ['c', 'a'], ['y']),
    ],
  }),
);

const nodeOf = (output: string) => {
  const found = graph.producer(output);
  assert.ok(found, `nothing computes ${output}`);
  return found ?? node('', [], []);
};

const constant = (...dims: number[]) => ({ dims, data: Float32Array.of(1, 2, 3) });

describe('matching', (it) => {
  it('reads a constant through what only changes its layout, and none that is computed', () => {
    const turned = floatConstant(graph, 'turned');
    assert.equal(
      [turned?.dims, [...(turned?.data ?? [])]],
      [
        [3, 2],
        [1, 4, 2, 5, 3, 6],
      ],
    );
    assert.equal(floatConstant(graph, 'turned3')?.dims, [3, 2, 1]);
    assert.equal(floatConstant(graph, 'same')?.dims, [2, 3]);
    assert.is(floatConstant(graph, 'computed'), undefined);
    assert.is(floatConstant(graph, 'x'), undefined);
    assert.is(floatConstant(graph, undefined), undefined);
  });

  it('finds the scalar operand on either side, however it is stored', () => {
    assert.equal(scalarOperand(graph, nodeOf('a')), { scalar: 0.5, other: 'x', side: 'left' });
    assert.equal(scalarOperand(graph, nodeOf('b')), { scalar: 3, other: 'a', side: 'right' });
    assert.is(scalarOperand(graph, nodeOf('c')), undefined);
  });

  it('finds the other operand', () => {
    assert.is(otherOperand(nodeOf('c'), 'b'), 'mean');
    assert.is(otherOperand(nodeOf('c'), 'mean'), 'b');
    assert.is(otherOperand(nodeOf('c'), 'x'), undefined);
    assert.is(otherOperand(node('Mul', ['x', 'x'], ['square']), 'x'), 'x');
  });

  it('takes a vector along one axis only', () => {
    assert.equal([...(vectorAlong(constant(3), 2, [1, 2, 3]) ?? [])], [1, 2, 3]);
    assert.ok(vectorAlong(constant(1, 3, 1), 1, [5, 3, 4]));
    assert.is(vectorAlong(constant(3), 1, [5, 3, 3]), undefined);
    assert.is(vectorAlong(constant(3, 1), 2, [5, 3, 3]), undefined);
    assert.is(vectorAlong(constant(1, 1, 1, 3), 2, [1, 2, 3]), undefined);
    assert.is(vectorAlong(constant(1), 0, [3]), undefined);
  });

  it('counts reduced axes from the front, and knows none for all of them', () => {
    assert.equal(reducedAxes(graph, nodeOf('mean'), 3), [2]);
    assert.is(reducedAxes(graph, node('ReduceMean', ['x'], ['all']), 3), undefined);
    assert.is(reducedAxes(graph, node('ReduceMean', ['x'], ['far'], { axes: [3] }), 3), undefined);
  });

  it('tells which value of a pattern is read from outside', () => {
    const pattern = new Set([nodeOf('a'), nodeOf('b'), nodeOf('c')]);
    assert.is(readFromOutside(graph, pattern, nodeOf('c')), 'a');
    assert.is(readFromOutside(graph, new Set([nodeOf('mean'), nodeOf('c')]), nodeOf('c')), undefined);
    assert.is(readFromOutside(graph, new Set([nodeOf('y'), nodeOf('a')]), nodeOf('a')), 'y');
  });

  it("knows operators of ONNX's own domain only", () => {
    assert.ok(isOp(nodeOf('a'), 'Div', 'Mul'));
    assert.not(isOp(nodeOf('a'), 'Div'));
    assert.not(isOp(node('Mul', [], [], {}, 'com.microsoft'), 'Mul'));
    assert.not(isOp(undefined, 'Mul'));
  });

  it('calls a node by its name, or by its output', () => {
    const nameless = { ...nodeOf('a'), name: '' };
    assert.equal([labelOf(nodeOf('a')), labelOf(nameless)], ['Mul_a', 'a']);
  });

  it('knows an open input size', () => {
    const open = model({ input: [value('x', ['batch', 3])], output: [value('x', ['batch', 3])] });
    assert.ok(hasFixedInputs(graph));
    assert.not(hasFixedInputs(new GraphEditor(open)));
  });
});
