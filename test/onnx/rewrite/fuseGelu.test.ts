import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto, TensorProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { stringAttribute } from '../../../src/onnx/node.ts';
import { fuseGelu } from '../../../src/onnx/rewrite/fuseGelu.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';
import { assertSameOutputs, operatorCounts, rewritten } from './run.ts';

const SHAPE = [2, 5];

function activation(nodes: readonly NodeProto[], stored: readonly TensorProto[] = [], opset = 20): ModelProto {
  const made = model(
    {
      input: [value('image', SHAPE)],
      output: [value('y', SHAPE)],
      initializer: [
        floats('three_times', [], [3]),
        floats('sqrt2', [], [Math.SQRT2]),
        floats('inverse_sqrt2', [], [Math.SQRT1_2]),
        floats('one', [], [1]),
        floats('half', [1], [0.5]),
        floats('two', [], [2]),
        floats('cubic', [], [0.044715]),
        floats('sqrt_2_pi', [], [Math.sqrt(2 / Math.PI)]),
        int64s('third', [3]),
        floats('bias', [5], [0.1, -0.2, 0.3, 0, 1]),
        ...stored,
      ],
      // The random input in [-1, 1) becomes one that reaches the curve's flat ends.
      node: [node('Mul', ['image', 'three_times'], ['x']), ...nodes],
    },
    opset,
  );
  made.opsetImport.push({
    ...made.opsetImport[0],
    $typeName: 'onnx.OperatorSetIdProto',
    domain: 'com.microsoft',
    version: 1n,
  });
  return made;
}

const erf = [node('Div', ['x', 'sqrt2'], ['z']), node('Erf', ['z'], ['e'])];
const plusOne = node('Add', ['e', 'one'], ['p']);

/** The argument of Tanh, and Tanh. */
const tanh = [
  node('Pow', ['x', 'third'], ['x3']),
  node('Mul', ['cubic', 'x3'], ['small']),
  node('Add', ['x', 'small'], ['sum']),
  node('Mul', ['sqrt_2_pi', 'sum'], ['z']),
  node('Tanh', ['z'], ['e']),
];

const behind: Readonly<Record<string, readonly NodeProto[]>> = {
  '(x * p) * 0.5': [plusOne, node('Mul', ['x', 'p'], ['a']), node('Mul', ['a', 'half'], ['y'])],
  '0.5 * (p * x)': [plusOne, node('Mul', ['p', 'x'], ['a']), node('Mul', ['half', 'a'], ['y'])],
  '(x * 0.5) * p': [plusOne, node('Mul', ['x', 'half'], ['a']), node('Mul', ['a', 'p'], ['y'])],
  'p * (0.5 * x)': [plusOne, node('Mul', ['half', 'x'], ['a']), node('Mul', ['p', 'a'], ['y'])],
  'x * (0.5 * p)': [plusOne, node('Mul', ['half', 'p'], ['a']), node('Mul', ['x', 'a'], ['y'])],
  'x * p / 2': [plusOne, node('Mul', ['x', 'p'], ['a']), node('Div', ['a', 'two'], ['y'])],
  'x * (0.5 * e + 0.5)': [
    node('Mul', ['e', 'half'], ['a']),
    node('Add', ['half', 'a'], ['b']),
    node('Mul', ['x', 'b'], ['y']),
  ],
};

async function fused(original: ModelProto): Promise<ModelProto> {
  const { model: after, reports } = rewritten(original, fuseGelu);
  assert.equal(reports, [{ name: 'fuse_gelu', exact: true, rewritten: 1, leftAlone: [] }]);
  await assertSameOutputs(original, after);
  return after;
}

async function assertIsGelu(original: ModelProto, approximate: string, extra = {}): Promise<void> {
  const after = await fused(original);
  assert.equal(operatorCounts(after), { Mul: 1, Gelu: 1, ...extra });
  const gelu = after.graph?.node.find(({ opType }) => opType === 'Gelu');
  assert.is(gelu && stringAttribute(gelu, 'approximate'), approximate);
}

function whyLeft(original: ModelProto): string | undefined {
  const { model: after, reports } = rewritten(original, fuseGelu);
  assert.equal(after.graph?.node, original.graph?.node);
  assert.is(reports[0]?.rewritten, 0);
  return reports[0]?.leftAlone[0]?.reason;
}

function own(opType: string, ...inputs: string[]): ModelProto {
  return activation([node(opType, inputs, ['y'], {}, 'com.microsoft')]);
}

