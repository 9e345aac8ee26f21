import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../src/onnx/generated/onnx_pb.ts';
import { readModel } from '../../src/onnx/read.ts';
import { dimsOf } from '../../src/onnx/shapes/infer.ts';
import type { QuantizedModel } from '../../src/quantize/job.ts';
import { quantizeModel } from '../../src/quantize/quantize.ts';
import type { Recipe } from '../../src/records/recipe.ts';
import { inTempDir } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { encode, floats, model, node, value } from '../onnx/build.ts';
import { rejects } from '../throws.ts';
import { jobOf } from './noiseJob.ts';
import { answers, layer, sqnrDb } from './quantizeSmall.ts';

/** Few channels average little of the rounding, and half of the inputs are below what images reach. */
const ENOUGH_DB = 8;

interface Parts {
  readonly input?: readonly (number | string)[];
  readonly strides?: readonly number[];
  /** From `features`, of 16 channels, to `last`. */
  readonly between?: readonly NodeProto[];
  readonly last?: string;
  /** Of the first convolution. */
  readonly weights?: readonly number[];
  readonly middle?: ReturnType<typeof layer>;
}

/** A classifier of images: two convolutions, what a test puts behind them, pool and head. */
function classifier({ input = [1, 3, 32, 32], strides = [1, 1], between = [], last = 'features', ...parts }: Parts) {
  const [stem, bias] = layer('stem', [16, 3, 3, 3]);
  return model({
    input: [value('x', input)],
    output: [value('y', [input[0] ?? 1, 2])],
    initializer: [
      ...[parts.weights === undefined ? stem : floats('stem.w', [16, 3, 3, 3], parts.weights), bias].filter(
        (tensor) => tensor !== undefined,
      ),
      ...(parts.middle ?? layer('middle', [16, 16, 3, 3])),
      ...layer('head', [16, 2], 2),
      floats('one', [], [1]),
    ],
    node: [
      node('Conv', ['x', 'stem.w', 'stem.b'], ['stem'], { pads: [1, 1, 1, 1], strides }),
      node('Relu', ['stem'], ['stem_relu']),
      node('Conv', ['stem_relu', 'middle.w', 'middle.b'], ['middle'], { pads: [1, 1, 1, 1] }),
      node('Relu', ['middle'], ['features']),
      ...between,
      node('GlobalAveragePool', [last], ['pooled']),
      node('Flatten', ['pooled'], ['flat']),
      node('Gemm', ['flat', 'head.w', 'head.b'], ['y']),
    ],
  });
}

interface Made {
  readonly made: QuantizedModel;
  readonly model: ModelProto;
}

/** Makes an INT8 file of a model on eight images of 32 x 32 pixels; one that is refused leaves no file. */
async function quantize(float: ModelProto, changes: Partial<Recipe> = {}): Promise<Made> {
  let result: Made | undefined;
  await inTempDir(async (dir) => {
    const path = join(dir, 'float.onnx');
    await writeFile(path, encode(float));
    const job = await jobOf(dir, path, changes);
    try {
      const made = await quantizeModel(job, () => undefined);
      result = { made, model: (await readModel(job.outPath)).model };
    } catch (thrown) {
      assert.not(existsSync(job.outPath));
      throw thrown;
    }
  });
  if (result === undefined) {
    throw new Error('nothing was made');
  }
  return result;
}

