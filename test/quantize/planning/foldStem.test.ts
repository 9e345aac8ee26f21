import * as assert from 'uvu/assert';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { GraphEditor } from '../../../src/onnx/rewrite/graphEditor.ts';
import type { PassResult } from '../../../src/onnx/rewrite/pass.ts';
import { foldStem } from '../../../src/quantize/planning/foldStem.ts';
import { describe } from '../../describe.ts';
import { model, node, value } from '../../onnx/build.ts';
import { answers, layer, sqnrDb } from '../quantizeSmall.ts';

type Attributes = Parameters<typeof node>[3];

const STRIDE_2 = { strides: [2, 2] };

function stem(
  kernel: readonly number[],
  attributes: Attributes,
  channels = 3,
  size: readonly number[] = [16, 20],
): ModelProto {
  return model({
    input: [value('x', [1, channels, ...size])],
    output: [value('y', ['n', 'c', 'h', 'w'])],
    initializer: layer('stem', [8, channels, ...kernel]),
    node: [node('Conv', ['x', 'stem.w', 'stem.b'], ['y'], attributes)],
  });
}

function fold(float: ModelProto): PassResult & { readonly made: ModelProto; readonly ops: readonly string[] } {
  const graph = new GraphEditor(float);
  const result = foldStem([]).apply(graph);
  return { ...result, made: graph.build(), ops: graph.nodes.map(({ opType }) => opType) };
}

function reasonFor(float: ModelProto): string {
  return fold(float).leftAlone[0]?.reason ?? 'it was rewritten';
}

describe('foldStem', (it) => {
  const forms: [string, readonly number[], readonly number[]][] = [
    ['7x7 with 3 pixels of padding', [7, 7], [3, 3, 3, 3]],
    ['3x3 with 1 pixel of padding', [3, 3], [1, 1, 1, 1]],
    ['3x3 with padding behind alone', [3, 3], [0, 0, 1, 1]],
    ['5x3 with another padding on each side', [5, 3], [2, 0, 1, 2]],
    ['2x2 without padding', [2, 2], [0, 0, 0, 0]],
    ['1x1, which skips pixels', [1, 1], [0, 0, 0, 0]],
  ];
  for (const [form, kernel, pads] of forms) {
    it(`answers what the convolution answered: ${form}`, async () => {
      const float = stem(kernel, { ...STRIDE_2, pads });
      const { rewritten, made, ops } = fold(float);
      assert.is(rewritten, 1);
      assert.equal(ops, ['SpaceToDepth', 'Conv']);
      const db = sqnrDb(await answers(float), await answers(made), 'y');
      assert.ok(db > 120, `${db} dB`);
    });
  }

  it('keeps the name of the convolution, which recipes and manifests go by', () => {
    const graph = new GraphEditor(stem([3, 3], { ...STRIDE_2, pads: [1, 1, 1, 1] }));
    foldStem([]).apply(graph);
    assert.equal(
      graph.nodes.filter(({ opType }) => opType === 'Conv').map(({ name }) => name),
      ['Conv_y'],
    );
  });

  it('leaves a convolution that the recipe keeps float as it is: it pays with integers only', () => {
    const graph = new GraphEditor(stem([3, 3], { ...STRIDE_2, pads: [1, 1, 1, 1] }));
    assert.equal(foldStem(['Conv_y']).apply(graph), { rewritten: 0, leftAlone: [] });
  });

  it('leaves other convolutions as they are', () => {
    const pads = [1, 1, 1, 1];
    assert.is(fold(stem([3, 3], { pads })).rewritten, 0, 'stride 1');
    assert.is(fold(stem([3, 3], { ...STRIDE_2, pads }, 4)).rewritten, 0, '4 channels');
  });

  it('says why it leaves a stem as it is', () => {
    const pads = [1, 1, 1, 1];
    assert.match(reasonFor(stem([3, 3], { ...STRIDE_2, pads }, 3, [15, 16])), /odd size/);
    assert.match(reasonFor(stem([3, 3], { ...STRIDE_2, auto_pad: 'SAME_UPPER' })), /pads by SAME_UPPER/);
    assert.match(reasonFor(stem([3, 3], { ...STRIDE_2, pads, dilations: [2, 2] })), /dilated/);
    const free = stem([3, 3], { ...STRIDE_2, pads });
    free.graph?.input.splice(0, 1, value('x', [1, 3, 'h', 'w']));
    assert.match(reasonFor(free), /size of its image is not known/);
  });
});
