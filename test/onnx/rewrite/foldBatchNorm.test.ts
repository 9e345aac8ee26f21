import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto, TensorProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { foldBatchNorm } from '../../../src/onnx/rewrite/foldBatchNorm.ts';
import { foldShapes } from '../../../src/onnx/rewrite/foldShapes.ts';
import { fixInputs } from '../../../src/onnx/rewrite/fixInputs.ts';
import { describe } from '../../describe.ts';
import { floats, model, node, value } from '../build.ts';
import { uniform } from '../randomWeights.ts';
import { assertSameOutputs, onEveryFixture, operatorCounts, rewritten } from './run.ts';

const BATCH_NORM = ['scale', 'shift', 'mean', 'variance'];

function random(name: string, dims: readonly number[], low = -1, high = 1): TensorProto {
  const next = uniform(name.length + dims.length);
  const count = dims.reduce((product, size) => product * size, 1);
  return floats(
    name,
    dims,
    Array.from({ length: count }, () => low + (high - low) * next()),
  );
}

/** x -> nodes -> y, with a batch-norm's constants for `channels`. */
function around(
  nodes: readonly NodeProto[],
  initializer: readonly TensorProto[],
  { channels = 6, input = [1, 4, 5, 5], output = [1, 6, 3, 3] } = {},
): ModelProto {
  return model({
    input: [value('x', input)],
    output: [value('y', output)],
    initializer: [
      ...initializer,
      random('scale', [channels], 0.5, 2),
      random('shift', [channels]),
      random('mean', [channels], -3, 3),
      random('variance', [channels], 0.01, 4),
    ],
    node: [...nodes],
  });
}

const batchNorm = (input: string, output: string, attributes = {}) =>
  node('BatchNormalization', [input, ...BATCH_NORM], [output], attributes);

async function folds(original: ModelProto, operators: Readonly<Record<string, number>>): Promise<void> {
  const { model: after, reports } = rewritten(original, foldBatchNorm);
  assert.equal(operatorCounts(after), operators);
  assert.equal(reports[0]?.leftAlone, []);
  await assertSameOutputs(original, after);
}

function leavesAlone(original: ModelProto, reason: RegExp): void {
  const { model: after, reports } = rewritten(original, foldBatchNorm);
  assert.is(operatorCounts(after)['BatchNormalization'], 1);
  assert.is(reports[0]?.rewritten, 0);
  assert.match(reports[0]?.leftAlone[0]?.reason ?? '', reason);
}