describe('quantizeModel of strange models', (it) => {
  it('fixes an open height and width at the size of the images', async () => {
    const { made, model: int8 } = await quantize(classifier({ input: ['N', 3, 'H', 'W'] }));
    assert.equal(made.kernels, { QLinearConv: 2, QLinearGlobalAveragePool: 1 });
    assert.ok((made.int8MultiplyAddShare ?? 0) > 0.9);
    assert.equal(dimsOf(int8.graph?.input[0]), [1, 3, 32, 32]);
    const db = sqnrDb(await answers(classifier({})), await answers(int8), 'y');
    assert.ok(db > ENOUGH_DB, `${db} dB`);
  });

  it('refuses another batch than 1, and channels that are open', async () => {
    await rejects(
      () => quantize(classifier({ input: [8, 3, 32, 32] })),
      /float\.onnx: the input "x" cannot be used: the file fixes a batch of 8: export the model with batch 1 or an open batch$/,
    );
    await rejects(() => quantize(classifier({ input: [1, 'C', 32, 32] })), /the size of axis 1 of this input is open/);
  });

  it('refuses answers that are not finite, even where no integer would see them', async () => {
    const root = [node('Sub', ['features', 'one'], ['negative']), node('Sqrt', ['negative'], ['root'])];
    await rejects(
      () => quantize(classifier({ between: root, last: 'root' })),
      /must be finite, received NaN in `y` for/,
    );
  });

  it('refuses a model that gives all images one answer, with the layer that it begins at', async () => {
    const zeros = new Array<number>(16 * 27).fill(0);
    await rejects(
      () => quantize(classifier({ weights: zeros })),
      /"Gemm_y" answers must depend on the image, received the same for all 8 .*already "Relu_stem_relu" answers so/,
    );
  });

  it('names layers that are dead in a model that works', async () => {
    const dead = [node('Conv', ['features', 'middle.w', 'minus'], ['low'], { pads: [1, 1, 1, 1] })];
    const relu = [node('Relu', ['low'], ['none']), node('Add', ['none', 'features'], ['sum'])];
    const float = classifier({ between: [...dead, ...relu], last: 'sum' });
    float.graph?.initializer.push(floats('minus', [16], new Array<number>(16).fill(-1e4)));
    const { made } = await quantize(float);
    assert.equal(made.constantNodes, ['Relu_none']);
  });

  it('names the file and the operator that the runtime does not know', async () => {
    const odd = [node('Frobnicate', ['features'], ['odd'])];
    await rejects(
      () => quantize(classifier({ between: odd, last: 'odd' })),
      /float\.onnx cannot be loaded: (?!.*tapped).*No Op registered for Frobnicate/,
    );
  });

  it('proves a linear layer with a Relu behind it, as before the head of a VGG', async () => {
    const float = classifier({});
    float.graph?.initializer.push(...layer('fc', [16, 32], 32), ...layer('last', [32, 2], 2));
    float.graph?.node.splice(
      -1,
      1,
      node('Gemm', ['flat', 'fc.w', 'fc.b'], ['fc']),
      node('Relu', ['fc'], ['fc_relu']),
      node('Gemm', ['fc_relu', 'last.w', 'last.b'], ['y']),
    );
    for (const keep of [[], ['Relu_fc_relu']]) {
      const { model: int8 } = await quantize(float, { keep_float: keep });
      const db = sqnrDb(await answers(float), await answers(int8), 'y');
      assert.ok(db > ENOUGH_DB, `${db} dB`);
    }
  });

  it('names its layers as the model does, so that each can be kept float, and so do the metadata', async () => {
    const float = classifier({ strides: [2, 2] });
    const { made } = await quantize(float);
    assert.ok(made.passes.some(({ name, rewritten }) => name === 'fold_stem' && rewritten === 1));
    const names = made.nodes.map(({ node: name }) => name);
    assert.equal(names, ['Conv_stem', 'Conv_middle', 'GlobalAveragePool_pooled']);
    const { made: kept, model: int8 } = await quantize(float, { keep_float: ['Conv_stem'] });
    assert.equal(kept.nodes[0], { node: 'Conv_middle', kernel: 'QLinearConv' });
    const said = int8.metadataProps.find(({ key }) => key === 'beltbench.left_float')?.value;
    assert.equal(JSON.parse(said ?? ''), ['Conv_stem', 'Gemm_y']);
    assert.ok(
      made.passes.every(({ name }) => /^[a-z0-9]+(_[a-z0-9]+)*$/.test(name)),
      JSON.stringify(made.passes),
    );
  });
});
