import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../../../src/onnx/generated/onnx_pb.ts';
import { rewriteGrn } from '../../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import { tensorValues } from '../../../../src/onnx/tensor.ts';
import { describe } from '../../../describe.ts';
import { floats, int64s, node } from '../../build.ts';
import { assertSameOutputs, fixtureNames, operatorCounts, outputsOf, readFixture, rewritten } from '../run.ts';
import { grnModel, type GrnModelOptions, grnOf, randomNumbers } from './grnModel.ts';

const CHANNELS = 5;

/** The GRN's own operators in the fast form, and how often each stands there. */
const FAST_FORM = { Mul: 3, MatMul: 1, Sqrt: 1, ReduceMean: 1, Add: 2, Div: 1 };

const WEIGHT = floats('weight', [CHANNELS, 4], randomNumbers(21, CHANNELS * 4));
const BIAS = floats('bias', [4], randomNumbers(22, 4));

/** A linear layer of 4 outputs as a MatMul and an Add. */
const MATMUL_ADD: GrnModelOptions = {
  behind: [node('MatMul', ['y', 'weight'], ['product']), node('Add', ['product', 'bias'], ['out'])],
  outDims: [1, 4, 3, 4],
  initializers: [WEIGHT, BIAS],
};

/** A linear layer of 4 outputs as a Gemm between two Reshapes. */
const GEMM: GrnModelOptions = {
  behind: [
    node('Reshape', ['y', 'matrix'], ['rows']),
    node('Gemm', ['rows', 'weight', 'bias'], ['sums']),
    node('Reshape', ['sums', 'map'], ['out']),
  ],
  outDims: [1, 4, 3, 4],
  initializers: [WEIGHT, BIAS, int64s('matrix', [-1, CHANNELS]), int64s('map', [1, 4, 3, 4])],
};

function convolution(attributes: Readonly<Record<string, number | readonly number[]>>, bias: boolean): GrnModelOptions {
  return {
    channelsFirst: true,
    behind: [node('Conv', bias ? ['y', 'kernel', 'bias'] : ['y', 'kernel'], ['out'], attributes)],
    outDims: [1, 4, 'h', 'w'],
    initializers: [floats('kernel', [4, CHANNELS, 2, 2], randomNumbers(23, CHANNELS * 16)), BIAS],
  };
}

async function rewrite(options: GrnModelOptions) {
  const model = grnModel(options);
  const after = rewritten(model, rewriteGrn);
  await assertSameOutputs(model, after.model);
  const [report] = after.reports;
  return { model: after.model, counts: operatorCounts(after.model), report };
}

function initializerNames(model: ModelProto): string[] {
  return model.graph?.initializer.map(({ name }) => name) ?? [];
}

