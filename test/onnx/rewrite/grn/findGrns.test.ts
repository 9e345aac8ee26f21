import * as assert from 'uvu/assert';
import type { ModelProto, NodeProto } from '../../../../src/onnx/generated/onnx_pb.ts';
import { GraphEditor } from '../../../../src/onnx/rewrite/graphEditor.ts';
import { findGrns, type Grn } from '../../../../src/onnx/rewrite/grn/findGrns.ts';
import { rewriteGrn } from '../../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import { describe } from '../../../describe.ts';
import { floats, int64s, node, tensor } from '../../build.ts';
import { assertSameOutputs, fixtureNames, readFixture, rewritten } from '../run.ts';
import { EPSILON, grnModel, grnParameters, MEAN_AND_DIVISION, OFFICIAL_TAIL } from './grnModel.ts';

const CHANNELS = 5;

function only(model: ModelProto): Grn {
  const { grns, leftAlone } = findGrns(new GraphEditor(model));
  assert.equal(leftAlone, []);
  assert.is(grns.length, 1);
  const [grn] = grns;
  if (grn === undefined) {
    throw new Error('no GRN was found');
  }
  return grn;
}

/** Asserts that the model's GRN is `x * (1 + gamma * nx) + beta`, and that rewriting keeps the outputs. */
async function assertIsGrn(model: ModelProto): Promise<void> {
  const { scale, gain, shift, epsilon, source, result } = only(model);
  const { gamma, beta } = grnParameters(CHANNELS);
  assert.equal(
    [...scale],
    grnParameters(CHANNELS).gamma.map(() => 1),
  );
  assert.equal([...gain], gamma);
  assert.equal([...shift], beta);
  assert.ok(Math.abs(epsilon - EPSILON) < 1e-8, `epsilon ${epsilon}`);
  assert.equal([source, result], ['x', 'y']);
  const after = rewritten(model, rewriteGrn);
  assert.is(after.reports[0]?.rewritten, 1);
  await assertSameOutputs(model, after.model);
}

function reasonsFor(model: ModelProto): readonly string[] {
  const { grns, leftAlone } = findGrns(new GraphEditor(model));
  assert.equal(grns, []);
  return leftAlone.map(({ reason }) => reason.replace('no global response normalisation: ', ''));
}

/** Ways to compute y of x and nx, all the same by algebra. */
const TAILS: Readonly<Record<string, readonly NodeProto[]>> = {
  'gamma * (x * nx) + beta + x, as the authors': OFFICIAL_TAIL,
  'x + (beta + 1 * (gamma * (x * nx))), as timm': [
    node('Mul', ['nx', 'x'], ['xn']),
    node('Mul', ['gamma', 'xn'], ['weighted']),
    node('Mul', ['one', 'weighted'], ['once']),
    node('Add', ['beta', 'once'], ['shifted']),
    node('Add', ['x', 'shifted'], ['y']),
  ],
  'x * (1 + gamma * nx) + beta': [
    node('Mul', ['nx', 'gamma'], ['gn']),
    node('Add', ['one', 'gn'], ['factor']),
    node('Mul', ['factor', 'x'], ['xf']),
    node('Add', ['xf', 'beta'], ['y']),
  ],
  '(x + beta) + (gamma * x) * nx': [
    node('Add', ['x', 'beta'], ['left']),
    node('Mul', ['gamma', 'x'], ['gx2']),
    node('Mul', ['gx2', 'nx'], ['right']),
    node('Add', ['left', 'right'], ['y']),
  ],
  'beta - x * (-1 - gamma * nx), with an Identity between': [
    node('Mul', ['gamma', 'nx'], ['gn']),
    node('Identity', ['gn'], ['same']),
    node('Sub', ['minus_one', 'same'], ['factor']),
    node('Mul', ['x', 'factor'], ['xf']),
    node('Sub', ['beta', 'xf'], ['y']),
  ],
  'gamma and beta flat, reached through Reshape, Unsqueeze and Identity': [
    node('Reshape', ['flat_gamma', 'per_channel'], ['gamma1']),
    node('Identity', ['gamma1'], ['gamma2']),
    node('Unsqueeze', ['flat_beta', 'front_axes'], ['beta1']),
    node('Mul', ['x', 'nx'], ['xn']),
    node('Mul', ['gamma2', 'xn'], ['weighted']),
    node('Add', ['weighted', 'beta1'], ['shifted']),
    node('Add', ['shifted', 'x'], ['y']),
  ],
};

