import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../../src/onnx/generated/onnx_pb.ts';
import { upgradeOpset } from '../../../src/onnx/rewrite/upgradeOpset.ts';
import { describe } from '../../describe.ts';
import { floats, int64s, model, node, value } from '../build.ts';
import { assertSameOutputs, onEveryFixture, outputsOf, relativeDifference, rewritten } from './run.ts';

/** x [1, 4, 7, 6] -> nodes -> the outputs of the last. */
function around(opset: number, ...nodes: readonly NodeProto[]): ModelProto {
  const made = model(
    {
      input: [value('x', [1, 4, 7, 6])],
      initializer: [
        int64s('sizes', [1, 3]),
        int64s('pads', [0, 0, 1, 2, 0, 0, -1, 1]),
        int64s('flat', [0, -1]),
        int64s('axis', [1]),
        floats('none', [0], []),
        floats('scales', [4], [1, 1, 0.7, 2.3]),
        int64s('large', [1, 4, 5, 13]),
        floats('rois', [2, 4], [0, 0, 3.3, 4.1, 1.2, 0.4, 5, 5]),
        int64s('whose', [0, 0]),
        floats('grid', [1, 2, 2, 2], [-0.9, 0.3, 0.1, 0.7, 1.2, -1.1, 0, 0]),
        floats('ones', [4], [1, 2, 3, 4]),
      ],
      node: [...nodes],
    },
    opset,
  );
  // The runtime finds their types and sizes out.
  const outputs = nodes.at(-1)?.output.filter((name) => name !== '') ?? [];
  made.graph?.output.push(...outputs.map((name) => Object.assign(value(name, []), { type: undefined })));
  return made;
}

function opsetOf({ opsetImport }: ModelProto): number {
  return Number(opsetImport[0]?.version);
}

async function upgrades(original: ModelProto, converted: number): Promise<ModelProto> {
  const { model: after, reports } = rewritten(original, upgradeOpset);
  assert.is(opsetOf(after), 20);
  assert.equal(reports, [{ name: 'upgrade_opset', exact: true, rewritten: converted + 1, leftAlone: [] }]);
  // The runtime has another kernel for some operators of the newer set, which sums in another order.
  await assertSameOutputs(original, after, 1e-6);
  return after;
}