describe('rewriteGrn', (it) => {
  it('answers as the formula of the paper, computed in float64', async () => {
    const { model } = rewritten(grnModel(), rewriteGrn);
    const outputs = await outputsOf(model);
    const { x, y } = { x: randomNumbersOfRun(60), y: outputs.get('y')?.data };
    grnOf(x, CHANNELS).forEach((wanted, at) => {
      assert.ok(Math.abs(Number(y?.[at]) - wanted) < 1e-5, `${at}: ${y?.[at]} instead of ${wanted}`);
    });
  });

  it('writes a GRN of one image in the fast form, as a matrix, with beta in the bias behind it', async () => {
    const { counts, report } = await rewrite(MATMUL_ADD);
    assert.equal(counts, { ...FAST_FORM, MatMul: 2, Add: 3, Reshape: 2 });
    assert.equal(report, { name: 'rewrite_grn', exact: true, rewritten: 1, leftAlone: [] });
  });

  it('folds beta into the bias of a Gemm behind a Reshape', async () => {
    const { counts } = await rewrite(GEMM);
    assert.equal(counts, { ...FAST_FORM, Gemm: 1, Reshape: 4 });
  });

  it('folds beta into a Gemm whose weight is stored [out, in] and that has no bias', async () => {
    const { counts, model } = await rewrite({
      ...GEMM,
      behind: [
        node('Reshape', ['y', 'matrix'], ['rows']),
        node('Gemm', ['rows', 'turned'], ['sums'], { transB: 1 }),
        node('Reshape', ['sums', 'map'], ['out']),
      ],
      initializers: [...(GEMM.initializers ?? []), floats('turned', [4, CHANNELS], randomNumbers(24, 20))],
    });
    assert.equal(counts, { ...FAST_FORM, Gemm: 1, Reshape: 4 });
    assert.is(model.graph?.node.find(({ opType }) => opType === 'Gemm')?.input.length, 3);
  });

  it('gives a MatMul without bias one', async () => {
    const behind = [node('MatMul', ['y', 'weight'], ['out'])];
    const { counts } = await rewrite({ ...MATMUL_ADD, behind });
    assert.equal(counts, { ...FAST_FORM, MatMul: 2, Add: 3, Reshape: 2 });
  });

  it('folds beta into a convolution without padding', async () => {
    for (const bias of [true, false]) {
      const { counts } = await rewrite(convolution({ strides: [2, 1] }, bias));
      assert.equal(counts, { Mul: 3, ReduceSum: 1, Sqrt: 1, ReduceMean: 1, Add: 2, Div: 1, Conv: 1 });
    }
  });

  it('keeps beta as an addition in front of a convolution that pads with zeros, and says so', async () => {
    const { counts, report } = await rewrite(convolution({ pads: [1, 1, 0, 0] }, true));
    assert.is(counts['Add'], 3);
    assert.equal(report?.leftAlone, [
      {
        node: 'Add_y',
        reason: 'the shift of its GRN stays an addition: the convolution behind it pads its borders',
      },
    ]);
  });

  it('keeps beta as an addition when something else reads the GRN, and says so', async () => {
    const { report } = await rewrite({
      ...MATMUL_ADD,
      behind: [
        ...(MATMUL_ADD.behind ?? []).slice(0, 1),
        node('Tanh', ['y'], ['t']),
        node('ReduceSum', ['t', 'channel_axis'], ['total']),
        node('Add', ['product', 'total'], ['out']),
      ],
    });
    assert.is(report?.rewritten, 1);
    assert.match(report?.leftAlone[0]?.reason ?? '', /stays an addition: its output "y" is read by Tanh_t \(Tanh\)$/);
  });

  it('folds beta into every linear layer that reads the GRN', async () => {
    const { counts } = await rewrite({
      ...MATMUL_ADD,
      behind: [
        ...(MATMUL_ADD.behind ?? []).slice(0, 1),
        node('Add', ['product', 'bias'], ['first']),
        node('MatMul', ['y', 'weight'], ['product2']),
        node('Add', ['product2', 'bias'], ['second']),
        node('Mul', ['first', 'second'], ['out']),
      ],
    });
    assert.equal(counts, { ...FAST_FORM, Mul: 4, MatMul: 3, Add: 4, Reshape: 2 });
  });

  it('leaves a bias that another layer shares as it is', async () => {
    const { model } = await rewrite({
      ...MATMUL_ADD,
      behind: [...(MATMUL_ADD.behind ?? []).slice(0, 1), ...sharedBias()],
    });
    const stored = model.graph?.initializer.find(({ name }) => name === 'bias');
    assert.equal(stored && [...tensorValues(stored)], [...tensorValues(BIAS)]);
  });

  it('keeps the axes of a GRN whose batch is free, and its outputs for every batch', async () => {
    const model = grnModel({ batch: 'n' });
    const after = rewritten(model, rewriteGrn);
    assert.equal(operatorCounts(after.model)['Reshape'], undefined);
    await assertSameOutputs(model, after.model);
    await assertSameOutputs(withBatch(model, 3), withBatch(after.model, 3));
  });

  it('keeps images apart in a fixed batch of several', async () => {
    const { counts } = await rewrite({ batch: 3 });
    assert.is(counts['Reshape'], undefined);
  });

  it('writes its own form once more when it is applied twice', async () => {
    const model = grnModel(MATMUL_ADD);
    const twice = rewritten(model, rewriteGrn, rewriteGrn).model;
    assert.equal(operatorCounts(twice), operatorCounts(rewritten(model, rewriteGrn).model));
    await assertSameOutputs(model, twice);
  });

  it('removes what it replaced', () => {
    const names = initializerNames(rewritten(grnModel(MATMUL_ADD), rewriteGrn).model);
    for (const gone of ['gamma', 'beta', 'bias', 'space_axes']) {
      assert.not.ok(names.includes(gone), gone);
    }
  });

  it('keeps the outputs of what real exporters write', async () => {
    for (const name of fixtureNames().filter((file) => file.startsWith('convnextv2'))) {
      const model = await readFixture(name);
      const after = rewritten(model, rewriteGrn);
      assert.is(operatorCounts(after.model)['ReduceL2'], undefined, name);
      assert.equal(after.reports[0]?.leftAlone, [], name);
      await assertSameOutputs(model, after.model);
    }
  });
});

/** `out = product + bias`, and the same bias once more behind it. */
function sharedBias(): NodeProto[] {
  return [
    node('Add', ['product', 'bias'], ['sum']),
    node('Relu', ['sum'], ['active']),
    node('Add', ['active', 'bias'], ['out']),
  ];
}

/** The numbers that `outputsOf` feeds to an input of so many. */
function randomNumbersOfRun(count: number): number[] {
  return randomNumbers(1, count).map(Math.fround);
}

/** The same model for a fixed batch. */
function withBatch(model: ModelProto, batch: number): ModelProto {
  const copy = structuredClone(model);
  const type = copy.graph?.input[0]?.type?.value;
  const dim = type?.case === 'tensorType' ? type.value.shape?.dim[0] : undefined;
  if (dim === undefined) {
    throw new Error('the input has no first axis');
  }
  dim.value = { case: 'dimValue', value: BigInt(batch) };
  return copy;
}
