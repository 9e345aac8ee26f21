import * as assert from 'uvu/assert';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { cleanShapes } from '../../../src/onnx/rewrite/cleanShapes.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import type { Pass, PassResult } from '../../../src/onnx/rewrite/pass.ts';
import { patchesToGemm, reductionsToGemm } from '../../../src/quantize/planning/convToGemm.ts';
import { describe } from '../../describe.ts';
import { model, node, value } from '../../onnx/build.ts';
import { answers, countOps, layer, optimized, quantizeSmall, sqnrDb } from '../quantizeSmall.ts';
import { residualNet } from '../smallModels.ts';

type Attributes = Parameters<typeof node>[3];

/** Pixels of 8 channels, channels last, through one convolution of `kernel`. */
function downsampling(
  kernel: readonly number[],
  attributes: Attributes,
  size: readonly number[] = [8, 12],
): ModelProto {
  const inputs = attributes?.['group'] === 2 ? 4 : 8;
  return model({
    input: [value('x', [1, ...size, 8])],
    output: [value('y', ['n', 'c', 'h', 'w'])],
    initializer: layer('down', [6, inputs, ...kernel]),
    node: [
      node('Transpose', ['x'], ['turned'], { perm: [0, 3, 1, 2] }),
      node('Conv', ['turned', 'down.w', 'down.b'], ['y'], attributes),
    ],
  });
}

function apply(pass: Pass, float: ModelProto): PassResult & { readonly made: ModelProto; readonly graph: GraphEditor } {
  const graph = new GraphEditor(float);
  const result = pass.apply(graph);
  cleanShapes.apply(graph);
  return { ...result, made: graph.build(), graph };
}

function patches(kernel: readonly number[], attributes: Attributes, size?: readonly number[]): PassResult {
  return apply(patchesToGemm, downsampling(kernel, attributes, size));
}

function reasonOf({ leftAlone: [first] }: PassResult): string | undefined {
  return first?.reason;
}

describe('patchesToGemm', (it) => {
  for (const [name, kernel] of [
    ['squares', [2, 2]],
    ['oblongs', [4, 3]],
  ] as const) {
    it(`answers what the convolution of ${name} answered, under its name`, async () => {
      const float = downsampling(kernel, { strides: kernel });
      const { rewritten, made, graph } = apply(patchesToGemm, float);
      assert.is(rewritten, 1);
      const gemm = graph.nodes.find(({ opType }) => opType === 'Gemm');
      assert.is(gemm?.name, 'Conv_y');
      assert.is(
        graph.nodes.filter(({ opType }) => opType === 'Transpose').length,
        2,
        'one of patches, one of the answer',
      );
      const db = sqnrDb(await answers(float), await answers(made), 'y');
      assert.ok(db > 120, `${db} dB`);
    });
  }

  it('does without a bias', async () => {
    const float = downsampling([2, 2], { strides: [2, 2] });
    float.graph?.node.at(-1)?.input.splice(2);
    const { made } = apply(patchesToGemm, float);
    assert.ok(sqnrDb(await answers(float), await answers(made), 'y') > 120);
  });

  it('leaves convolutions whose kernels overlap, skip, are padded, dilated or see few channels', () => {
    const strides = [2, 2];
    assert.is(patches([3, 3], { strides }).rewritten, 0);
    assert.is(patches([2, 2], { strides: [3, 3] }).rewritten, 0);
    assert.is(patches([2, 2], { strides, pads: [1, 1, 1, 1] }).rewritten, 0);
    assert.is(patches([2, 2], { strides, auto_pad: 'SAME_UPPER' }).rewritten, 0);
    assert.is(patches([2, 2], { strides, dilations: [2, 2] }).rewritten, 0);
    assert.is(patches([2, 2], { strides, group: 2 }).rewritten, 0);
    assert.is(patches([1, 1], {}).rewritten, 0);
  });

  it('leaves convolutions whose pixels come channels first', () => {
    assert.is(apply(patchesToGemm, residualNet()).rewritten, 0);
    const float = downsampling([2, 2], { strides: [2, 2] });
    float.graph?.input.splice(0, 1, value('turned', [1, 8, 8, 12]));
    float.graph?.node.shift();
    assert.is(apply(patchesToGemm, float).rewritten, 0);
  });

  it('says why it leaves a convolution that looks like one', () => {
    assert.is(reasonOf(patches([2, 2], { strides: [2, 2] }, [7, 8])), 'its 2x2 patches do not cover 7x8');
    const free = downsampling([2, 2], { strides: [2, 2] });
    free.graph?.input.splice(0, 1, value('x', [1, 'h', 'w', 8]));
    assert.match(reasonOf(apply(patchesToGemm, free)) ?? '', /size of its image is not known/);
  });
});

/** A bottleneck: 32 channels through 8 and back, and a sum. */
function bottleneck(): ModelProto {
  return model({
    input: [value('x', [1, 4, 8, 8])],
    output: [value('y', [1, 4, 8, 8])],
    initializer: [
      ...layer('first', [32, 4, 1, 1]),
      ...layer('reduce', [8, 32, 1, 1]),
      ...layer('widen', [32, 8, 3, 3]),
      ...layer('last', [4, 32, 3, 3]),
    ],
    node: [
      node('Conv', ['x', 'first.w', 'first.b'], ['first']),
      node('Relu', ['first'], ['first_relu']),
      node('Conv', ['first_relu', 'reduce.w', 'reduce.b'], ['reduce']),
      node('Relu', ['reduce'], ['reduce_relu']),
      node('Conv', ['reduce_relu', 'widen.w', 'widen.b'], ['widen'], { pads: [1, 1, 1, 1] }),
      node('Add', ['widen', 'first_relu'], ['sum']),
      node('Conv', ['sum', 'last.w', 'last.b'], ['y'], { pads: [1, 1, 1, 1] }),
    ],
  });
}

describe('reductionsToGemm', (it) => {
  it('rewrites the 1x1 convolutions that reduce, and no others', async () => {
    const { rewritten, made, graph } = apply(reductionsToGemm, bottleneck());
    assert.is(rewritten, 1);
    assert.is(graph.nodes.filter(({ opType }) => opType === 'Conv').length, 3);
    assert.ok(sqnrDb(await answers(bottleneck()), await answers(made), 'y') > 120);
  });

  it('leaves no float and no further transpose in a chain of integers', async () => {
    const { made } = apply(reductionsToGemm, bottleneck());
    const { model: quantized } = await quantizeSmall(made);
    const ops = countOps(await optimized(quantized));
    assert.is(ops['QGemm'], 1);
    assert.is(ops['QLinearConv'], 3);
    assert.is(ops['QLinearAdd'], 1);
    assert.is(ops['DequantizeLinear'], 1, 'of the answer');
    assert.is(ops['Transpose'], 2, 'of the image and the answer');
    assert.ok(sqnrDb(await answers(bottleneck()), await answers(quantized), 'y') > 25);
  });
});
