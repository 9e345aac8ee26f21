import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentHashOf } from '../../src/datasets/contentHash.ts';
import type { ModelProto } from '../../src/onnx/generated/onnx_pb.ts';
import type { PlannedNode } from '../../src/quantize/plan.ts';
import { type LayerSensitivity, layerSensitivity } from '../../src/quantize/sensitivity.ts';
import { AS_IS } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { BLUE, type Colour, RED, withBed } from '../measure/bench.ts';
import { encode, floats, model, node, value } from '../onnx/build.ts';
import { rejects } from '../throws.ts';
import { leavingNothing } from './leavingNothing.ts';
import { bias, qdqModel, qdqParts, roundTrip, SCALE, weight } from './qdq.ts';
import { quantizeSmall, randomFloats } from './quantizeSmall.ts';

const COLOURS: readonly Colour[] = [RED, BLUE, [10, 200, 77]];
const WEIGHT = 3 * SCALE;
const BIAS = 100 * SCALE * SCALE;

async function measure(
  float: ModelProto,
  quantized: ModelProto,
  planned: readonly PlannedNode[],
  colours = COLOURS,
): Promise<readonly LayerSensitivity[]> {
  let layers: readonly LayerSensitivity[] = [];
  await withBed(encode(float), colours, async ({ imagePaths }) => {
    const images = await Promise.all(
      imagePaths.map(async (path) => ({ path, contentHash: contentHashOf(await readFile(path)) })),
    );
    const source = { images, preprocessing: AS_IS, inputSize: { height: 8, width: 8 }, threads: 1 };
    await leavingNothing(async () => {
      layers = await layerSensitivity({ floatModel: float, quantizedModel: quantized, planned, ...source });
    });
  });
  return layers;
}

/** Two linear layers on the channels' means, which integers of 1 / 16 stand for badly. */
function twoLayers(isQuantized: boolean): ModelProto {
  const parts = qdqParts();
  parts.node.push(node('GlobalAveragePool', ['x'], ['pooled']), node('Flatten', ['pooled'], ['means']));
  const addLinear = (name: string, input: string, inputs: number, outputs: number): void => {
    const constants = isQuantized
      ? [weight(parts, `${name}_w`, [inputs, outputs], 1), bias(parts, `${name}_b`, outputs)]
      : [`${name}_w`, `${name}_b`];
    if (!isQuantized) {
      const weights = Array.from({ length: inputs * outputs }, () => WEIGHT);
      const biases = Array.from({ length: outputs }, () => BIAS);
      parts.initializer.push(floats(`${name}_w`, [inputs, outputs], weights), floats(`${name}_b`, [outputs], biases));
    }
    const read = isQuantized ? roundTrip(parts, input) : input;
    parts.node.push(node('Gemm', [read, ...constants], [name]));
  };
  addLinear('first', 'means', 3, 4);
  addLinear('second', 'first', 4, 2);
  return qdqModel(parts, [value('x', [1, 3, 8, 8])], [value('second', [1, 2])]);
}

function layerOf(name: string): PlannedNode {
  return { name: `Gemm_${name}`, opType: 'Gemm', kernel: 'QGemm', inputs: [], output: 'float' };
}

function rounded(number: number): number {
  return SCALE * Math.min(255, Math.round(number / SCALE));
}

function linear(inputs: readonly number[]): number {
  return inputs.reduce((sum, input) => sum + WEIGHT * input, BIAS);
}

/** What must be said of the two layers, computed by hand. */
function expectedDb(): readonly [first: number, second: number] {
  const sums = [0, 0, 0, 0];
  for (const colour of COLOURS) {
    const means = colour.map((level) => level * AS_IS.scale);
    const first = linear(means);
    const second = linear([first, first, first, first]);
    const noises = [linear(means.map(rounded)) - first, linear([first, first, first, first].map(rounded)) - second];
    [first ** 2, (noises[0] ?? NaN) ** 2, second ** 2, (noises[1] ?? NaN) ** 2].forEach((square, index) => {
      sums[index] = (sums[index] ?? NaN) + square;
    });
  }
  const [a = NaN, b = NaN, c = NaN, d = NaN] = sums;
  return [10 * Math.log10(a / b), 10 * Math.log10(c / d)];
}

describe('layerSensitivity', (it) => {
  it('measures what each layer loses on its own, not what those before it lost', async () => {
    const layers = await measure(twoLayers(false), twoLayers(true), [layerOf('first'), layerOf('second')]);
    const [first, second] = expectedDb();
    assert.is.not(first, second);
    const found = new Map(layers.map(({ node: name, sqnrDb }) => [name, sqnrDb]));
    assert.ok(Math.abs((found.get('Gemm_first') ?? NaN) - first) < 0.01, `${found.get('Gemm_first')} is not ${first}`);
    assert.ok(
      Math.abs((found.get('Gemm_second') ?? NaN) - second) < 0.01,
      `${found.get('Gemm_second')} is not ${second}`,
    );
  });

  it('names the layer that suffers most first', async () => {
    const layers = await measure(twoLayers(false), twoLayers(true), [layerOf('first'), layerOf('second')]);
    const [worst, best] = layers.map(({ sqnrDb }) => sqnrDb);
    assert.ok((worst ?? NaN) < (best ?? NaN));
  });

  it('finds no noise where every number is a whole number of steps', async () => {
    const [black] = await measure(twoLayers(false), twoLayers(true), [layerOf('first')], [[0, 0, 0]]);
    assert.is(black?.sqnrDb, Infinity);
  });

  it('measures every layer of what the product writes: convolutions, sums, bounds, dynamic ranges', async () => {
    const float = model({
      input: [value('x', [1, 3, 8, 8])],
      output: [value('y', [1, 2])],
      initializer: [
        randomFloats('k1', [8, 3, 3, 3]),
        randomFloats('k2', [8, 8, 3, 3]),
        randomFloats('h', [8, 2]),
        randomFloats('hb', [2]),
      ],
      node: [
        node('Conv', ['x', 'k1'], ['c1'], { pads: [1, 1, 1, 1] }),
        node('Relu', ['c1'], ['r1']),
        node('Conv', ['r1', 'k2'], ['c2'], { pads: [1, 1, 1, 1] }),
        node('Add', ['c2', 'r1'], ['sum']),
        node('Relu', ['sum'], ['r2']),
        node('GlobalAveragePool', ['r2'], ['m']),
        node('Flatten', ['m'], ['f']),
        node('Gemm', ['f', 'h', 'hb'], ['y']),
      ],
    });
    for (const linears of ['static', 'dynamic'] as const) {
      const { plan, model: quantized } = await quantizeSmall(float, { linears });
      const layers = await measure(float, quantized, plan.nodes);
      const kernels = plan.nodes.filter(({ kernel }) => kernel !== 'dropped');
      assert.ok(kernels.length >= 4);
      assert.equal(layers.map((layer) => layer.node).toSorted(), kernels.map(({ name }) => name).toSorted());
      for (const { node: name, sqnrDb } of layers) {
        assert.ok(sqnrDb > 20 && sqnrDb < 70, `${name}: ${sqnrDb} dB`);
      }
    }
  });

  it('refuses to measure on nothing', async () => {
    await rejects(
      () => measure(twoLayers(false), twoLayers(true), [layerOf('first')], []),
      /at least one image, received none/,
    );
  });
});
