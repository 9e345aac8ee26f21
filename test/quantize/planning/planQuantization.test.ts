import * as assert from 'uvu/assert';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import type { QuantizationPlan } from '../../../src/quantize/plan.ts';
import { planQuantization } from '../../../src/quantize/planning/planQuantization.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { describe } from '../../describe.ts';
import { floats, linearModel, model, node, value } from '../../onnx/build.ts';
import { rejects } from '../../throws.ts';
import { layer } from '../quantizeSmall.ts';
import { RECIPE } from '../recipe.ts';
import { between, matMulAndBias, perceptron, residualNet } from '../smallModels.ts';

function planOf(graph: ModelProto, changes: Partial<Recipe> = {}): QuantizationPlan {
  return planQuantization(new GraphEditor(graph), { ...RECIPE, ...changes });
}

/** Kernel and kind of output of each planned node, by the name of its output. */
function kernels({ nodes }: QuantizationPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    nodes.map(({ name, kernel, output }) => [
      name.replace(/^\w+?_/, ''),
      output === 'float' ? `${kernel}, float` : kernel,
    ]),
  );
}

function reasonFor(plan: QuantizationPlan, name: string): string | undefined {
  return plan.leftFloat.find(({ node: left }) => left === name)?.reason;
}

describe('planQuantization', (it) => {
  it('keeps a ResNet in integers from the image to the pool, and its head float', () => {
    const plan = planOf(residualNet());
    assert.equal(kernels(plan), {
      stem: 'QLinearConv',
      stem_relu: 'dropped',
      pooled: 'dropped',
      a1: 'QLinearConv',
      a1_relu: 'dropped',
      a2: 'QLinearConv',
      a_sum: 'QLinearAdd',
      a: 'dropped',
      b1: 'QLinearConv',
      b1_relu: 'dropped',
      b2: 'QLinearConv',
      short: 'QLinearConv',
      b_sum: 'QLinearAdd',
      b: 'dropped',
      mean: 'QLinearGlobalAveragePool',
    });
    assert.equal(
      plan.leftFloat.map(({ node: left }) => left),
      ['Gemm_logits'],
    );
  });

  it('asks for one range where values share it: before and behind a Relu and a MaxPool', () => {
    const plan = planOf(residualNet());
    assert.equal(
      plan.values.map((entry) => entry.value),
      ['x', 'stem_relu', 'a1_relu', 'a2', 'a', 'b1_relu', 'b2', 'short', 'b', 'mean'],
    );
    assert.is(plan.rangeOf.get('stem'), 'stem_relu');
    assert.is(plan.rangeOf.get('pooled'), 'stem_relu');
    assert.is(plan.rangeOf.get('b_sum'), 'b');
    assert.is(plan.rangeOf.get('short'), 'short');
  });

  it('names the channel axis of the values that weights are multiplied by', () => {
    const axes = new Map(planOf(residualNet()).values.map((entry) => [entry.value, entry.channelAxis]));
    assert.is(axes.get('x'), 1);
    assert.is(axes.get('a1_relu'), 1);
    assert.is(axes.get('a2'), undefined, 'only a sum reads it');
    assert.is(axes.get('stem_relu'), undefined, 'its channels have other means behind the MaxPool');
  });

  it('lets linear layers answer floats, for what comes after them', () => {
    assert.equal(kernels(planOf(perceptron())), { up: 'QGemm, float', down: 'QGemm, float' });
  });

  it('rounds what a linear layer hands to an activation when the recipe says so, and nothing else', () => {
    assert.equal(kernels(planOf(perceptron(), { between_linears: 'u8' })), { up: 'QGemm', down: 'QGemm, float' });
  });

  it('asks for no range before dynamic linear layers', () => {
    const plan = planOf(perceptron(), { linears: 'dynamic' });
    assert.equal(kernels(plan), { up: 'DynamicQuantizeMatMul, float', down: 'DynamicQuantizeMatMul, float' });
    assert.equal(plan.values, []);
  });

  it('joins linear layers with nothing but a Relu between them in integers', () => {
    const chain = model({
      input: [value('x', [6, 8])],
      output: [value('y', [6, 2])],
      initializer: [...layer('one', [8, 16], 16), ...layer('two', [16, 8], 8), ...layer('head', [8, 2], 2)],
      node: [
        node('Gemm', ['x', 'one.w', 'one.b'], ['one']),
        node('Relu', ['one'], ['relu']),
        node('Gemm', ['relu', 'two.w', 'two.b'], ['two']),
        node('Gemm', ['two', 'head.w', 'head.b'], ['y']),
      ],
    });
    assert.equal(kernels(planOf(chain)), { one: 'QGemm', relu: 'dropped', two: 'QGemm, float' });
  });

  it('rounds what a linear layer hands to an activation that the runtime would take into its float product', () => {
    assert.equal(kernels(planOf(activated('Relu'))), { one: 'QGemm', activated: 'dropped' });
    assert.equal(kernels(planOf(activated('Relu'), { keep_float: ['Relu_activated'] })), { one: 'QGemm' });
    assert.equal(kernels(planOf(activated('Tanh'))), { one: 'QGemm, float' });
    assert.equal(kernels(planOf(activated('Relu'), { linears: 'dynamic' })), { one: 'DynamicQuantizeMatMul, float' });
  });

  it('keeps a convolution float that is the head, and no other', () => {
    const squeeze = convolutionalHead();
    const plan = planOf(squeeze);
    assert.equal(Object.keys(kernels(plan)), ['first', 'first_relu']);
    assert.match(reasonFor(plan, 'Conv_classes') ?? '', /it is the head/);
  });

  it('keeps float what the recipe names, and the rest as it is', () => {
    const plan = planOf(residualNet(), { keep_float: ['Conv_a2', 'Relu_b1_relu'] });
    assert.is(reasonFor(plan, 'Conv_a2'), 'the recipe keeps it float');
    assert.is(reasonFor(plan, 'Add_a_sum'), 'one summand is computed with floats');
    assert.equal(Object.keys(kernels(plan)), [
      'stem',
      'stem_relu',
      'pooled',
      'a1',
      'a1_relu',
      'b1',
      'b2',
      'short',
      'b_sum',
      'b',
      'mean',
    ]);
    assert.ok(
      plan.values.some((entry) => entry.value === 'a1_relu'),
      'a convolution has to hand on integers',
    );
  });

  it('refuses to keep float what does not exist', async () => {
    await rejects(
      () => planOf(residualNet(), { keep_float: ['Conv_z'] }),
      /keep_float names nodes .* received "Conv_z"/,
    );
  });

  it('leaves depthwise convolutions float unless the recipe wants them', () => {
    const depthwise = between(
      [node('Conv', ['first', 'dw.w', 'dw.b'], ['dw'], { group: 16 })],
      'dw',
      layer('dw', [16, 1, 1, 1]),
    );
    assert.equal(kernels(planOf(depthwise)), { first: 'QLinearConv', y: 'QLinearConv' });
    assert.equal(Object.keys(kernels(planOf(depthwise, { depthwise: 'int8' }))), ['first', 'dw', 'y']);
  });

  it('leaves a sum float when one summand is a constant', () => {
    const plan = planOf(between([node('Add', ['first', 'shift'], ['sum'])], 'sum', [floats('shift', [1, 16, 1, 1])]));
    assert.is(reasonFor(plan, 'Add_sum'), 'one summand is a constant');
    assert.equal(Object.keys(kernels(plan)), ['first', 'y']);
  });

  it('leaves the stream of a ConvNeXt float, even between integer convolutions', () => {
    const stream = between(
      [
        node('Conv', ['first', 'dw.w', 'dw.b'], ['dw'], { group: 16 }),
        node('Add', ['dw', 'first'], ['sum']),
        node('Conv', ['sum', 'dw.w', 'dw.b'], ['dw2'], { group: 16 }),
        node('Add', ['dw2', 'sum'], ['sum2']),
        node('InstanceNormalization', ['sum2', 'dw.b', 'dw.b'], ['norm']),
      ],
      'norm',
      layer('dw', [16, 1, 1, 1]),
    );
    const plan = planOf(stream, { depthwise: 'int8' });
    assert.equal(Object.keys(kernels(plan)), ['first', 'dw', 'dw2', 'y']);
    assert.is(reasonFor(plan, 'Add_sum'), 'nothing reads its result as integers');
  });

  it('lets the range of the integers do what a Clip does, when 0 is within its bounds', () => {
    assert.is(kernels(planOf(clipped(0, 6)))['clip'], 'dropped');
    assert.is(kernels(planOf(clipped(-1, 2)))['clip'], 'dropped');
    assert.is(kernels(planOf(clipped(1, 6)))['clip'], undefined);
    assert.is(
      kernels(planOf(clipped(-1, 2), { activations: 's8' }))['clip'],
      undefined,
      'a symmetric range ends at -2',
    );
    assert.is(kernels(planOf(clipped(0, 6), { activations: 's8' }))['clip'], 'dropped');
  });

  it('leaves a convolution of an image float whose result nothing reads as integers', () => {
    assert.equal(Object.keys(kernels(planOf(imageNet('stem')))), ['stem', 'y']);
    const plan = planOf(imageNet('sigmoid'));
    assert.equal(Object.keys(kernels(plan)), ['y']);
    assert.match(reasonFor(plan, 'Conv_stem') ?? '', /too few channels/);
  });

  it('keeps a Relu whose input something else reads too', () => {
    const shared = between([node('Relu', ['first'], ['relu']), node('Add', ['first', 'relu'], ['sum'])], 'sum');
    assert.equal(kernels(planOf(shared)), { first: 'QLinearConv', y: 'QLinearConv' });
    assert.ok(planOf(shared).values.some((entry) => entry.value === 'first'));
  });

  it('looks through a MaxPool for the Relu that bounds a convolution', () => {
    const pooled = between(
      [node('MaxPool', ['first'], ['pool'], { kernel_shape: [1, 1] }), node('Relu', ['pool'], ['relu'])],
      'relu',
    );
    const plan = planOf(pooled);
    assert.equal(kernels(plan), { first: 'QLinearConv', pool: 'dropped', relu: 'dropped', y: 'QLinearConv' });
    assert.is(plan.rangeOf.get('first'), 'relu');
    assert.is(plan.rangeOf.get('pool'), 'relu');
  });

  it('leaves a MatMul alone whose bias stands apart, because the runtime would compute it with floats', () => {
    const withLast = planOf(matMulAndBiasAndMore());
    assert.match(reasonFor(withLast, 'MatMul_product') ?? '', /bias stands in an Add of its own/);
    assert.equal(kernels(withLast), { more: 'MatMulIntegerToFloat, float' });
  });

  it('takes a MatMul of two axes as a Gemm', () => {
    const product = model({
      input: [value('x', [6, 8])],
      output: [value('y', [6, 2])],
      initializer: [...layer('one', [8, 16], 16), ...layer('head', [16, 2], 2)],
      node: [node('MatMul', ['x', 'one.w'], ['one']), node('MatMul', ['one', 'head.w'], ['y'])],
    });
    assert.equal(kernels(planOf(product)), { one: 'QGemm, float' });
  });

  it('says why a node with weights stays float', () => {
    assert.is(reasonForGemm({}), undefined);
    assert.match(reasonForGemm({ alpha: { f: 0.5 } }) ?? '', /scales its product/);
    assert.match(reasonForGemm({ transA: 1 }) ?? '', /turns its input/);
    assert.match(reasonForGemm({}, 'scalar') ?? '', /bias is not one stored float32 per output/);
    assert.match(reasonForGemm({}, 'x') ?? '', /bias is not one stored float32 per output/);
  });

  it('gives nodes without a name, or with that of another, one of their own', () => {
    const anonymous = perceptron();
    for (const { name, node: nodes } of [anonymous.graph].filter((graph) => graph !== undefined)) {
      assert.is(name, 'test');
      nodes.forEach((one) => Object.assign(one, { name: one.opType === 'Gemm' ? 'linear' : '' }));
    }
    const graph = new GraphEditor(anonymous);
    assert.equal(
      planQuantization(graph, RECIPE).nodes.map(({ name }) => name),
      ['linear', 'linear_1'],
    );
    assert.is(new Set(graph.nodes.map(({ name }) => name)).size, graph.nodes.length);
  });

  it('refuses a model of which nothing would become integer, with the reason', async () => {
    await rejects(
      () => planOf(linearModel()),
      /nothing to quantize: .* of this model's 1 none can be: MatMul_y, because it is the head/,
    );
    await rejects(() => planOf(perceptron(), { linears: 'float' }), /because the recipe keeps linear layers float/);
  });
});

