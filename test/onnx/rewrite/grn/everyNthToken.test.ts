import { create } from '@bufbuild/protobuf';
import * as assert from 'uvu/assert';
import { type ModelProto, TensorShapeProto_DimensionSchema } from '../../../../src/onnx/generated/onnx_pb.ts';
import type { Pass, PassReport } from '../../../../src/onnx/rewrite/pass.ts';
import { grnEveryNthToken } from '../../../../src/onnx/rewrite/grn/everyNthToken.ts';
import { rewriteGrn } from '../../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import { describe } from '../../../describe.ts';
import { floats, int64s, node } from '../../build.ts';
import { assertSameOutputs, operatorCounts, outputsOf, rewritten } from '../run.ts';
import { grnModel, type GrnModelOptions, grnOf, randomNumbers } from './grnModel.ts';

const CHANNELS = 3;
const MAP: GrnModelOptions = { height: 16, width: 20, channels: CHANNELS };
const TOKENS = 16 * 20;

/** A GRN of a matrix, which was a map further in front. */
const MATRIX: GrnModelOptions = {
  ...MAP,
  response: [
    node('Reshape', ['x', 'matrix'], ['rows']),
    node('Gelu', ['rows'], ['a']),
    node('ReduceL2', ['a', 'first_axis'], ['gx']),
    node('ReduceMean', ['gx', 'channel_axis'], ['mean']),
    node('Add', ['mean', 'eps'], ['divisor']),
    node('Div', ['gx', 'divisor'], ['nx']),
  ],
  tail: [node('Mul', ['a', 'nx'], ['an']), node('Mul', ['an', 'flat'], ['scaled'])],
  behind: [node('Reshape', ['scaled', 'map'], ['out'])],
  initializers: [
    floats('flat', [CHANNELS], [1, 2, 3]),
    int64s('matrix', [TOKENS, CHANNELS]),
    int64s('first_axis', [0]),
    int64s('map', [1, 16, 20, CHANNELS]),
  ],
};

/** Every fourth token, its row shifted by two in odd rows: written down apart from the product's lattice. */
function everyFourth(): number[] {
  const tokens: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    for (let column = row % 2 === 0 ? 0 : 2; column < 20; column += 4) {
      tokens.push(row * 20 + column);
    }
  }
  return tokens;
}

function applied(model: ModelProto, ...passes: readonly Pass[]): { model: ModelProto; report: PassReport | undefined } {
  const { model: after, reports } = rewritten(model, ...passes);
  return { model: after, report: reports.at(-1) };
}

async function assertIsSampled(model: ModelProto): Promise<void> {
  const outputs = await outputsOf(model);
  const y = outputs.get('y')?.data;
  const x = randomNumbers(1, TOKENS * CHANNELS).map(Math.fround);
  const wanted = grnOf(x, CHANNELS, everyFourth());
  const exact = grnOf(x, CHANNELS);
  assert.ok(wanted.some((number, at) => Math.abs(number - (exact[at] ?? 0)) > 1e-3));
  wanted.forEach((number, at) => {
    assert.ok(Math.abs(Number(y?.[at]) - number) < 1e-5, `${at}: ${y?.[at]} instead of ${number}`);
  });
}

describe('grnEveryNthToken', (it) => {
  it('takes the norms from every fourth token, scaled to the same expected sum of squares', async () => {
    const { model, report } = applied(grnModel(MAP), grnEveryNthToken(4));
    assert.equal(report, {
      name: 'grn_token_step_4',
      exact: false,
      rewritten: 1,
      leftAlone: [
        { node: 'Add_y', reason: 'the shift of its GRN stays an addition: its output "y" is an output of the model' },
      ],
    });
    await assertIsSampled(model);
  });

  it('does the same behind rewriteGrn', async () => {
    await assertIsSampled(applied(grnModel(MAP), rewriteGrn, grnEveryNthToken(4)).model);
  });

  it('is the exact GRN when the tokens it takes are like all others', async () => {
    const same = [node('ReduceMax', ['x', 'space_axes'], ['top']), node('Expand', ['top', 'full'], ['a'])];
    const response = MATRIX.response?.slice(2) ?? [];
    const model = grnModel({
      ...MAP,
      response: [...same, node('ReduceL2', ['a', 'space_axes'], ['gx']), ...response.slice(1)],
      tail: [node('Mul', ['a', 'nx'], ['y'])],
      initializers: [int64s('full', [1, 16, 20, CHANNELS])],
    });
    const { model: after, report } = applied(model, grnEveryNthToken(4));
    assert.is(report?.rewritten, 1);
    await assertSameOutputs(model, after);
  });

  it('finds height and width of a matrix of tokens further in front', async () => {
    const { model, report } = applied(grnModel(MATRIX), grnEveryNthToken(4));
    assert.equal([report?.rewritten, report?.leftAlone], [1, []]);
    assert.is(operatorCounts(model)['Gather'], 1);
    const tokens = model.graph?.initializer.find(({ name }) => name.startsWith('grn_tokens'));
    assert.equal(
      [...new BigInt64Array(tokens?.rawData.slice().buffer ?? new ArrayBuffer(0))].map(Number),
      everyFourth(),
    );
  });

  it('leaves a GRN alone whose norms come from a sample already, with the reason', () => {
    const { report } = applied(grnModel(MAP), grnEveryNthToken(4), grnEveryNthToken(2));
    assert.equal(report?.leftAlone, [
      {
        node: 'node_grn_response',
        reason: 'no global response normalisation: its norm is taken of a part of the values',
      },
    ]);
  });

  it('leaves a GRN of fewer than 256 tokens exact, with the reason', async () => {
    const model = grnModel({ ...MAP, height: 15, width: 17 });
    const { model: after, report } = applied(model, grnEveryNthToken(4));
    assert.equal(report?.leftAlone, [{ node: 'Add_y', reason: 'it has 255 tokens, fewer than 256' }]);
    await assertSameOutputs(model, after);
  });

  it('leaves channels first and free batches alone, with the reason', () => {
    for (const options of [{ channelsFirst: true }, { batch: 'n' }]) {
      const { report } = applied(grnModel({ ...MAP, ...options }), grnEveryNthToken(2));
      assert.match(report?.leftAlone[0]?.reason ?? '', /^its tokens are not the rows of one matrix/);
    }
  });

  it('leaves tokens alone that never were a map', () => {
    const [, ...rest] = MATRIX.response ?? [];
    const model = grnModel({ ...MATRIX, response: [node('Identity', ['x'], ['rows']), ...rest] });
    const type = model.graph?.input[0]?.type?.value;
    if (type?.case === 'tensorType') {
      type.value.shape?.dim.splice(0, 4, ...[TOKENS, CHANNELS].map((size) => sized(size)));
    }
    const { report } = applied(model, grnEveryNthToken(4));
    assert.equal(
      report?.leftAlone.map(({ reason }) => reason),
      ['the height and width of its map are not known'],
    );
  });
});

function sized(size: number) {
  return create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } });
}
