import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto, TensorProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { grnEveryNthToken } from '../../../src/onnx/rewrite/grn/everyNthToken.ts';
import { rewriteGrn } from '../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import { smooth, smoothableLinears, unsmoothable } from '../../../src/onnx/rewrite/smoothing.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';
import { grnModel, randomNumbers } from './grn/grnModel.ts';
import { assertSameOutputs, operatorCounts, outputsOf, relativeDifference, rewritten } from './run.ts';

const CHANNELS = 5;
const DIVISORS = Float32Array.of(4, 0.25, 1, 3, 0.1);

interface Parts {
  readonly node: readonly NodeProto[];
  readonly initializer?: readonly TensorProto[];
  readonly outDims?: readonly number[];
}

/** A LayerNormalization of x [1, 2, 3, C] to `normed`, and what is behind it to `out`. */
function normModel({ node: behind, initializer = [], outDims = [1, 2, 3, 4] }: Parts): ModelProto {
  return model({
    input: [value('x', [1, 2, 3, CHANNELS])],
    output: [value('out', outDims)],
    initializer: [
      floats('scale', [CHANNELS], randomNumbers(31, CHANNELS)),
      floats('shift', [CHANNELS], randomNumbers(32, CHANNELS)),
      floats('weight', [CHANNELS, 4], randomNumbers(33, CHANNELS * 4)),
      floats('bias', [4], randomNumbers(34, 4)),
      int64s('matrix', [6, CHANNELS]),
      int64s('map', [1, 2, 3, 4]),
      ...initializer,
    ],
    node: [node('LayerNormalization', ['x', 'scale', 'shift'], ['normed']), ...behind],
  });
}

const GEMM: Parts = {
  node: [
    node('Reshape', ['normed', 'matrix'], ['rows']),
    node('Gemm', ['rows', 'weight', 'bias'], ['sums']),
    node('Reshape', ['sums', 'map'], ['out']),
  ],
};

/** The model after smoothing its only smoothable linear layer. */
function smoothed(original: ModelProto, divisors = DIVISORS): ModelProto {
  const graph = new GraphEditor(original);
  const [only, ...others] = smoothableLinears(graph);
  assert.is(others.length, 0);
  smooth(graph, only?.linear ?? '', divisors);
  return graph.build();
}

/** A copy of the model whose output is the value `name`. */
function upTo(original: ModelProto, name: string, dims: readonly number[]): ModelProto {
  const copy = structuredClone(original);
  copy.graph?.output.splice(0, 1, value(name, dims));
  return copy;
}

/** Asserts that what the linear layer reads was divided by the divisors, per channel of the last axis. */
async function assertDivided(before: ModelProto, after: ModelProto, name: string, dims: readonly number[]) {
  const [x, y] = await Promise.all(
    [before, after].map(async (of) => (await outputsOf(upTo(of, name, dims))).get(name)?.data as Float32Array),
  );
  const wanted = x?.map((number, at) => number / (DIVISORS[at % CHANNELS] ?? Number.NaN)) ?? [];
  assert.ok(relativeDifference(wanted, y ?? []) < 1e-6);
}

function reasonsOf(original: ModelProto): readonly string[] {
  const graph = new GraphEditor(original);
  assert.equal(smoothableLinears(graph), []);
  return unsmoothable(graph).map(({ reason }) => reason);
}

