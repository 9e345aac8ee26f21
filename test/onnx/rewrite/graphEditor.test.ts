import { create } from '@bufbuild/protobuf';
import * as assert from 'uvu/assert';
import {
  FunctionProtoSchema,
  type ModelProto,
  TensorProto_DataType as DataType,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { encodeConstant } from '../../../src/onnx/rewrite/constants.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { floats, graph, model, node, tensor, value } from '../build.ts';
import { assertSameOutputs } from './run.ts';

/** x -> Relu a -> MatMul(w) b -> Relu y. */
function small(): ModelProto {
  return model({
    input: [value('x', [1, 4])],
    output: [value('y', [1, 2])],
    initializer: [floats('w', [4, 2], [1, -2, 3, -4, 5, -6, 7, 8]), floats('unused', [3])],
    node: [node('Relu', ['x'], ['a']), node('MatMul', ['a', 'w'], ['b']), node('Relu', ['b'], ['y'])],
  });
}

function operators({ graph: main }: ModelProto): string[] {
  return main?.node.map(({ opType }) => opType) ?? [];
}

function nodeOf(editor: GraphEditor, output: string) {
  const found = editor.producer(output);
  assert.ok(found !== undefined, output);
  return found;
}

describe('GraphEditor', (it) => {
  it('never changes the model it was made from', () => {
    const original = small();
    const before = encodeModel(original);
    const editor = new GraphEditor(original);
    editor.opset = 21;
    const doubled = editor.addNode({ opType: 'Add', inputs: ['b', 'b'], domain: 'com.example' });
    editor.replaceUses('b', doubled, [nodeOf(editor, doubled)]);
    editor.setInput(nodeOf(editor, 'a'), 0, 'w');
    editor.setConstant('w', encodeConstant('', [4, 2], new Float32Array(8)));
    editor.outputs.forEach((output) => {
      output.name = 'z';
    });
    editor.inputs.forEach((input) => {
      input.name = 'in';
    });
    editor.nodes.forEach((each) => {
      each.opType = 'Neg';
      each.attribute = [];
    });
    editor.remove(nodeOf(editor, 'a'));
    editor.changed();
    editor.prune();
    editor.build({ made: 'here' });
    assert.equal(encodeModel(original), before);
  });

  it('builds models that later edits do not change', () => {
    const editor = new GraphEditor(small());
    const built = editor.build({ made: 'here' });
    const before = encodeModel(built);
    editor.nodes.forEach((each) => {
      each.opType = 'Neg';
    });
    editor.inputs.forEach((input) => {
      input.name = 'in';
    });
    editor.opset = 21;
    editor.build({ made: 'elsewhere' });
    assert.equal(encodeModel(built), before);
  });

  it('keeps nodes in topological order wherever they were added', () => {
    const editor = new GraphEditor(small());
    const late = editor.addNode({ opType: 'Neg', inputs: ['x'], hint: 'negated' });
    editor.setInput(nodeOf(editor, 'a'), 0, late);
    assert.equal(operators(editor.build()), ['Neg', 'Relu', 'MatMul', 'Relu']);
  });

  it('gives the name of a graph output to the node that computes its replacement', async () => {
    const editor = new GraphEditor(small());
    editor.replaceUses('y', 'b');
    editor.remove(nodeOf(editor, 'y_before'));
    const built = editor.build();
    assert.equal(built.graph?.output[0]?.name, 'y');
    assert.equal(built.graph?.node.at(-1)?.opType, 'MatMul');
    assert.equal(built.graph?.node.at(-1)?.output, ['y']);
    const wanted = small();
    wanted.graph?.node.splice(1, 2, node('MatMul', ['a', 'w'], ['y']));
    await assertSameOutputs(wanted, built);
  });

  it('lets other readers of a replaced graph output read the replacement', () => {
    const original = small();
    original.graph?.node.push(node('Neg', ['y'], ['z']));
    original.graph?.output.push(value('z', [1, 2]));
    const editor = new GraphEditor(original);
    editor.replaceUses('y', 'b');
    const built = editor.build();
    assert.equal(operators(built), ['Relu', 'MatMul', 'Neg']);
    assert.equal(built.graph?.node.at(-1)?.input, ['y']);
  });

  it('keeps the nodes that compute a replacement from what it replaces', async () => {
    const editor = new GraphEditor(small());
    const zero = editor.addFloats('zero', [], Float32Array.of(0));
    const sum = editor.addNode({ opType: 'Add', inputs: ['y', zero] });
    editor.replaceUses('y', sum, [nodeOf(editor, sum)]);
    const built = editor.build();
    assert.equal(operators(built), ['Relu', 'MatMul', 'Relu', 'Add']);
    assert.equal(built.graph?.node.at(-1)?.output, ['y']);
    await assertSameOutputs(small(), built);
  });

  it('keeps the name of a graph output that becomes an input, a constant or another output', async () => {
    const original = small();
    original.graph?.output.push(value('a', [1, 4]));
    for (const [replacement, dims] of [
      ['x', [1, 4]],
      ['w', [4, 2]],
      ['a', [1, 4]],
    ] as const) {
      const editor = new GraphEditor(original);
      editor.replaceUses('y', replacement);
      const wanted = small();
      wanted.graph?.node.push(node('Identity', [replacement], ['y']));
      wanted.graph?.node.splice(1, 2);
      wanted.graph?.output.splice(0, 1, value('y', dims), value('a', [1, 4]));
      const built = editor.build();
      built.graph?.output.splice(0, 1, value('y', dims));
      await assertSameOutputs(wanted, built);
    }
  });

  it('does nothing when a value is to replace itself', () => {
    const editor = new GraphEditor(small());
    editor.replaceUses('y', 'y');
    assert.equal(encodeModel(editor.build()), encodeModel(new GraphEditor(small()).build()));
  });

  it('removes what no output needs, nodes and initialisers, and no input', () => {
    const original = small();
    original.graph?.node.push(node('Neg', ['a'], ['dead']), node('Neg', ['dead'], ['deader']));
    original.graph?.input.push(value('unread', [1]));
    const built = new GraphEditor(original).build();
    assert.equal(operators(built), ['Relu', 'MatMul', 'Relu']);
    assert.equal(
      built.graph?.initializer.map(({ name }) => name),
      ['w'],
    );
    assert.equal(
      built.graph?.input.map(({ name }) => name),
      ['x', 'unread'],
    );
  });

  it('gives new values and nodes names that nothing bears', () => {
    const original = small();
    original.graph?.node.push(node('Neg', ['nowhere'], ['relu_1']));
    const editor = new GraphEditor(original);
    const names = [1, 2].map(() => editor.addNode({ opType: 'Relu', inputs: ['x'], hint: 'relu' }));
    assert.equal(names, ['relu', 'relu_2']);
    assert.is(editor.addFloats('w', [1], new Float32Array(1)), 'w_1');
    assert.is(editor.addInts('nowhere', [1]), 'nowhere_1');
    assert.is(editor.freshName('y'), 'y_1');
    assert.is(editor.freshName('y'), 'y_2');
  });

  it('adds metadata, and replaces what stands under the same key', () => {
    const editor = new GraphEditor(new GraphEditor(small()).build({ author: 'first', kept: 'yes' }));
    const built = editor.build({ author: 'second' });
    assert.equal(
      built.metadataProps.map(({ key, value: text }) => [key, text]),
      [
        ['kept', 'yes'],
        ['author', 'second'],
      ],
    );
  });

  it('imports the operator set of a new domain once, and ONNX under either of its names', () => {
    const original = small();
    original.opsetImport.forEach((entry) => {
      entry.domain = 'ai.onnx';
    });
    const editor = new GraphEditor(original);
    assert.is(editor.opset, 20);
    for (const domain of ['com.microsoft', 'com.microsoft', '']) {
      editor.addNode({ opType: 'Gelu', inputs: ['x'], domain });
    }
    editor.opset = 21;
    assert.equal(
      editor.build().opsetImport.map(({ domain, version }) => [domain, version]),
      [
        ['ai.onnx', 21n],
        ['com.microsoft', 1n],
      ],
    );
  });

  it('raises the version of the file format with the operator set', () => {
    const original = small();
    original.irVersion = 8n;
    const editor = new GraphEditor(original);
    assert.is(editor.build().irVersion, 8n);
    editor.opset = 20;
    assert.is(editor.build().irVersion, 10n);
  });

  it('takes initialisers that are inputs as well for constants, as files up to IR 3 write them', async () => {
    const original = small();
    original.irVersion = 3n;
    original.graph?.input.push(value('w', [4, 2]), value('unused', [3]));
    original.opsetImport.forEach((entry) => {
      entry.version = 8n;
    });
    const editor = new GraphEditor(original);
    assert.equal(editor.shape('w'), [4, 2]);
    const built = editor.build();
    assert.equal(
      built.graph?.input.map(({ name }) => name),
      ['x'],
    );
    await assertSameOutputs(original, built);
  });

  it('refuses control flow and local functions', async () => {
    const branch = graph({ output: [value('r', [1])], node: [node('Relu', ['x'], ['r'])] });
    const withIf = small();
    withIf.graph?.node.push(node('If', ['x'], ['chosen'], { then_branch: branch, else_branch: branch }));
    await rejects(() => new GraphEditor(withIf), /control flow .* cannot be rewritten: export it/);
    const withFunction = small();
    withFunction.functions.push(create(FunctionProtoSchema, { name: 'f', domain: 'here' }));
    await rejects(() => new GraphEditor(withFunction), /local functions cannot be rewritten/);
  });

  it('refuses a cycle', async () => {
    const loop = small();
    loop.graph?.node.splice(0, 1, node('Add', ['x', 'b'], ['a']));
    await rejects(() => new GraphEditor(loop).nodes, /no cycles/);
  });

  it('keeps the numbers of a constant that stand in a typed field, as some exporters write them', () => {
    const editor = new GraphEditor(small());
    editor.setConstant('b', tensor('', [1, 2], { dataType: DataType.FLOAT, floatData: [0.5, -2] }));
    assert.equal(editor.numbers('b'), [0.5, -2]);
    assert.equal(editor.shape('b'), [1, 2]);
  });

  it('makes a computed value a constant under its own name', async () => {
    const editor = new GraphEditor(small());
    editor.setConstant('b', encodeConstant('', [1, 2], Float32Array.of(-1, 3)));
    const built = editor.build();
    assert.equal(operators(built), ['Relu']);
    const wanted = small();
    wanted.graph?.initializer.push(floats('c', [1, 2], [-1, 3]));
    wanted.graph?.node.splice(0, 3, node('Relu', ['c'], ['y']));
    await assertSameOutputs(wanted, built);
  });
});
