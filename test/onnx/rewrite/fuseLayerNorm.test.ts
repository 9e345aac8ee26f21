import * as assert from 'uvu/assert';
import {
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType as DataType,
} from '../../../src/onnx/generated/onnx_pb.ts';
import { fuseLayerNorm } from '../../../src/onnx/rewrite/fuseLayerNorm.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, tensor, value } from '../build.ts';
import { assertSameOutputs, operatorCounts, rewritten } from './run.ts';

const LAST = [1, 4, 5, 3];
const FIRST = [1, 3, 4, 5];

/** The mean and what is left of x without it. */
const centred = [node('ReduceMean', ['x', 'axes'], ['mean']), node('Sub', ['x', 'mean'], ['d'])];
const squared = [node('Pow', ['d', 'two'], ['d2'])];
const deviation = [
  node('ReduceMean', ['d2', 'axes'], ['variance']),
  node('Add', ['variance', 'eps'], ['shifted']),
  node('Sqrt', ['shifted'], ['root']),
];
const divided = [node('Div', ['d', 'root'], ['normed'])];
const affine = [node('Mul', ['normed', 'gamma'], ['scaled']), node('Add', ['scaled', 'beta'], ['y'])];
const written = [...centred, ...squared, ...deviation, ...divided, ...affine];

