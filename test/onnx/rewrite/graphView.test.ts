import * as assert from 'uvu/assert';
import { type ModelProto, TensorProto_DataType as DataType } from '../../../src/onnx/generated/onnx_pb.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';

/** x -> Relu a -> MatMul(w) b -> Relu y. */
function small(): ModelProto {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 2])],
    initializer: [floats('w', [4, 2], [1, -2, 3, -4, 5, -6, 7, 8]), floats('unused', [3])],
    node: [node('Relu', ['x'], ['a']), node('MatMul', ['a', 'w'], ['b']), node('Relu', ['b'], ['y'])],
  });
}

function nodeOf(editor: GraphEditor, output: string) {
  const found = editor.producer(output);
  assert.ok(found !== undefined, output);
  return found;
}

describe('GraphView', (it) => {
  it('knows who computes and who reads a value after every edit', () => {
    const editor = new GraphEditor(small());
    const twice = editor.addNode({ opType: 'Add', inputs: ['a', 'a'] });
    const added = nodeOf(editor, twice);
    assert.equal(
      editor.consumers('a').map(({ opType }) => opType),
      ['MatMul', 'Add'],
    );
    assert.is(editor.onlyConsumer('a'), undefined);
    editor.setInput(added, 0, 'x');
    editor.setInput(added, 1, 'x');
    assert.is(editor.onlyConsumer('a')?.opType, 'MatMul');
    editor.remove(added);
    assert.is(editor.producer(twice), undefined);
    assert.equal(
      editor.consumers('x').map(({ opType }) => opType),
      ['Relu'],
    );
    assert.is(editor.onlyConsumer('y'), undefined);
    nodeOf(editor, 'b').input[0] = 'x';
    editor.changed();
    assert.equal(editor.consumers('a'), []);
  });

  it('does not take left-out optional inputs and outputs for a value', () => {
    const original = small();
    original.graph?.node.push(node('Clip', ['x', '', ''], ['c', '']));
    const editor = new GraphEditor(original);
    assert.equal(editor.consumers(''), []);
    assert.is(editor.producer(''), undefined);
    assert.is(editor.constant(''), undefined);
    assert.is(editor.shape(''), undefined);
  });

  it('follows shapes, numbers and types through edits', () => {
    const original = small();
    original.graph?.initializer.push(int64s('sizes', [2, 2]));
    const editor = new GraphEditor(original);
    assert.equal(editor.shape('b'), [1, 2]);
    const reshaped = editor.addNode({ opType: 'Reshape', inputs: ['a', 'sizes'] });
    assert.equal(editor.shape(reshaped), [2, 2]);
    assert.is(editor.elementType(reshaped), DataType.FLOAT);
    const shape = editor.addNode({ opType: 'Shape', inputs: [reshaped] });
    assert.equal(editor.numbers(shape), [2, 2]);
    assert.is(editor.elementType(shape), DataType.INT64);
    const column = editor.addInts('column', [4, 1]);
    editor.setInput(nodeOf(editor, reshaped), 1, column);
    assert.equal(editor.shape(reshaped), [4, 1]);
    assert.equal(editor.numbers(shape), [4, 1]);
  });

  it('reads constants from initialisers and Constant nodes alike', () => {
    const original = small();
    original.graph?.node.push(node('Constant', [], ['half'], { value: floats('', [1, 1], [0.5]) }));
    const editor = new GraphEditor(original);
    assert.is(editor.scalar('half'), 0.5);
    assert.equal(editor.numbers('half'), [0.5]);
    assert.equal(editor.floats('w')?.dims, [4, 2]);
    assert.is(editor.scalar('w'), undefined);
    assert.is(editor.floats('a'), undefined);
  });

  it('has no numbers of text, nor of what is too long for a shape', () => {
    const original = small();
    const text = floats('text', [1]);
    text.dataType = DataType.STRING;
    original.graph?.initializer.push(floats('long', [2048]), text);
    const editor = new GraphEditor(original);
    assert.is(editor.numbers('text'), undefined);
    assert.is(editor.numbers('long'), undefined);
  });
});
