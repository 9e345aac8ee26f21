import * as assert from 'uvu/assert';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { cleanShapes } from '../../../src/onnx/rewrite/cleanShapes.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import type { Pass, PassResult } from '../../../src/onnx/rewrite/pass.ts';
import { patchesToGemm } from '../../../src/quantize/planning/patchesToGemm.ts';
import { describe } from '../../describe.ts';
import { model, node, value } from '../../onnx/build.ts';
import { answers, layer, sqnrDb } from '../quantizeSmall.ts';
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