const TAIL_CONSTANTS = [
  tensor('one', [], { dataType: 1, floatData: [1] }),
  tensor('minus_one', [1], { dataType: 1, floatData: [-1] }),
  floats('flat_gamma', [CHANNELS], grnParameters(CHANNELS).gamma),
  floats('flat_beta', [CHANNELS], grnParameters(CHANNELS).beta),
  int64s('per_channel', [1, 1, 1, CHANNELS]),
  int64s('front_axes', [0, 1, 2]),
];

/** Ways to compute the norm gx of x. */
const NORMS: Readonly<Record<string, readonly NodeProto[]>> = {
  ReduceL2: [node('ReduceL2', ['x', 'space_axes'], ['gx'], { keepdims: 1, noop_with_empty_axes: 0 })],
  'ReduceL2 of Abs, behind a Cast to float32': [
    node('Cast', ['x'], ['cast'], { to: 1 }),
    node('Abs', ['cast'], ['magnitude']),
    node('ReduceL2', ['magnitude', 'space_axes'], ['gx']),
  ],
  'the root of ReduceSum of a product': [
    node('Mul', ['x', 'x'], ['squares']),
    node('ReduceSum', ['squares', 'space_axes'], ['sums']),
    node('Sqrt', ['sums'], ['gx']),
  ],
  'Abs, Pow 2, ReduceSum, Pow 0.5': [
    node('Abs', ['x'], ['magnitude']),
    node('Pow', ['magnitude', 'two'], ['squares']),
    node('ReduceSum', ['squares', 'space_axes'], ['sums']),
    node('Pow', ['sums', 'half'], ['gx']),
  ],
  'the root of ReduceSumSquare': [
    node('ReduceSumSquare', ['x', 'space_axes'], ['sums']),
    node('Sqrt', ['sums'], ['gx']),
  ],
};

const NORM_CONSTANTS = [
  tensor('two', [], { dataType: 1, floatData: [2] }),
  tensor('half', [], { dataType: 1, floatData: [0.5] }),
];