interface Parts {
  readonly shape?: readonly number[];
  readonly axes?: readonly number[];
  /** Of gamma and beta. */
  readonly dims?: readonly number[];
  readonly stored?: readonly TensorProto[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

function layerNorm(nodes: readonly NodeProto[], parts: Parts = {}): ModelProto {
  const { shape = LAST, axes = [-1], dims = [3], stored = [], outputs = ['y'], opset = 20 } = parts;
  return model(
    {
      input: [value('x', shape)],
      output: outputs.map((name) => value(name, shape)),
      initializer: [
        int64s('axes', axes),
        floats('two', [], [2]),
        floats('eps', [], [0.01]),
        floats('gamma', dims, [0.5, -1.5, 2]),
        floats('beta', dims, [0.1, 0.2, -0.3]),
        ...stored,
      ],
      node: [...nodes],
    },
    opset,
  );
}

/** The model's operators behind the pass, once its outputs were found equal. */
async function fused(original: ModelProto): Promise<Readonly<Record<string, number>>> {
  const { model: after, reports } = rewritten(original, fuseLayerNorm);
  assert.equal(reports, [{ name: 'fuse_layer_norm', exact: true, rewritten: 1, leftAlone: [] }]);
  await assertSameOutputs(original, after);
  return operatorCounts(after);
}

/** The reason for which a model was left as it is. */
function whyLeft(original: ModelProto): string | undefined {
  const { model: after, reports } = rewritten(original, fuseLayerNorm);
  assert.equal(after.graph?.node, original.graph?.node);
  assert.is(reports[0]?.rewritten, 0);
  return reports[0]?.leftAlone[0]?.reason;
}

describe('fuseLayerNorm', (it) => {
  it('makes one operator of a layer normalisation over the last axis', async () => {
    assert.equal(await fused(layerNorm(written)), { LayerNormalization: 1 });
  });

  it('makes two transposes and one operator of one over the channels of NCHW, whose affine has axes of size 1', async () => {
    for (const dims of [
      [3, 1, 1],
      [1, 3, 1, 1],
    ]) {
      const counts = await fused(layerNorm(written, { shape: FIRST, axes: [1], dims }));
      assert.equal(counts, { Transpose: 2, LayerNormalization: 1 });
    }
  });

  it('reads an affine that the graph itself gives its axes', async () => {
    const unsqueezed = [
      node('Unsqueeze', ['gamma', 'ends'], ['gamma3']),
      node('Reshape', ['beta', 'beta_shape'], ['beta4']),
      node('Mul', ['gamma3', 'normed'], ['scaled']),
      node('Add', ['beta4', 'scaled'], ['y']),
    ];
    const nodes = [...centred, ...squared, ...deviation, ...divided, ...unsqueezed];
    const stored = [int64s('ends', [1, 2]), int64s('beta_shape', [1, -1, 1, 1])];
    const counts = await fused(layerNorm(nodes, { shape: FIRST, axes: [1], stored }));
    assert.equal(counts, { Transpose: 2, LayerNormalization: 1 });
  });

  it('takes the axes of an attribute, as up to opset 17', async () => {
    const nodes = written.map((from) =>
      from.opType === 'ReduceMean' ? node('ReduceMean', [from.input[0] ?? ''], from.output, { axes: [-1] }) : from,
    );
    assert.equal(await fused(layerNorm(nodes, { opset: 17 })), { LayerNormalization: 1 });
  });

  it('fuses one without an affine, or with half of one', async () => {
    const bare = [...centred, ...squared, ...deviation, node('Div', ['d', 'root'], ['y'])];
    const scaled = [...bare.slice(0, -1), ...divided, node('Mul', ['gamma', 'normed'], ['y'])];
    const shifted = [...bare.slice(0, -1), ...divided, node('Add', ['normed', 'beta'], ['y'])];
    for (const nodes of [bare, scaled, shifted]) {
      assert.equal(await fused(layerNorm(nodes)), { LayerNormalization: 1 });
    }
  });

  it('fuses one that computes the difference twice, squares it by Mul and multiplies with the reciprocal', async () => {
    const again = [node('ReduceMean', ['x', 'axes'], ['mean2']), node('Sub', ['x', 'mean2'], ['e'])];
    const product = [node('Mul', ['e', 'e'], ['d2'])];
    const reciprocals = [
      [...deviation, node('Reciprocal', ['root'], ['inverse'])],
      [...deviation, node('Div', ['one', 'root'], ['inverse'])],
      [...deviation.slice(0, 2), node('Pow', ['shifted', 'minus_half'], ['inverse'])],
    ];
    for (const reciprocal of reciprocals) {
      const last = [node('Mul', ['inverse', 'd'], ['normed']), ...affine];
      const nodes = [...centred, ...again, ...product, ...reciprocal, ...last];
      const stored = [floats('one', [], [1]), floats('minus_half', [], [-0.5])];
      assert.equal(await fused(layerNorm(nodes, { stored })), { LayerNormalization: 1 });
    }
  });

  it('fuses the form of torch.var_mean: a sum divided by the count, axes dropped and put back', async () => {
    const nodes = [
      node('ReduceSum', ['x', 'axes'], ['sum'], { keepdims: 0 }),
      node('Reshape', ['sum', 'kept'], ['sum4']),
      node('Div', ['sum4', 'count'], ['mean']),
      node('Sub', ['x', 'mean'], ['d']),
      ...squared,
      node('ReduceMean', ['d2', 'axes'], ['variance3'], { keepdims: 0 }),
      node('Reshape', ['variance3', 'kept'], ['variance']),
      ...deviation.slice(1),
      ...divided,
      ...affine,
    ];
    const stored = [int64s('kept', [1, 1, 4, 5]), floats('count', [], [3])];
    const parts = { shape: FIRST, axes: [1], dims: [3, 1, 1], stored };
    assert.equal(await fused(layerNorm(nodes, parts)), { Transpose: 2, LayerNormalization: 1 });
    const wrong = { ...parts, stored: [int64s('kept', [1, 1, 4, 5]), floats('count', [], [2])] };
    assert.match(whyLeft(layerNorm(nodes, wrong)) ?? '', /its mean is not taken over one axis/);
  });

  it('looks through casts from float32 to float32', async () => {
    const cast = [node('Cast', ['d'], ['same'], { to: DataType.FLOAT }), node('Pow', ['same', 'two'], ['d2'])];
    const nodes = [...centred, ...cast, ...deviation, ...divided, ...affine];
    assert.equal(await fused(layerNorm(nodes)), { LayerNormalization: 1 });
  });

  it('leaves a cast that rounds, and the normalisation around it', async () => {
    const rounds = [
      node('Cast', ['d'], ['half'], { to: DataType.FLOAT16 }),
      node('Cast', ['half'], ['back'], { to: DataType.FLOAT }),
      node('Pow', ['back', 'two'], ['d2']),
    ];
    const nodes = [...centred, ...rounds, ...deviation, ...divided, ...affine];
    assert.match(whyLeft(layerNorm(nodes)) ?? '', /its variance is not the mean of the squared difference/);
  });

  it('keeps the name of a graph output, and what else reads the result', async () => {
    const nodes = [...written, node('Relu', ['y'], ['z'])];
    const original = layerNorm(nodes, { outputs: ['y', 'z'] });
    assert.equal(await fused(original), { LayerNormalization: 1, Relu: 1 });
  });

  it('leaves a scale that is no vector along the axis behind the fused operator', async () => {
    const stored = [
      floats(
        'everywhere',
        [5, 3],
        Array.from({ length: 15 }, (_, at) => at / 7),
      ),
    ];
    const last = [...divided, node('Mul', ['normed', 'everywhere'], ['y'])];
    const nodes = [...centred, ...squared, ...deviation, ...last];
    assert.equal(await fused(layerNorm(nodes, { stored })), { LayerNormalization: 1, Mul: 1 });
  });

  it('leaves a normalisation over several axes', async () => {
    assert.match(whyLeft(layerNorm(written, { axes: [2, 3] })) ?? '', /not taken over one axis/);
  });

  it('leaves one whose mean and variance run over different axes', async () => {
    const stored = [int64s('other', [2])];
    const elsewhere = [node('ReduceMean', ['d2', 'other'], ['variance']), ...deviation.slice(1)];
    const nodes = [...centred, ...squared, ...elsewhere, ...divided, ...affine];
    assert.match(whyLeft(layerNorm(nodes, { stored })) ?? '', /different axes/);
  });

  it('leaves one whose epsilon is computed, or no float32', async () => {
    const computed = [node('ReduceMax', ['x'], ['most']), node('Abs', ['most'], ['eps_of_x'])];
    const added = [deviation[0], node('Add', ['variance', 'eps_of_x'], ['shifted']), deviation[2]];
    const known = added.filter((part) => part !== undefined);
    const nodes = [...computed, ...centred, ...squared, ...known, ...divided, ...affine];
    assert.match(whyLeft(layerNorm(nodes)) ?? '', /epsilon is not a float32 constant/);
    const double = { dataType: DataType.DOUBLE, doubleData: [0.01] };
    const cast = node('Cast', ['eps64'], ['eps_of_x'], { to: DataType.FLOAT });
    const stored = [tensor('eps64', [], double)];
    const casting = [cast, ...nodes.slice(computed.length)];
    assert.match(whyLeft(layerNorm(casting, { stored })) ?? '', /epsilon is not a float32 constant/);
  });

  it('leaves one without the square, whose variance is something else', async () => {
    const cubed = [node('Pow', ['d', 'two'], ['q']), node('Mul', ['q', 'd'], ['d2'])];
    const nodes = [...centred, ...cubed, ...deviation, ...divided, ...affine];
    assert.match(whyLeft(layerNorm(nodes)) ?? '', /its variance is not the mean of the squared difference/);
  });

  it('leaves one with an intermediate value that others read, or that is an output', async () => {
    const reads = [...written, node('Relu', ['root'], ['other'])];
    for (const [nodes, outputs] of [
      [reads, ['y', 'other']],
      [written, ['y', 'd']],
    ] as const) {
      const original = layerNorm(nodes, { outputs });
      original.graph?.output.splice(1, 1, value(outputs[1], [1, 4, 5, outputs[1] === 'd' ? 3 : 1]));
      assert.match(whyLeft(original) ?? '', /intermediate value "(root|d)" is read by something else/);
    }
  });

  it('leaves one with a constant that stretches the value to more axes', async () => {
    const stored = [floats('wide_eps', [1, 1, 1, 1, 1], [0.01])];
    const added = [deviation[0], node('Add', ['variance', 'wide_eps'], ['shifted']), deviation[2]];
    const known = added.filter((part) => part !== undefined);
    const nodes = [...centred, ...squared, ...known, ...divided, ...affine];
    const original = layerNorm(nodes, { stored });
    original.graph?.output.splice(0, 1, value('y', [1, ...LAST]));
    assert.match(whyLeft(original) ?? '', /stretches/);
  });

  it('leaves a model of an opset without the operator', async () => {
    const nodes = written.map((from) =>
      from.opType === 'ReduceMean' ? node('ReduceMean', [from.input[0] ?? ''], from.output, { axes: [-1] }) : from,
    );
    const reason = whyLeft(layerNorm(nodes, { opset: 16 }));
    assert.is(reason, 'LayerNormalization needs opset 17, the model has 16');
  });

  it('says nothing of a division that only resembles one', async () => {
    const nodes = [node('Mul', ['x', 'x'], ['d2']), ...deviation, node('Div', ['x', 'root'], ['y'])];
    assert.is(whyLeft(layerNorm(nodes)), undefined);
  });
});
