import * as ort from 'onnxruntime-node';
import * as assert from 'uvu/assert';
import { widen, type Architecture } from '../../../scripts/demo/widen.ts';
import { buildConvNeXtV2 } from '../../../src/onnx/architectures/convnextv2.ts';
import { buildResNet } from '../../../src/onnx/architectures/resnet.ts';
import type { Weights } from '../../../src/onnx/architectures/weights.ts';
import type { ModelProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { describe } from '../../describe.ts';
import { convNeXtV2Shapes, randomWeights, resNetShapes, uniform } from '../../onnx/randomWeights.ts';

type PerStage = readonly [number, number, number, number];

const INPUT_SIZE = 64;
const FACTOR = 8;
/** No two widths are equal, so that an axis taken for another shows. */
const WIDTHS: PerStage = [3, 4, 5, 6];
const WIDE: PerStage = [3 * FACTOR, 4 * FACTOR, 5 * FACTOR, 6 * FACTOR];
const DEPTHS: PerStage = [1, 2, 2, 1];
/**
 * Share of what an image moves the logits by. The two networks differ only in the rounding of their
 * sums, whose order the runtime chooses: some 50 layers of float32 (relative step 6e-8) leave about
 * 1e-5 of it. A weight not divided or a channel copied to another place changes all of it.
 */
const TOLERANCE = 1e-4;

/** Each image is a stain of its own colour and strength on noise. */
function randomImage(random: () => number): Float32Array {
  const [centreX, centreY, radius] = [random() * INPUT_SIZE, random() * INPUT_SIZE, 4 + random() * 24];
  const colour = [random(), random(), random()];
  const area = INPUT_SIZE * INPUT_SIZE;
  return Float32Array.from({ length: 3 * area }, (_, index) => {
    const [x, y] = [index % INPUT_SIZE, Math.floor((index % area) / INPUT_SIZE)];
    const inside = Math.hypot(x - centreX, y - centreY) < radius;
    return 0.2 * random() + (inside ? (colour[Math.floor(index / area)] ?? 0) : 0);
  });
}

/** Logits of the first class, then of the second, of five random images. */
async function logitsOf(model: ModelProto): Promise<number[][]> {
  const session = await ort.InferenceSession.create(encodeModel(model));
  const random = uniform(5);
  const logits: number[][] = [[], []];
  for (let image = 0; image < 5; image += 1) {
    const input = new ort.Tensor('float32', randomImage(random), [1, 3, INPUT_SIZE, INPUT_SIZE]);
    const results = await session.run({ input });
    for (const [position, ofClass] of logits.entries()) {
      ofClass.push(Number(results['logits']?.data[position]));
    }
  }
  await session.release();
  return logits;
}

async function assertSameFunction(
  architecture: Architecture,
  narrow: Weights,
  build: (weights: Weights, widths: PerStage) => ModelProto,
): Promise<void> {
  const expected = await logitsOf(build(narrow, WIDTHS));
  const actual = await logitsOf(build(widen(narrow, architecture, FACTOR), WIDE));
  for (const [position, narrowLogits] of expected.entries()) {
    const wideLogits = actual[position] ?? [];
    assert.is(wideLogits.length, 5);
    const spread = Math.max(...narrowLogits) - Math.min(...narrowLogits);
    assert.ok(spread > 0.1, `the narrow network must tell images apart, but its logits spread over ${spread}`);
    const largest = Math.max(
      ...narrowLogits.map((logit, image) => Math.abs(logit - (wideLogits[image] ?? Number.NaN))),
    );
    assert.ok(largest <= TOLERANCE * spread, `logits that spread over ${spread} differ by ${largest}`);
  }
}

describe('widen', (it) => {
  it('keeps the function of a ResNet18', async () => {
    await assertSameFunction('resnet18', randomWeights(resNetShapes(18, WIDTHS, 2), 11), (weights, widths) =>
      buildResNet({ depth: 18, widths, weights, inputSize: INPUT_SIZE, classes: 2 }),
    );
  });

  it('keeps the function of a ResNet50', async () => {
    await assertSameFunction('resnet50', randomWeights(resNetShapes(50, WIDTHS, 2), 12), (weights, widths) =>
      buildResNet({ depth: 50, widths, weights, inputSize: INPUT_SIZE, classes: 2 }),
    );
  });

  it('keeps the function of a ConvNeXt V2, GRN included', async () => {
    await assertSameFunction('convnextv2', randomWeights(convNeXtV2Shapes(DEPTHS, WIDTHS, 2), 13), (weights, dims) =>
      buildConvNeXtV2({ depths: DEPTHS, dims, weights, inputSize: INPUT_SIZE, classes: 2 }),
    );
  });

  it('copies channels a whole set after the other and divides what reads them', () => {
    const narrow = new Map([['layer1.0.conv1.weight', { dims: [2, 2, 1, 1], data: Float32Array.of(1, 2, 3, 4) }]]);
    const wide = widen(narrow, 'resnet18', 2).get('layer1.0.conv1.weight');
    assert.equal(wide?.dims, [4, 4, 1, 1]);
    const rows = [0.5, 1, 0.5, 1, 1.5, 2, 1.5, 2];
    assert.equal([...(wide?.data ?? [])], [...rows, ...rows]);
  });

  it('copies neither the colours nor the classes', () => {
    const narrow = new Map([
      ['conv1.weight', { dims: [1, 3, 1, 1], data: Float32Array.of(1, 2, 3) }],
      ['fc.weight', { dims: [2, 1], data: Float32Array.of(4, 6) }],
      ['fc.bias', { dims: [2], data: Float32Array.of(7, 8) }],
    ]);
    const wide = widen(narrow, 'resnet18', 2);
    assert.equal(wide.get('conv1.weight'), { dims: [2, 3, 1, 1], data: Float32Array.of(1, 2, 3, 1, 2, 3) });
    assert.equal(wide.get('fc.weight'), { dims: [2, 2], data: Float32Array.of(2, 2, 3, 3) });
    assert.equal(wide.get('fc.bias'), { dims: [2], data: Float32Array.of(7, 8) });
  });

  it('copies depthwise kernels undivided', () => {
    const narrow = new Map([['stages.0.0.dwconv.weight', { dims: [1, 1, 1, 2], data: Float32Array.of(1, 2) }]]);
    const wide = widen(narrow, 'convnextv2', 3).get('stages.0.0.dwconv.weight');
    assert.equal(wide, { dims: [3, 1, 1, 2], data: Float32Array.of(1, 2, 1, 2, 1, 2) });
  });
});
