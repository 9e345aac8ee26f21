import * as assert from 'uvu/assert';
import { GraphEditor } from '../../../../src/onnx/rewrite/graphEditor.ts';
import { freezeGrn, grnTaps } from '../../../../src/onnx/rewrite/grn/freezeGrn.ts';
import { rewriteGrn } from '../../../../src/onnx/rewrite/grn/rewriteGrn.ts';
import type { Pass } from '../../../../src/onnx/rewrite/pass.ts';
import { describe } from '../../../describe.ts';
import { floats, node } from '../../build.ts';
import { assertSameOutputs, fixtureNames, operatorCounts, outputsOf, readFixture, rewritten } from '../run.ts';
import { grnModel, type GrnModelOptions, grnParameters, randomNumbers } from './grnModel.ts';

const CHANNELS = 5;
const OUTPUTS = 4;
const MEANS = Float64Array.of(0.5, 2, 1, 0, 1.25);

const WEIGHT = randomNumbers(21, CHANNELS * OUTPUTS).map(Math.fround);
const BIAS = randomNumbers(22, OUTPUTS).map(Math.fround);

const LINEAR: GrnModelOptions = {
  behind: [node('MatMul', ['y', 'weight'], ['product']), node('Add', ['product', 'bias'], ['out'])],
  outDims: [1, 4, 3, OUTPUTS],
  initializers: [floats('weight', [CHANNELS, OUTPUTS], WEIGHT), floats('bias', [OUTPUTS], BIAS)],
};

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? Number.NaN;
}

/** `x * (1 + gamma * mean) + beta` through the linear layer, in float64. */
function frozenOutput(x: readonly number[]): number[] {
  const { gamma, beta } = grnParameters(CHANNELS);
  return Array.from({ length: (x.length / CHANNELS) * OUTPUTS }, (_, position) => {
    const token = Math.floor(position / OUTPUTS);
    const output = position % OUTPUTS;
    const parts = gamma.map((weight, channel) => {
      const y = at(x, token * CHANNELS + channel) * (1 + weight * at(MEANS, channel)) + at(beta, channel);
      return y * at(WEIGHT, channel * OUTPUTS + output);
    });
    return parts.reduce((sum, part) => sum + part, at(BIAS, output));
  });
}

describe('freezeGrn', (it) => {
  for (const [when, before] of Object.entries<readonly Pass[]>({ 'as exported': [], rewritten: [rewriteGrn] })) {
    it(`folds the mean factor of a GRN ${when} into the linear layer behind it`, async () => {
      const prepared = rewritten(grnModel(LINEAR), ...before).model;
      const [tap, ...others] = grnTaps(new GraphEditor(prepared));
      assert.is(others.length, 0);
      const { model, reports } = rewritten(
        prepared,
        freezeGrn((value) => (value === tap?.value ? MEANS : undefined)),
      );
      assert.equal(reports, [{ name: 'freeze_grn', exact: false, rewritten: 1, leftAlone: [] }]);
      assert.is(operatorCounts(model)['Sqrt'] ?? operatorCounts(model)['ReduceL2'], undefined);
      const out = (await outputsOf(model)).get('out')?.data;
      frozenOutput(randomNumbers(1, 60).map(Math.fround)).forEach((wanted, index) => {
        assert.ok(Math.abs(Number(out?.[index]) - wanted) < 1e-5, `${index}: ${out?.[index]} instead of ${wanted}`);
      });
    });
  }

  it('leaves nothing of the GRN but the linear layer', () => {
    const { model } = rewritten(
      grnModel(LINEAR),
      freezeGrn(() => MEANS),
    );
    assert.equal(operatorCounts(model), { MatMul: 1, Add: 1 });
  });

  it('keeps the outputs for an image whose responses are the means themselves', async () => {
    const original = grnModel(LINEAR);
    const [tap] = grnTaps(new GraphEditor(original));
    const tapped = grnModel({
      ...LINEAR,
      tail: [],
      behind: [node('Identity', ['nx'], ['out'])],
      outDims: [1, 1, 1, 5],
    });
    assert.equal(tap, { value: 'nx', channelAxis: 3 });
    const responses = (await outputsOf(tapped)).get('out')?.data;
    const means = Float64Array.from(MEANS, (_, channel) => Number(responses?.[channel]));
    await assertSameOutputs(
      original,
      rewritten(
        original,
        freezeGrn(() => means),
      ).model,
    );
  });

  it('taps the response of every GRN that real exporters write, along its channels', async () => {
    for (const name of fixtureNames().filter((file) => file.startsWith('convnextv2'))) {
      const graph = new GraphEditor(await readFixture(name));
      const taps = grnTaps(graph);
      assert.is(taps.length, name.includes('official') ? 3 : 4, name);
      for (const { value, channelAxis } of taps) {
        const shape = graph.shape(value) ?? [];
        assert.is(
          shape[channelAxis],
          shape.reduce((product, size) => product * size, 1),
          name,
        );
        assert.ok((shape[channelAxis] ?? 0) > 1, name);
      }
    }
  });

  it('leaves a GRN alone whose means are missing, not finite or of another number, with the reason', () => {
    for (const means of [undefined, Float64Array.of(1, 2), MEANS.map(() => Number.NaN)]) {
      const { model, reports } = rewritten(
        grnModel(LINEAR),
        freezeGrn(() => means),
      );
      assert.equal(reports[0]?.leftAlone, [
        { node: 'Add_y', reason: 'calibration has no finite mean of its response "nx"' },
      ]);
      assert.is(reports[0]?.rewritten, 0);
      assert.is(operatorCounts(model)['ReduceL2'], 1);
    }
  });

  it('freezes a GRN that no linear layer follows to a factor and a shift, and says so', async () => {
    const { model, reports } = rewritten(
      grnModel(),
      freezeGrn(() => MEANS),
    );
    assert.match(reports[0]?.leftAlone[0]?.reason ?? '', /^its frozen factor stays a multiplication: /);
    assert.equal(operatorCounts(model), { Mul: 1, Add: 1 });
    const { gamma, beta } = grnParameters(CHANNELS);
    const y = (await outputsOf(model)).get('y')?.data;
    randomNumbers(1, 60).forEach((x, index) => {
      const channel = index % CHANNELS;
      const wanted = x * (1 + (gamma[channel] ?? 0) * (MEANS[channel] ?? 0)) + (beta[channel] ?? 0);
      assert.ok(Math.abs(Number(y?.[index]) - wanted) < 1e-6);
    });
  });
});