/** The exporter's form with one more linear layer before the head, so that something can be planned. */
function matMulAndBiasAndMore(): ModelProto {
  const bare = matMulAndBias();
  const { graph } = bare;
  graph?.initializer.push(...layer('more', [64, 64], 64));
  graph?.node.splice(4, 1, node('MatMul', ['gelu', 'more.w'], ['more']), node('MatMul', ['more', 'head.w'], ['y']));
  return bare;
}

/** A convolution of an image, and another one of it or of its sigmoid. */
function imageNet(last: string): ModelProto {
  return model({
    input: [value('x', [1, 3, 8, 8])],
    output: [value('y', [1, 8, 8, 8])],
    initializer: [...layer('stem', [16, 3, 1, 1]), ...layer('last', [8, 16, 1, 1])],
    node: [
      node('Conv', ['x', 'stem.w', 'stem.b'], ['stem']),
      node('Sigmoid', ['stem'], ['sigmoid']),
      node('Conv', [last, 'last.w', 'last.b'], ['y']),
    ],
  });
}

/** A linear layer, one activation, and the head. */
function activated(opType: string): ModelProto {
  return model({
    input: [value('x', [6, 8])],
    output: [value('y', [6, 2])],
    initializer: [...layer('one', [8, 16], 16), ...layer('head', [16, 2], 2)],
    node: [
      node('Gemm', ['x', 'one.w', 'one.b'], ['one']),
      node(opType, ['one'], ['activated']),
      node('Gemm', ['activated', 'head.w', 'head.b'], ['y']),
    ],
  });
}