describe('foldBatchNorm', (it) => {
  it('folds into a convolution with and without a bias', async () => {
    const constants = [random('w', [6, 4, 3, 3]), random('b', [6])];
    for (const inputs of [
      ['x', 'w'],
      ['x', 'w', ''],
      ['x', 'w', 'b'],
    ]) {
      await folds(around([node('Conv', inputs, ['c']), batchNorm('c', 'y')], constants), { Conv: 1 });
    }
  });

  it('folds into grouped and depthwise convolutions', async () => {
    for (const group of [2, 4]) {
      const channels = group === 4 ? 4 : 6;
      const original = around(
        [node('Conv', ['x', 'w', 'b'], ['c'], { group }), batchNorm('c', 'y')],
        [random('w', [channels, 4 / group, 3, 3]), random('b', [channels])],
        { channels, output: [1, channels, 3, 3] },
      );
      await folds(original, { Conv: 1 });
    }
  });

  it('heeds epsilon, its own and the default, where the variance is small', async () => {
    for (const attributes of [{}, { epsilon: { f: 0.3 } }]) {
      const original = around(
        [node('Conv', ['x', 'w'], ['c']), batchNorm('c', 'y', attributes)],
        [random('w', [6, 4, 3, 3])],
      );
      original.graph?.initializer.splice(-1, 1, floats('variance', [6], [0, 1e-5, 1e-6, 1e-4, 0.1, 1]));
      await folds(original, { Conv: 1 });
    }
  });

  it('folds into a Gemm with either layout of its weight, any alpha and beta, and any form of bias', async () => {
    const sizes = { input: [3, 4], output: [3, 6] };
    const scalings = [{}, { alpha: { f: 0.5 }, beta: { f: -2 } }];
    const biases = [[], [random('b', [6])], [random('b', [1, 6])], [random('b', [])], [random('b', [1])]];
    for (const transB of [0, 1]) {
      for (const scaling of scalings) {
        for (const bias of biases) {
          const gemm = node('Gemm', ['x', 'w', ...bias.map(({ name }) => name)], ['g'], { transB, ...scaling });
          const weight = random('w', transB === 1 ? [6, 4] : [4, 6]);
          await folds(around([gemm, batchNorm('g', 'y')], [weight, ...bias], sizes), { Gemm: 1 });
        }
      }
    }
  });

  it('does not change a weight that another layer shares', async () => {
    const original = around(
      [
        node('Conv', ['x', 'w'], ['c']),
        batchNorm('c', 'n'),
        node('Conv', ['x', 'w'], ['d']),
        node('Add', ['n', 'd'], ['y']),
      ],
      [random('w', [6, 4, 3, 3])],
    );
    await folds(original, { Conv: 2, Add: 1 });
  });

  it('folds two in a row, and one whose output is the graph’s', async () => {
    const original = around(
      [node('Conv', ['x', 'w'], ['c']), batchNorm('c', 'n'), batchNorm('n', 'y')],
      [random('w', [6, 4, 3, 3])],
    );
    await folds(original, { Conv: 1 });
  });

  it('leaves one alone whose convolution is read elsewhere too', () => {
    const original = around(
      [node('Conv', ['x', 'w'], ['c']), batchNorm('c', 'n'), node('Add', ['n', 'c'], ['y'])],
      [random('w', [6, 4, 3, 3])],
    );
    leavesAlone(original, /read elsewhere too/);
    const tapped = around([node('Conv', ['x', 'w'], ['c']), batchNorm('c', 'y')], [random('w', [6, 4, 3, 3])]);
    tapped.graph?.output.push(value('c', [1, 6, 3, 3]));
    leavesAlone(tapped, /read elsewhere too/);
  });

  it('leaves one alone that follows no layer it could fold into', () => {
    const size = { channels: 4, output: [1, 4, 5, 5] };
    leavesAlone(around([batchNorm('x', 'y')], [], size), /^it follows no layer$/);
    leavesAlone(around([node('Relu', ['x'], ['r']), batchNorm('r', 'y')], [], size), /^it follows a Relu/);
  });

  it('leaves one alone in training mode, or whose statistics are read', () => {
    const conv = node('Conv', ['x', 'w'], ['c']);
    const weight = random('w', [6, 4, 3, 3]);
    leavesAlone(around([conv, batchNorm('c', 'y', { training_mode: 1 })], [weight]), /training mode/);
    const statistics = node('BatchNormalization', ['c', ...BATCH_NORM], ['n', 'running_mean'], { training_mode: 1 });
    leavesAlone(around([conv, statistics, node('Add', ['n', 'running_mean'], ['y'])], [weight]), /training mode/);
  });

  it('leaves one alone whose layer or own numbers are not constant, or do not fit', () => {
    const weight = random('w', [6, 4, 3, 3]);
    const nodes = [node('Conv', ['x', 'w'], ['c']), batchNorm('c', 'y')];
    const computed = [node('Abs', ['stored'], ['w']), ...nodes];
    leavesAlone(around(computed, [random('stored', [6, 4, 3, 3])]), /^the weight or bias of the Conv before it/);
    leavesAlone(around(nodes, [weight], { channels: 5 }), /^it has 5 channels, the layer before it 6$/);
    const uneven = around(nodes, [weight]);
    uneven.graph?.initializer.splice(-1, 1, random('variance', [5], 1, 2));
    leavesAlone(uneven, /differ in length/);
    const negative = around(nodes, [weight]);
    negative.graph?.initializer.splice(-1, 1, random('variance', [6], -2, -1));
    leavesAlone(negative, /^its variance plus epsilon is not positive/);
  });

  it('folds every batch-norm that exporters write', async () => {
    await onEveryFixture([fixInputs(), foldShapes, foldBatchNorm], (name, after, reports) => {
      assert.is(operatorCounts(after)['BatchNormalization'], undefined, name);
      const count = name.startsWith('resnet-basic') ? 8 : 12;
      assert.is(reports[2]?.rewritten, name.includes('.batchnorm.') ? count : 0, name);
    });
  });
});
