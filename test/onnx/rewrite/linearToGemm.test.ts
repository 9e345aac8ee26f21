import * as assert from 'uvu/assert';
import {
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as DataType,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { tensorDims, tensorValues } from '../../../src/onnx/tensor.ts';
import { linearToGemm } from '../../../src/onnx/rewrite/linearToGemm.ts';
import { describe } from '../../describe.ts';
import { floats, model, node, tensor, value } from '../build.ts';
import { uniform } from '../randomWeights.ts';
import { assertSameOutputs, operatorCounts, rewritten } from './run.ts';

const IN = 4;
const OUT = 3;

function random(name: string, dims: readonly number[], seed: number): TensorProto {
  const next = uniform(seed);
  const count = dims.reduce((product, size) => product * size, 1);
  return floats(
    name,
    dims,
    Array.from({ length: count }, () => next() * 2 - 1),
  );
}

interface Parts {
  readonly x?: readonly (number | string)[];
  readonly y?: readonly (number | string)[];
  readonly stored?: readonly TensorProto[];
  readonly outputs?: readonly string[];
}

/** Weights `w` [4, 3] and `turned` [3, 4], bias `b` [3]. */
function linear(nodes: readonly NodeProto[], parts: Parts = {}): ModelProto {
  const { x = [1, 2, 5, IN], y = [1, 2, 5, OUT], stored = [], outputs = ['y'] } = parts;
  return model({
    input: [value('x', x)],
    output: outputs.map((name) => value(name, y)),
    initializer: [random('w', [IN, OUT], 1), random('turned', [OUT, IN], 2), random('b', [OUT], 3), ...stored],
    node: [...nodes],
  });
}

/** Asserts that every linear layer is in the one form and has constants of its own. */
function assertCanonical({ graph }: ModelProto): void {
  const read: string[] = [];
  for (const gemm of graph?.node.filter(({ opType }) => opType === 'Gemm') ?? []) {
    assert.equal(gemm.attribute, []);
    const [weight, bias] = gemm.input.slice(1).map((name) => graph?.initializer.find((stored) => stored.name === name));
    const [rows, columns] = weight === undefined ? [] : tensorDims(weight);
    assert.equal([rows, columns], [IN, OUT]);
    assert.equal(bias && tensorDims(bias), [columns]);
    read.push(...gemm.input.slice(1));
  }
  assert.is(new Set(read).size, read.length, 'two layers share a constant');
}

async function straightened(original: ModelProto, layers = 1): Promise<ModelProto> {
  const { model: after, reports } = rewritten(original, linearToGemm);
  assert.equal(reports, [{ name: 'linear_to_gemm', exact: true, rewritten: layers, leftAlone: [] }]);
  assertCanonical(after);
  await assertSameOutputs(original, after);
  return after;
}

function whyLeft(original: ModelProto): string | undefined {
  const { model: after, reports } = rewritten(original, linearToGemm);
  assert.equal(after.graph?.node, original.graph?.node);
  assert.is(reports[0]?.rewritten, 0);
  return reports[0]?.leftAlone[0]?.reason;
}

describe('linearToGemm', (it) => {
  it('writes a MatMul with a bias, on either side, as Gemm between two reshapes', async () => {
    for (const operands of [
      ['p', 'b'],
      ['b', 'p'],
    ]) {
      const after = await straightened(linear([node('MatMul', ['x', 'w'], ['p']), node('Add', operands, ['y'])]));
      assert.equal(operatorCounts(after), { Reshape: 2, Gemm: 1 });
    }
  });

  it('takes the stored weight and bias as they are where nothing else reads them', async () => {
    const after = await straightened(linear([node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])]));
    const gemm = after.graph?.node.find(({ opType }) => opType === 'Gemm');
    assert.equal(gemm?.input.slice(1), ['w', 'b']);
  });

  it('keeps the name of the MatMul, which recipes and manifests go by', async () => {
    const after = await straightened(linear([node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])]));
    assert.is(after.graph?.node.find(({ opType }) => opType === 'Gemm')?.name, 'MatMul_p');
  });

  it('needs no reshape for a matrix', async () => {
    const nodes = [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])];
    const after = await straightened(linear(nodes, { x: [7, IN], y: [7, OUT] }));
    assert.equal(operatorCounts(after), { Gemm: 1 });
  });

  it('gives a layer without a bias one of zeros', async () => {
    const after = await straightened(linear([node('MatMul', ['x', 'w'], ['y'])]));
    const bias = after.graph?.initializer.find(({ name }) => name === 'bias');
    assert.equal(bias && [...tensorValues(bias)], [0, 0, 0]);
  });

  it('takes a bias of [1, 1, 1, C] and one of a single number', async () => {
    const stored = [random('wide', [1, 1, 1, OUT], 4), floats('number', [], [0.25])];
    for (const bias of ['wide', 'number']) {
      const nodes = [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', bias], ['y'])];
      assert.equal(operatorCounts(await straightened(linear(nodes, { stored }))), { Reshape: 2, Gemm: 1 });
    }
  });

  it('reads a weight that the graph itself turns', async () => {
    const nodes = [
      node('Transpose', ['turned'], ['w_of_turned'], { perm: [1, 0] }),
      node('MatMul', ['x', 'w_of_turned'], ['p']),
      node('Add', ['p', 'b'], ['y']),
    ];
    assert.equal(operatorCounts(await straightened(linear(nodes))), { Reshape: 2, Gemm: 1 });
  });

  it('keeps the addition of what is no bias, or of a bias to a product that others read', async () => {
    const stored = [random('grid', [5, OUT], 5)];
    const grid = [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'grid'], ['y'])];
    assert.equal(operatorCounts(await straightened(linear(grid, { stored }))), { Reshape: 2, Gemm: 1, Add: 1 });
    const shared = [node('MatMul', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])];
    const after = await straightened(linear(shared, { outputs: ['y', 'p'] }));
    assert.equal(operatorCounts(after), { Reshape: 2, Gemm: 1, Add: 1 });
  });

  it('gives layers that share a weight and a bias copies of their own', async () => {
    const nodes = ['y', 'z', 'u'].flatMap((name) => [
      node('MatMul', ['x', 'w'], [`${name}_p`]),
      node('Add', [`${name}_p`, 'b'], [name]),
    ]);
    const after = await straightened(linear(nodes, { outputs: ['y', 'z', 'u'] }), 3);
    assert.is(after.graph?.initializer.filter((stored) => tensorDims(stored).join() === `${IN},${OUT}`).length, 3);
  });

  it('gives Gemms that share constants copies of their own, though they have the form already', async () => {
    const nodes = [node('Gemm', ['x', 'w', 'b'], ['y']), node('Gemm', ['x', 'w', 'b'], ['z'])];
    const after = await straightened(linear(nodes, { x: [2, IN], y: [2, OUT], outputs: ['y', 'z'] }), 1);
    assert.equal(operatorCounts(after), { Gemm: 2 });
  });

  it('turns and scales the weight and the bias of a Gemm instead of letting it do so', async () => {
    const attributes = { transB: 1, transA: 0, alpha: { f: 0.5 }, beta: { f: 3 } };
    const nodes = [node('Gemm', ['x', 'turned', 'b'], ['y'], attributes)];
    const after = await straightened(linear(nodes, { x: [7, IN], y: [7, OUT] }));
    assert.equal(operatorCounts(after), { Gemm: 1 });
  });

  it('scales each of the two alone', async () => {
    for (const attributes of [{ alpha: { f: 0.5 } }, { beta: { f: 3 } }]) {
      await straightened(linear([node('Gemm', ['x', 'w', 'b'], ['y'], attributes)], { x: [7, IN], y: [7, OUT] }));
    }
  });

  it('gives a Gemm without a bias the one that is added behind it, or zeros', async () => {
    const parts = { x: [7, IN], y: [7, OUT] };
    const added = [node('Gemm', ['x', 'w'], ['p']), node('Add', ['p', 'b'], ['y'])];
    assert.equal(operatorCounts(await straightened(linear(added, parts))), { Gemm: 1 });
    await straightened(linear([node('Gemm', ['x', 'w'], ['y'])], parts));
  });

  it('takes a bias of a Gemm that is one number, or a row', async () => {
    const stored = [floats('number', [1], [0.25]), random('row', [1, OUT], 6)];
    for (const bias of ['number', 'row']) {
      const nodes = [node('Gemm', ['x', 'w', bias], ['y'])];
      await straightened(linear(nodes, { x: [7, IN], y: [7, OUT], stored }));
    }
  });

  it('does nothing to a Gemm that has the form', () => {
    const nodes = [node('Gemm', ['x', 'w', 'b'], ['y'])];
    assert.is(whyLeft(linear(nodes, { x: [2, IN], y: [2, OUT] })), undefined);
  });

  it('leaves the product of two computed values, as in attention', () => {
    const nodes = [node('Transpose', ['x'], ['k'], { perm: [0, 1, 3, 2] }), node('MatMul', ['x', 'k'], ['y'])];
    assert.match(whyLeft(linear(nodes, { y: [1, 2, 5, 5] })) ?? '', /both of its operands are computed/);
  });

  it('leaves a constant on the left, a weight of three axes and one in float64', () => {
    const stored = [
      random('left', [2, 5], 7),
      random('deep', [2, IN, OUT], 8),
      tensor('double', [IN, OUT], { dataType: DataType.DOUBLE, doubleData: Array.from({ length: 12 }, () => 1) }),
    ];
    const reasons = [
      node('MatMul', ['left', 'x'], ['y']),
      node('MatMul', ['x', 'deep'], ['y']),
      node('MatMul', ['x', 'double'], ['y']),
    ].map((matMul) => whyLeft(linear([matMul], { stored })) ?? '');
    assert.match(reasons[0] ?? '', /constant is the left operand/);
    assert.match(reasons[1] ?? '', /operands have the shapes \[1, 2, 5, 4\] and \[2, 4, 3\]/);
    assert.match(reasons[2] ?? '', /weight is not float32/);
  });

  it('leaves a MatMul while the batch is open, because its rows are not known', () => {
    const nodes = [node('MatMul', ['x', 'w'], ['y'])];
    const reason = whyLeft(linear(nodes, { x: ['batch', 5, IN], y: ['batch', 5, OUT] }));
    assert.match(reason ?? '', /shape of its input is not known without a run/);
  });

  it('leaves a Gemm that transposes its input, or adds a bias that differs from row to row', () => {
    const turned = [node('Gemm', ['x', 'w', 'b'], ['y'], { transA: 1 })];
    assert.match(whyLeft(linear(turned, { x: [IN, 2], y: [2, OUT] })) ?? '', /transposes its input/);
    const stored = [random('rows', [2, 1], 9)];
    const rows = [node('Gemm', ['x', 'w', 'rows'], ['y'])];
    assert.match(
      whyLeft(linear(rows, { x: [2, IN], y: [2, OUT], stored })) ?? '',
      /not one float32 constant per column/,
    );
  });

  it('leaves a convolution of 1x1 a convolution', () => {
    const stored = [random('kernel', [OUT, IN, 1, 1], 10)];
    const nodes = [node('Conv', ['x', 'kernel', 'b'], ['y'])];
    assert.is(whyLeft(linear(nodes, { x: [1, IN, 2, 5], y: [1, OUT, 2, 5], stored })), undefined);
  });
});