describe('fuseGelu', (it) => {
  for (const [formula, nodes] of Object.entries(behind)) {
    it(`fuses ${formula}, with p = 1 + erf(x / sqrt(2))`, async () => {
      await assertIsGelu(activation([...erf, ...nodes]), 'none');
    });

    it(`fuses ${formula}, with p = 1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))`, async () => {
      await assertIsGelu(activation([...tanh, ...nodes]), 'tanh');
    });
  }

  const product = behind['(x * p) * 0.5'] ?? [];

  it('fuses an argument that is multiplied with 1 / sqrt(2)', async () => {
    const nodes = [node('Mul', ['inverse_sqrt2', 'x'], ['z']), node('Erf', ['z'], ['e']), ...product];
    await assertIsGelu(activation(nodes), 'none');
  });

  it('fuses a cube that is multiplied out, as by TorchScript and as in x * (1 + 0.044715 * x * x)', async () => {
    const multiplied = [node('Mul', ['x', 'x'], ['x2']), node('Mul', ['x', 'x2'], ['x3']), ...tanh.slice(1)];
    const factored = [
      node('Mul', ['x', 'cubic'], ['xc']),
      node('Mul', ['xc', 'x'], ['x2c']),
      node('Add', ['one', 'x2c'], ['sum']),
      node('Mul', ['x', 'sqrt_2_pi'], ['xs']),
      node('Mul', ['xs', 'sum'], ['z']),
      node('Tanh', ['z'], ['e']),
    ];
    for (const argument of [multiplied, factored]) {
      await assertIsGelu(activation([...argument, ...product]), 'tanh');
    }
  });

  it("replaces ONNX Runtime's own operators, the bias of two of them by an addition", async () => {
    await assertIsGelu(own('Gelu', 'x'), 'none');
    await assertIsGelu(own('FastGelu', 'x'), 'tanh');
    await assertIsGelu(own('BiasGelu', 'x', 'bias'), 'none', { Add: 1 });
    await assertIsGelu(own('FastGelu', 'x', 'bias'), 'tanh', { Add: 1 });
  });

  it('leaves an Erf of something else than x / sqrt(2)', async () => {
    const stored = [floats('nearly', [], [Math.SQRT2 * 1.00001])];
    for (const divisor of ['nearly', 'two']) {
      const nodes = [node('Div', ['x', divisor], ['z']), node('Erf', ['z'], ['e']), ...product];
      assert.match(whyLeft(activation(nodes, stored)) ?? '', /its Erf is not taken of x \/ sqrt\(2\)/);
    }
  });

  it('leaves a Tanh with another cubic coefficient, and says nothing of a plain one', async () => {
    const stored = [floats('other', [], [0.0447])];
    const nodes = tanh.map((from) =>
      from.opType === 'Mul' && from.input[0] === 'cubic' ? node('Mul', ['other', 'x3'], ['small']) : from,
    );
    assert.match(whyLeft(activation([...nodes, ...product], stored)) ?? '', /its Tanh is not taken of/);
    assert.is(whyLeft(activation([node('Tanh', ['x'], ['y'])])), undefined);
  });

  it('leaves an Erf whose result is used otherwise than x * (1 + erf) / 2', async () => {
    const uses = [
      [plusOne, node('Mul', ['x', 'p'], ['y'])],
      [plusOne, node('Mul', ['image', 'p'], ['a']), node('Mul', ['a', 'half'], ['y'])],
      [node('Sub', ['one', 'e'], ['p']), node('Mul', ['x', 'p'], ['a']), node('Mul', ['a', 'half'], ['y'])],
    ];
    for (const nodes of uses) {
      assert.match(whyLeft(activation([...erf, ...nodes])) ?? '', /nothing computes x \* \(1 \+ Erf\) \/ 2/);
    }
  });

  it('leaves one with an intermediate value that others read', async () => {
    const shared = activation([...erf, ...product, node('Relu', ['z'], ['other'])]);
    shared.graph?.output.push(value('other', SHAPE));
    assert.match(whyLeft(shared) ?? '', /intermediate value "z" is read by something else/);
    const outside = activation([...erf, ...product]);
    outside.graph?.output.push(value('p', SHAPE));
    assert.ok(whyLeft(outside) !== undefined);
  });

  it('leaves one whose result has more axes than x', async () => {
    const stored = [floats('wide_half', [1, 1, 1], [0.5])];
    const nodes = [...erf, plusOne, node('Mul', ['x', 'p'], ['a']), node('Mul', ['a', 'wide_half'], ['y'])];
    const original = activation(nodes, stored);
    original.graph?.output.splice(0, 1, value('y', [1, ...SHAPE]));
    assert.match(whyLeft(original) ?? '', /stretches/);
  });

  it('leaves a model of an opset without the operator', async () => {
    const reason = whyLeft(activation([...erf, ...product], [], 19));
    assert.is(reason, 'Gelu needs opset 20, the model has 19');
  });
});