describe('findGrns', (it) => {
  for (const [form, tail] of Object.entries(TAILS)) {
    it(`finds a GRN whose result is ${form}`, async () => {
      await assertIsGrn(grnModel({ tail, initializers: TAIL_CONSTANTS }));
    });
  }

  for (const [form, norm] of Object.entries(NORMS)) {
    it(`finds a GRN whose norm is ${form}`, async () => {
      await assertIsGrn(grnModel({ response: [...norm, ...MEAN_AND_DIVISION], initializers: NORM_CONSTANTS }));
    });
  }

  it('finds a GRN whose axes are attributes, as before opset 18', async () => {
    const response = [
      node('ReduceL2', ['x'], ['gx'], { axes: [1, 2], keepdims: 1 }),
      node('ReduceMean', ['gx'], ['mean'], { axes: [-1], keepdims: 1 }),
      ...MEAN_AND_DIVISION.slice(1),
    ];
    await assertIsGrn(grnModel({ response, opset: 16 }));
  });

  it('finds a GRN that multiplies by the reciprocal of a mean written as a sum and a division', async () => {
    const response = [
      node('ReduceL2', ['x', 'space_axes'], ['gx']),
      node('ReduceSum', ['gx', 'channel_axis'], ['sum']),
      node('Div', ['sum', 'channels'], ['mean']),
      node('Add', ['eps', 'mean'], ['divisor']),
      node('Reciprocal', ['divisor'], ['reciprocal']),
      node('Mul', ['reciprocal', 'gx'], ['nx']),
    ];
    const initializers = [tensor('channels', [], { dataType: 1, floatData: [CHANNELS] })];
    await assertIsGrn(grnModel({ response, initializers }));
  });

  it('finds a GRN with channels first', async () => {
    await assertIsGrn(grnModel({ channelsFirst: true }));
    assert.is(only(grnModel({ channelsFirst: true })).channelAxis, 1);
  });

  it('scales epsilon where the norm is the root of a mean of squares', async () => {
    const response = [
      node('Mul', ['x', 'x'], ['squares']),
      node('ReduceMean', ['squares', 'space_axes'], ['means']),
      node('Sqrt', ['means'], ['gx']),
      ...MEAN_AND_DIVISION,
    ];
    const model = grnModel({ response });
    assert.ok(Math.abs(only(model).epsilon - EPSILON * Math.sqrt(12)) < 1e-8);
    await assertSameOutputs(model, rewritten(model, rewriteGrn).model);
  });

  it('finds the GRNs that real exporters write, one per block', async () => {
    for (const name of fixtureNames()) {
      const { grns, leftAlone } = findGrns(new GraphEditor(await readFixture(name)));
      const blocks = name.includes('official') ? 3 : name.includes('timm') ? 4 : 0;
      assert.is(grns.length, blocks, name);
      assert.equal(leftAlone, [], name);
    }
  });

  it('leaves a norm alone that is taken over the channels, with a reason', () => {
    const response = [node('ReduceL2', ['x', 'channel_axis'], ['gx']), ...MEAN_AND_DIVISION];
    assert.equal(reasonsFor(grnModel({ response })), ['the mean of its norms is not taken over the channels alone']);
  });

  it('leaves a mean over the tokens too alone, with a reason', () => {
    const response = [
      node('ReduceL2', ['x', 'row_axis'], ['gx']),
      node('ReduceMean', ['gx', 'two_axes'], ['mean']),
      ...MEAN_AND_DIVISION.slice(1),
    ];
    const initializers = [int64s('row_axis', [1]), int64s('two_axes', [2, 3])];
    assert.equal(reasonsFor(grnModel({ response, initializers })), [
      'the mean of its norms is not taken over the channels alone',
    ]);
  });

  it('leaves a norm that is divided by its maximum alone, with a reason', () => {
    const response = [
      node('ReduceL2', ['x', 'space_axes'], ['gx']),
      node('ReduceMax', ['gx', 'channel_axis'], ['max']),
      node('Add', ['max', 'eps'], ['divisor']),
      node('Div', ['gx', 'divisor'], ['nx']),
    ];
    assert.equal(reasonsFor(grnModel({ response })), [
      'its norm is not divided by the mean of the norms plus a constant',
    ]);
  });

  it('leaves a norm that is averaged and not divided alone, with a reason', () => {
    const response = [
      node('ReduceL2', ['x', 'space_axes'], ['gx']),
      node('ReduceMean', ['gx', 'channel_axis'], ['mean']),
      node('Sub', ['gx', 'mean'], ['nx']),
    ];
    assert.equal(reasonsFor(grnModel({ response })), ['its norm is averaged, but not divided by that mean']);
  });

  it('leaves a response alone that scales something else, with a reason', () => {
    const tail = [node('Tanh', ['x'], ['other']), node('Mul', ['other', 'nx'], ['y'])];
    assert.equal(reasonsFor(grnModel({ tail })), ['its norm scales something else than the value it was taken of']);
  });

  it('leaves a response alone that is used twice, with a reason', () => {
    const tail = [...OFFICIAL_TAIL.slice(0, 3), node('Add', ['shifted', 'x'], ['sum']), node('Tanh', ['nx'], ['t'])];
    const model = grnModel({ tail: [...tail, node('Mul', ['sum', 't'], ['y'])] });
    assert.equal(reasonsFor(model), ['what its norm scales is used in more than one way']);
  });

  it('ends a GRN where a constant differs from token to token', () => {
    const tail = [node('Mul', ['x', 'nx'], ['xn']), node('Mul', ['xn', 'map'], ['y'])];
    const initializers = [floats('map', [4, 3, 1])];
    // What can be understood of it is x * nx, which the map scales: a GRN of gamma 1 without x and beta.
    const { scale, gain, result } = only(grnModel({ tail, initializers }));
    assert.equal([scale[0], gain[0], result], [0, 1, 'xn']);
  });

  it('is not taken in by norms and means of other layers', () => {
    const behind = [node('ReduceL2', ['y', 'channel_axis'], ['length']), node('Div', ['y', 'length'], ['out'])];
    const { grns, leftAlone } = findGrns(new GraphEditor(grnModel({ behind })));
    assert.equal([grns.length, leftAlone.length], [1, 0]);
  });
});