const REDUCTIONS = ['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

describe('upgradeOpset', (it) => {
  it('makes the axes of reductions inputs', async () => {
    for (const kind of REDUCTIONS) {
      for (const attributes of [{ axes: [2, 3] }, { axes: [-1], keepdims: 0 }, {}]) {
        const after = await upgrades(around(13, node(`Reduce${kind}`, ['x'], ['y'], attributes)), 1);
        assert.equal(
          after.graph?.node[0]?.attribute.map(({ name }) => name),
          'keepdims' in attributes ? ['keepdims'] : [],
        );
      }
    }
  });

  it('leaves reductions alone that have their axes as an input already', async () => {
    await upgrades(around(18, node('ReduceMean', ['x', 'axis'], ['y'])), 0);
    await upgrades(around(13, node('ReduceSum', ['x', 'axis'], ['y'])), 0);
  });

  it('says of an even Split into how many parts, and keeps sizes that are given', async () => {
    await upgrades(around(13, node('Split', ['x'], ['y', 'z'], { axis: 1 })), 1);
    const sized = await upgrades(around(13, node('Split', ['x', 'sizes'], ['y', 'z'], { axis: 1 })), 1);
    assert.equal(
      sized.graph?.node[0]?.attribute.map(({ name }) => name),
      ['axis'],
    );
  });

  it('keeps the corners of RoiAlign where they were', async () => {
    const attributes = { output_height: 2, output_width: 2, sampling_ratio: 2 };
    const roi = node('RoiAlign', ['x', 'rois', 'whose'], ['y'], attributes);
    await upgrades(around(13, roi), 1);
    const other = await outputsOf(around(16, roi));
    const before = await outputsOf(around(13, roi));
    const [now, then] = [other, before].map((outputs) =>
      Array.from<unknown, number>(outputs.get('y')?.data ?? [], Number),
    );
    assert.ok(relativeDifference(then ?? [], now ?? []) > 0.01, 'the default has changed in between');
  });

  it('renames the modes of GridSample', async () => {
    for (const attributes of [{}, { mode: 'bilinear' }, { mode: 'bicubic' }, { mode: 'nearest' }]) {
      await upgrades(around(16, node('GridSample', ['x', 'grid'], ['y'], attributes)), 1);
    }
  });

  it('needs to change nothing else for the runtime to answer alike', async () => {
    const pool = { kernel_shape: [2, 3], strides: [2, 2] };
    const nodes: readonly NodeProto[] = [
      node('AveragePool', ['x'], ['y'], { ...pool, ceil_mode: 1 }),
      node('AveragePool', ['x'], ['y'], { ...pool, pads: [1, 1, 1, 1], count_include_pad: 1 }),
      node('AveragePool', ['x'], ['y'], { ...pool, auto_pad: 'SAME_UPPER' }),
      node('MaxPool', ['x'], ['y'], { ...pool, ceil_mode: 1 }),
      node('LpPool', ['x'], ['y'], pool),
      node('BatchNormalization', ['x', 'ones', 'ones', 'ones', 'ones'], ['y']),
      node('Pad', ['x', 'pads'], ['y']),
      node('Pad', ['x', 'pads'], ['y'], { mode: 'reflect' }),
      node('Reshape', ['x', 'flat'], ['y']),
      node('CumSum', ['x', 'axis'], ['y']),
      node('Shape', ['x'], ['y']),
      node('HardSigmoid', ['x'], ['y']),
      node('Softmax', ['x'], ['y']),
      node('Cast', ['x'], ['y'], { to: 7 }),
      ...['nearest', 'linear', 'cubic'].flatMap((mode) =>
        ['half_pixel', 'align_corners', 'asymmetric', 'pytorch_half_pixel'].flatMap(
          (coordinate_transformation_mode) => [
            node('Resize', ['x', 'none', 'scales'], ['y'], { mode, coordinate_transformation_mode }),
            node('Resize', ['x', 'none', 'none', 'large'], ['y'], { mode, coordinate_transformation_mode }),
          ],
        ),
      ),
    ];
    for (const each of nodes) {
      await upgrades(around(13, each), 0);
    }
  });

  it('keeps the operator set of a model with an operator that is not converted, and says which', () => {
    const dft = around(17, node('ReduceMean', ['x'], ['m'], { axes: [1] }), node('DFT', ['m'], ['y'], { axis: 2 }));
    const training = around(
      13,
      node('BatchNormalization', ['x', 'ones', 'ones', 'ones', 'ones'], ['y', 'mean', 'variance']),
    );
    for (const [original, reason] of [
      [dft, /^the model keeps opset 17: DFT takes its axis otherwise/],
      [training, /^the model keeps opset 13: its BatchNormalization also returns statistics/],
    ] as const) {
      const { model: after, reports } = rewritten(original, upgradeOpset);
      assert.is(opsetOf(after), opsetOf(original));
      assert.equal(after.graph?.node, original.graph?.node);
      assert.match(reports[0]?.leftAlone[0]?.reason ?? '', reason);
    }
  });

  it('refuses operator sets below 13, and keeps those from 20 on', () => {
    const old = rewritten(around(12, node('Relu', ['x'], ['y'])), upgradeOpset);
    assert.is(opsetOf(old.model), 12);
    assert.match(old.reports[0]?.leftAlone[0]?.reason ?? '', /^opset 12 is older than 13: export the model/);
    for (const opset of [20, 21, 22]) {
      const { model: after, reports } = rewritten(around(opset, node('Relu', ['x'], ['y'])), upgradeOpset);
      assert.is(opsetOf(after), opset);
      assert.equal(reports[0]?.leftAlone, []);
    }
  });

  it('raises what exporters write to opset 20, or leaves 21', async () => {
    await onEveryFixture([upgradeOpset], (name, after, reports) => {
      assert.is(opsetOf(after), name.includes('.opset21.') ? 21 : 20, name);
      assert.equal(reports[0]?.leftAlone, [], name);
    });
  });
});
