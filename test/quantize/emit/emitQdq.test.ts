import * as assert from 'uvu/assert';
import { TensorProto_DataType as DataType, type ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../../src/onnx/read.ts';
import { addTaps } from '../../../src/onnx/rewrite/addTaps.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import { tensorDims, tensorValues } from '../../../src/onnx/tensor.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { describe } from '../../describe.ts';
import { floats, model, node, value } from '../../onnx/build.ts';
import {
  answers,
  countOps,
  dequantizedWeights,
  layer,
  optimized,
  plannedKernels,
  type Quantized,
  quantizeSmall,
  randomFloats,
  sqnrDb,
} from '../quantizeSmall.ts';
import { between, matMulAndBias, perceptron, residualNet } from '../smallModels.ts';

/** A hundredth of the signal's size is error at most. */
const CLOSE_DB = 30;

/** Quantizes, and demands that every planned node became its kernel, no weight is dequantized and the answers are close. */
async function quantizeAndProve(
  float: ModelProto,
  changes: Partial<Recipe> = {},
  closeDb = CLOSE_DB,
): Promise<Quantized & { readonly ops: Readonly<Record<string, number>> }> {
  const quantized = await quantizeSmall(float, changes);
  const graph = await optimized(quantized.model);
  const ops = countOps(graph);
  for (const [kernel, count] of Object.entries(plannedKernels(quantized.plan))) {
    assert.is(ops[kernel], count, `${kernel} of ${JSON.stringify(ops)}`);
  }
  assert.equal(dequantizedWeights(graph), []);
  const [exact, rounded] = [await answers(float), await answers(quantized.model)];
  for (const name of exact.keys()) {
    const db = sqnrDb(exact, rounded, name);
    assert.ok(db >= closeDb, `${name}: ${db} dB`);
  }
  return { ...quantized, ops };
}

describe('emitQdq', (it) => {
  it('makes a ResNet of which only the head, and no copy in another layout, is float', async () => {
    const { ops } = await quantizeAndProve(residualNet());
    assert.equal(ops, {
      QuantizeLinear: 1,
      Transpose: 2,
      QLinearConv: 6,
      NhwcMaxPool: 1,
      QLinearAdd: 2,
      QLinearGlobalAveragePool: 1,
      DequantizeLinear: 1,
      Flatten: 1,
      Gemm: 1,
    });
  });

  for (const file of ['resnet-basic.torchscript.opset18.fixed', 'resnet-bottleneck.dynamo.opset18.fixed']) {
    it(`makes the ResNet of ${file} integer but for its head`, async () => {
      const { model: float } = await readModel(`test/fixtures/exporters/${file}.onnx`);
      const { ops, plan } = await quantizeAndProve(float);
      assert.is(ops['Conv'], undefined);
      assert.is(ops['Relu'], undefined);
      assert.is(ops['Transpose'], 2);
      assert.is(plan.leftFloat.length, 1);
    });
  }

  it('makes integer products of linear layers, and hands floats to the Gelu', async () => {
    const { ops } = await quantizeAndProve(perceptron());
    assert.equal(ops, { QuantizeLinear: 2, QGemm: 2, Gelu: 1, Add: 1, Gemm: 1 });
  });

  it('rounds between linear layers when the recipe says so', async () => {
    const { ops } = await quantizeAndProve(perceptron(), { between_linears: 'u8' });
    assert.equal(ops, { QuantizeLinear: 2, QGemm: 2, DequantizeLinear: 1, Gelu: 1, Add: 1, Gemm: 1 });
  });

  it('lets every run find the ranges of dynamic linear layers', async () => {
    const { ops } = await quantizeAndProve(perceptron(), { linears: 'dynamic' });
    assert.equal(ops, { DynamicQuantizeMatMul: 2, Gelu: 1, Add: 1, Gemm: 1 });
    const { ops: unfused } = await quantizeAndProve(matMulAndBias(), { linears: 'dynamic' });
    assert.is(unfused['DynamicQuantizeMatMul'], 1, 'a MatMul of three axes takes its bias in');
    assert.is(unfused['Add'], undefined);
  });

  it('does the same for weights whose outputs come first, and for one scale per tensor', async () => {
    for (const linears of ['static', 'dynamic'] as const) {
      for (const weights of ['per_channel', 'per_tensor'] as const) {
        await quantizeAndProve(outputsFirst(), { linears, weights });
      }
    }
    await quantizeAndProve(residualNet(), { weights: 'per_tensor' }, 20);
  });

  it('does not let a float bias join a product of integers: the trap that makes a file slower than float', async () => {
    const trap = matMulAndBias();
    trap.graph?.node.splice(1, 0);
    // As it stands, the head of this model is all that is left; another layer makes something to plan.
    trap.graph?.initializer.push(...layer('more', [64, 64], 64));
    trap.graph?.node.splice(
      4,
      1,
      node('MatMul', ['gelu', 'more.w'], ['more']),
      node('MatMul', ['more', 'head.w'], ['y']),
    );
    const { ops } = await quantizeAndProve(trap);
    assert.is(ops['MatMulIntegerToFloat'], 1);
    assert.is(ops['Gemm'], 1, 'the layer with a bias of its own stays a float product');
  });

  it('does not let a sum behind a MatMul of two axes become its float bias', async () => {
    const sums = model({
      input: [value('x', [6, 16])],
      output: [value('y', [6, 2])],
      initializer: [...layer('one', [16, 16], 16), ...layer('two', [16, 16], 16), ...layer('head', [16, 2], 2)],
      node: [
        node('MatMul', ['x', 'one.w'], ['one']),
        node('Add', ['one', 'one.b'], ['with_bias']),
        node('Gemm', ['with_bias', 'two.w'], ['two']),
        node('Sum', ['two', 'x'], ['sum']),
        node('Gemm', ['sum', 'head.w', 'head.b'], ['y']),
      ],
    });
    const { ops } = await quantizeAndProve(sums);
    assert.is(ops['QGemm'], 2);
  });

  it('gives layers that share their weights and biases copies of their own', async () => {
    const shared = between(
      [
        node('Relu', ['first'], ['relu']),
        node('Conv', ['relu', 'mid.w', 'mid.b'], ['one']),
        node('Conv', ['one', 'mid.w', 'mid.b'], ['two']),
        node('Add', ['one', 'two'], ['sum']),
      ],
      'sum',
      layer('mid', [16, 16, 1, 1]),
    );
    const { ops } = await quantizeAndProve(shared);
    assert.is(ops['QLinearConv'], 4);
    assert.is(ops['QLinearAdd'], 1);
  });

  it('adds a value to itself', async () => {
    const { ops } = await quantizeAndProve(between([node('Add', ['first', 'first'], ['sum'])], 'sum'));
    assert.is(ops['QLinearAdd'], 1);
  });

  it('adds a constant in floats', async () => {
    const shift = randomFloats('shift', [1, 16, 1, 1], 1);
    const { ops } = await quantizeAndProve(between([node('Add', ['first', 'shift'], ['sum'])], 'sum', [shift]));
    assert.is(ops['Add'], 1);
  });

  it('bounds values by the range of their integers, as a Clip did', async () => {
    const bounds = [floats('low', [], [0]), floats('high', [], [0.5])];
    const { ops, model: made } = await quantizeAndProve(
      between([node('Clip', ['first', 'low', 'high'], ['clip'])], 'clip', bounds),
    );
    assert.is(ops['Clip'], undefined);
    assert.is(ops['QLinearConv'], 2);
    const clipped = new GraphEditor(made);
    const rounding = clipped.nodes.find((one) => one.opType === 'QuantizeLinear' && one.input[0] === 'first');
    assert.equal(clipped.numbers(rounding?.input[2] ?? ''), [0]);
    assert.ok(Math.abs((clipped.scalar(rounding?.input[1] ?? '') ?? 0) * 255 - 0.5) < 1e-3);
  });

  it('keeps a Clip whose bounds exclude 0', async () => {
    const bounds = [floats('low', [], [0.1]), floats('high', [], [2])];
    const { ops } = await quantizeAndProve(between([node('Clip', ['first', 'low', 'high'], ['clip'])], 'clip', bounds));
    assert.is(ops['Clip'], 1);
  });

  it('gives floats to those who read floats and integers to the others', async () => {
    const mixed = between(
      [
        node('Conv', ['first', 'mid.w', 'mid.b'], ['mid']),
        node('Sigmoid', ['first'], ['gate']),
        node('Mul', ['mid', 'gate'], ['gated']),
      ],
      'gated',
      layer('mid', [16, 16, 1, 1]),
    );
    const { ops } = await quantizeAndProve(mixed);
    assert.is(ops['QLinearConv'], 3);
  });

  it('hands out a value as floats, under its name, that is read as integers too', async () => {
    const tapped = residualNet();
    tapped.graph?.output.push(value('a', [1, 16, 8, 8]), value('short', [1, 32, 4, 4]));
    const { model: made, ops } = await quantizeAndProve(tapped);
    assert.equal(
      made.graph?.output.map(({ name }) => name),
      ['logits', 'a', 'short'],
    );
    assert.is(ops['QLinearConv'], 6);
    assert.is(ops['QLinearAdd'], 2);
  });

  it('convolves without a bias, in groups and depthwise', async () => {
    const odd = between(
      [
        node('Conv', ['first', 'plain.w'], ['plain']),
        node('Conv', ['plain', 'group.w', 'group.b'], ['group'], { group: 4 }),
        node('Conv', ['group', 'dw.w', 'dw.b'], ['dw'], { group: 16, pads: [1, 1, 1, 1] }),
      ],
      'dw',
      [layer('plain', [16, 16, 1, 1]), layer('group', [16, 4, 1, 1]), layer('dw', [16, 1, 3, 3])].flat(),
    );
    assert.is((await quantizeAndProve(odd, { depthwise: 'int8' })).ops['QLinearConv'], 5);
    assert.is((await quantizeAndProve(odd)).ops['QLinearConv'], 4);
  });

  it('keeps a float island around the nodes that the recipe keeps float', async () => {
    const { ops } = await quantizeAndProve(residualNet(), { keep_float: ['Conv_a2', 'Add_b_sum'] });
    assert.is(ops['QLinearConv'], 5);
    assert.is(ops['QLinearAdd'], undefined);
  });

  it('does not let the runtime round the weights of a convolution that is to stay float among integers', async () => {
    const { ops } = await quantizeAndProve(residualNet(), { keep_float: ['Conv_b1'] });
    assert.is(ops['QLinearConv'], 5);
    const behindPool = residualNet();
    const keep = ['Conv_a1', 'Add_a_sum', 'Conv_a2'];
    assert.is((await quantizeAndProve(behindPool, { keep_float: keep })).ops['QLinearConv'], 4);
  });

  it('stores what every reader of ONNX expects: integers, their scales, and zero points of the same type', async () => {
    const { model: made } = await quantizeSmall(perceptron());
    const graph = new GraphEditor(made);
    const gemm = graph.nodes.find(({ name }) => name === 'Gemm_up');
    const [x, weight, bias] = (gemm?.input ?? []).map((input) => graph.producer(input));
    const stored = (name: string | undefined): unknown => {
      const tensor = graph.constant(name ?? '');
      return tensor === undefined ? undefined : [tensor.dataType, tensorDims(tensor)];
    };
    assert.equal([...(weight?.input ?? [])].map(stored), [
      [DataType.INT8, [8, 32]],
      [DataType.FLOAT, [32]],
      [DataType.INT8, [32]],
    ]);
    assert.equal([...(bias?.input ?? [])].map(stored), [
      [DataType.INT32, [32]],
      [DataType.FLOAT, [32]],
    ]);
    assert.equal([...(x?.input ?? [])].map(stored), [undefined, [DataType.FLOAT, []], [DataType.UINT8, []]]);
    assert.equal([weight?.attribute[0]?.i, bias?.attribute[0]?.i], [1n, 0n]);
    assert.ok(
      graph.nodes.every(({ domain }) => domain === ''),
      'standard operators alone',
    );
  });

  it('makes the bias of a layer without one that stands for zero', async () => {
    const { model: made } = await quantizeSmall(
      model({
        input: [value('x', [6, 8])],
        output: [value('y', [6, 2])],
        initializer: [...layer('one', [8, 16], 16), ...layer('head', [16, 2], 2)],
        node: [node('MatMul', ['x', 'one.w'], ['one']), node('MatMul', ['one', 'head.w'], ['y'])],
      }),
    );
    const graph = new GraphEditor(made);
    const gemm = graph.nodes.find(({ opType }) => opType === 'Gemm');
    const bias = graph.constant(graph.producer(gemm?.input[2] ?? '')?.input[0] ?? '');
    assert.ok(bias !== undefined && Array.from(tensorValues(bias), Number).every((number) => number === 0));
  });

  it('takes back from the bias what rounding the weights does to the mean of each output', async () => {
    const float = model({
      input: [value('x', [32, 8])],
      output: [value('one', [32, 16]), value('y', [32, 2])],
      initializer: [...layer('one', [8, 16], 16), ...layer('head', [16, 2], 2)],
      node: [
        node('Relu', ['x'], ['relu']),
        node('Gemm', ['relu', 'one.w', 'one.b'], ['one']),
        node('Gemm', ['one', 'head.w', 'head.b'], ['y']),
      ],
    });
    const exact = columnMeans((await answers(float)).get('one'), 16);
    const means = new Map([['relu', columnMeans((await answers(addTaps(float, ['relu']))).get('relu'), 8)]]);
    const errors = await Promise.all(
      [true, false].map(async (corrects) => {
        const recipe = { bias_correction: corrects, weights: 'per_tensor', weight_range: 'reduced' } as const;
        const { model: made } = await quantizeSmall(float, recipe, means);
        const rounded = columnMeans((await answers(made)).get('one'), 16);
        return exact.reduce((sum, mean, column) => sum + Math.abs(mean - (rounded[column] ?? NaN)), 0);
      }),
    );
    const [corrected = NaN, plain = NaN] = errors;
    assert.ok(corrected < plain / 3, `${corrected} and ${plain}`);
  });

  it('grows the scale of weights so tiny that their bias would not fit 32 bits', async () => {
    const tiny = between([node('Conv', ['first', 'tiny.w', 'tiny.b'], ['tiny'])], 'tiny', [
      randomFloats('tiny.w', [16, 16, 1, 1], 1e-12),
      randomFloats('tiny.b', [16], 1),
    ]);
    await quantizeAndProve(tiny);
  });

  it('writes signed activations for ARM64: types, zero points and answers', async () => {
    const float = residualNet();
    const { model: made } = await quantizeSmall(float, { activations: 's8' });
    const graph = new GraphEditor(made);
    const roundings = graph.nodes.filter(({ opType }) => opType === 'QuantizeLinear');
    assert.ok(roundings.length > 5);
    assert.ok(roundings.every(({ input }) => graph.constant(input[2] ?? '')?.dataType === DataType.INT8));
    assert.is(
      graph.nodes.some(({ opType }) => opType === 'Relu'),
      false,
    );
    const db = sqnrDb(await answers(float), await answers(made), 'logits');
    assert.ok(db >= 25, `${db} dB`);
  });
});

/** The mean of each column of numbers in rows. */
function columnMeans(numbers: Float32Array | undefined, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (const [index, number] of (numbers ?? []).entries()) {
    sums[index % columns] = (sums[index % columns] ?? 0) + number;
  }
  return sums.map((sum) => (sum * columns) / (numbers?.length ?? NaN));
}

/** The perceptron with its weights stored as [outputs, inputs]. */
function outputsFirst(): ModelProto {
  return model({
    input: [value('x', [6, 8])],
    output: [value('y', [6, 2])],
    initializer: [...layer('up', [32, 8]), ...layer('down', [8, 32]), ...layer('head', [2, 8])],
    node: [
      node('Gemm', ['x', 'up.w', 'up.b'], ['up'], { transB: 1 }),
      node('Gelu', ['up'], ['gelu']),
      node('Gemm', ['gelu', 'down.w', 'down.b'], ['down'], { transB: 1 }),
      node('Gemm', ['down', 'head.w', 'head.b'], ['y'], { transB: 1 }),
    ],
  });
}