/** As SqueezeNet ends: a convolution to the classes, and their mean over the image. */
function convolutionalHead(): ModelProto {
  return model({
    input: [value('x', [1, 4, 8, 8])],
    output: [value('y', [1, 2])],
    initializer: [...layer('first', [16, 4, 3, 3]), ...layer('classes', [2, 16, 1, 1])],
    node: [
      node('Conv', ['x', 'first.w', 'first.b'], ['first'], { pads: [1, 1, 1, 1] }),
      node('Relu', ['first'], ['first_relu']),
      node('Conv', ['first_relu', 'classes.w', 'classes.b'], ['classes']),
      node('GlobalAveragePool', ['classes'], ['pooled']),
      node('Flatten', ['pooled'], ['y']),
    ],
  });
}

/** A Clip between two convolutions. */
function clipped(low: number, high: number): ModelProto {
  const bounds = [floats('low', [], [low]), floats('high', [], [high])];
  return between([node('Clip', ['first', 'low', 'high'], ['clip'])], 'clip', bounds);
}

/** Why the first of three linear layers stays float. */
function reasonForGemm(attributes: Parameters<typeof node>[3], bias = 'one.b'): string | undefined {
  const layers = model({
    input: [value('x', [8, 8])],
    output: [value('y', [8, 2])],
    initializer: [...layer('one', [8, 8]), ...layer('two', [8, 8]), ...layer('head', [8, 2], 2), floats('scalar', [1])],
    node: [
      node('Gemm', ['x', 'one.w', bias], ['one'], attributes),
      node('Gemm', ['one', 'two.w', 'two.b'], ['two']),
      node('Gemm', ['two', 'head.w', 'head.b'], ['y']),
    ],
  });
  return reasonFor(planOf(layers), 'Gemm_one');
}