describe('smoothing', (it) => {
  it('names the linear layer behind a LayerNormalization, its input and the largest weight of each channel', () => {
    const [only] = smoothableLinears(new GraphEditor(normModel(GEMM)));
    const weight = randomNumbers(33, CHANNELS * 4).map(Math.fround);
    const largest = Array.from({ length: CHANNELS }, (_, channel) =>
      Math.max(...weight.slice(channel * 4, channel * 4 + 4).map(Math.abs)),
    );
    assert.equal([only?.linear, only?.input, only?.inputChannelAxis], ['Gemm_sums', 'rows', 1]);
    assert.equal([...(only?.weightRowMax ?? [])], largest);
  });

  it('divides the input channels of a Gemm in the LayerNormalization in front and keeps the outputs', async () => {
    const original = normModel(GEMM);
    const after = smoothed(original);
    assert.equal(operatorCounts(after), operatorCounts(original));
    await assertSameOutputs(original, after);
    await assertDivided(original, after, 'rows', [6, CHANNELS]);
  });

  it('keeps the outputs of a LayerNormalization without bias', async () => {
    const original = normModel(GEMM);
    original.graph?.node[0]?.input.pop();
    await assertSameOutputs(original, smoothed(original));
  });

  it('divides the factor of a rewritten GRN and keeps the outputs', async () => {
    const original = rewritten(
      grnModel({
        behind: [node('MatMul', ['y', 'weight'], ['product']), node('Add', ['product', 'bias'], ['out'])],
        outDims: [1, 4, 3, 4],
        initializers: [
          floats('weight', [CHANNELS, 4], randomNumbers(33, CHANNELS * 4)),
          floats('bias', [4], randomNumbers(34, 4)),
        ],
      }),
      rewriteGrn,
    ).model;
    const after = smoothed(original);
    assert.equal(operatorCounts(after), operatorCounts(original));
    await assertSameOutputs(original, after);
    const [only] = smoothableLinears(new GraphEditor(original));
    assert.equal([only?.linear, only?.inputChannelAxis], ['MatMul_product', 3]);
    await assertDivided(original, after, only?.input ?? '', [1, 4, 3, CHANNELS]);
  });

  it('divides the factor of a GRN whose norms come from a sample of the tokens', async () => {
    const original = rewritten(
      grnModel({
        height: 16,
        width: 16,
        behind: [node('MatMul', ['y', 'weight'], ['out'])],
        outDims: [1, 16, 16, 4],
        initializers: [floats('weight', [CHANNELS, 4], randomNumbers(33, CHANNELS * 4))],
      }),
      grnEveryNthToken(4),
    ).model;
    await assertSameOutputs(original, smoothed(original));
  });

  it('leaves a factor alone that is multiplied by itself, whose divisor would count twice', () => {
    const squared = model({
      input: [value('x', [6, CHANNELS])],
      output: [value('out', [6, 4])],
      initializer: [
        floats('gain', [CHANNELS], randomNumbers(41, CHANNELS)),
        floats('scale', [CHANNELS], randomNumbers(42, CHANNELS)),
        floats('weight', [CHANNELS, 4], randomNumbers(43, CHANNELS * 4)),
      ],
      node: [
        node('Mul', ['x', 'gain'], ['weighted']),
        node('Add', ['weighted', 'scale'], ['factor']),
        node('Mul', ['factor', 'factor'], ['square']),
        node('MatMul', ['square', 'weight'], ['out']),
      ],
    });
    assert.equal(smoothableLinears(new GraphEditor(squared)), []);
    squared.graph?.node.splice(2, 1, node('Mul', ['x', 'factor'], ['square']));
    assert.is(smoothableLinears(new GraphEditor(squared)).length, 1, 'of another value it is');
  });

  it('smooths twice as it smooths by the product', async () => {
    const original = normModel(GEMM);
    const twice = smoothed(
      smoothed(original),
      DIVISORS.map((divisor) => 1 / divisor),
    );
    await assertSameOutputs(original, twice);
    const untouched = (await outputsOf(upTo(original, 'rows', [6, CHANNELS]))).get('rows')?.data as Float32Array;
    const back = (await outputsOf(upTo(twice, 'rows', [6, CHANNELS]))).get('rows')?.data as Float32Array;
    assert.ok(relativeDifference(untouched, back) < 1e-6);
  });

  it('divides the channels of a convolution behind a Transpose', async () => {
    const original = normModel({
      node: [
        node('Transpose', ['normed'], ['turned'], { perm: [0, 3, 1, 2] }),
        node('Conv', ['turned', 'kernel'], ['out'], { pads: [1, 1, 1, 1] }),
      ],
      initializer: [floats('kernel', [4, CHANNELS, 3, 3], randomNumbers(35, CHANNELS * 36))],
      outDims: [1, 4, 2, 3],
    });
    const [only] = smoothableLinears(new GraphEditor(original));
    assert.equal([only?.input, only?.inputChannelAxis], ['turned', 1]);
    await assertSameOutputs(original, smoothed(original));
  });

  it('leaves the stored weight of another layer as it is', async () => {
    const original = normModel({
      node: [
        ...GEMM.node.slice(0, 2),
        node('Gemm', ['x2', 'weight'], ['other']),
        node('Add', ['sums', 'other'], ['out']),
      ],
      outDims: [6, 4],
    });
    original.graph?.node.unshift(node('Reshape', ['x', 'matrix'], ['x2']));
    await assertSameOutputs(original, smoothed(original));
  });

  it('leaves a LayerNormalization alone that something else reads, with the reason', () => {
    const original = normModel({
      node: [
        ...GEMM.node.slice(0, 2),
        node('ReduceSum', ['normed'], ['total']),
        node('Add', ['sums', 'total'], ['out']),
      ],
    });
    assert.equal(reasonsOf(original), [
      'its channels cannot be divided: its output "normed" is read by ReduceSum_total (ReduceSum)',
    ]);
  });

  it('leaves a LayerNormalization alone that two linear layers read, with the reason', () => {
    const original = normModel({
      node: [
        ...GEMM.node.slice(0, 2),
        node('Gemm', ['rows', 'weight'], ['sums2']),
        node('Add', ['sums', 'sums2'], ['out']),
      ],
      outDims: [6, 4],
    });
    assert.equal(reasonsOf(original), ['its channels cannot be divided: more than one linear layer reads it']);
  });

  it('leaves a depthwise convolution alone, which mixes no channels', () => {
    const original = normModel({
      node: [
        node('Transpose', ['normed'], ['turned'], { perm: [0, 3, 1, 2] }),
        node('Conv', ['turned', 'kernel'], ['out'], { group: CHANNELS }),
      ],
      initializer: [floats('kernel', [CHANNELS, 1, 1, 1])],
      outDims: [1, CHANNELS, 2, 3],
    });
    assert.equal(reasonsOf(original), [
      'its channels cannot be divided: its output "turned" is read by Conv_out (Conv)',
    ]);
  });

  it('refuses divisors that are not positive, not finite or of another number', () => {
    const graph = new GraphEditor(normModel(GEMM));
    for (const divisors of [
      [1, 1, 1, 1],
      [1, 1, 0, 1, 1],
      [1, 1, Infinity, 1, 1],
      [1, Number.NaN, 1, 1, 1],
    ]) {
      assert.throws(() => smooth(graph, 'Gemm_sums', Float32Array.from(divisors)), /^cannot smooth Gemm_sums by/);
    }
    assert.throws(() => smooth(graph, 'Gemm_other', DIVISORS), /^cannot smooth Gemm_other by/);
  });
});
