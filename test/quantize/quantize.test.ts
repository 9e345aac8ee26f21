import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Recipe } from '../../src/records/recipe.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { QuantizePhase } from '../../src/quantize/job.ts';
import { quantizeModel } from '../../src/quantize/quantize.ts';
import { worstLayers } from '../../src/quantize/worstLayers.ts';
import { inTempDir } from '../datasets/fixtures.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { jobOf } from './noiseJob.ts';
import { answers, sqnrDb } from './quantizeSmall.ts';

const fixture = (name: string): string => new URL(`../fixtures/exporters/${name}.onnx`, import.meta.url).pathname;
const CONVNEXT = fixture('convnextv2-official.dynamo.opset20.fixed');

async function outputsOf(path: string) {
  return await answers((await readModel(path)).model);
}

describe('quantizeModel', (it) => {
  it('makes a fused INT8 file that answers as the float model does, and tells every phase', async () => {
    await inTempDir(async (dir) => {
      const job = await jobOf(dir, CONVNEXT);
      const phases = new Set<QuantizePhase>();
      const made = await quantizeModel(job, (phase) => phases.add(phase));
      assert.equal([...phases].toSorted(), ['calibrate', 'profile', 'prove', 'rewrite', 'write']);
      const { model } = await readModel(job.outPath);
      const [output = ''] = model.graph?.output.map(({ name }) => name) ?? [];
      assert.ok((made.kernels['QGemm'] ?? 0) > 0, JSON.stringify(made.kernels));
      assert.is(made.sha256, (await readModel(job.outPath)).sha256);
      assert.is(model.metadataProps.find(({ key }) => key === 'beltbench.test')?.value, 'yes');
      // Widths of 8 and 16 channels average little of the rounding; larger networks reach more.
      const sqnr = sqnrDb(await outputsOf(CONVNEXT), await outputsOf(job.outPath), output);
      assert.ok(sqnr > 15, `${sqnr} dB`);
    });
  });

  const variants: readonly [string, Partial<Recipe>][] = [
    ['SmoothQuant and corrected biases', { smooth_quant: 0.5, bias_correction: true, calibration: 'percentile_99.99' }],
    ['a frozen GRN and the tanh GELU', { grn: 'frozen', gelu: 'tanh' }],
    ['integers between the layers', { between_linears: 'u8', depthwise: 'int8' }],
    ['dynamic linear layers', { linears: 'dynamic' }],
  ];
  for (const [name, changes] of variants) {
    it(`follows a recipe with ${name}`, async () => {
      await inTempDir(async (dir) => {
        const job = await jobOf(dir, CONVNEXT, changes);
        await quantizeModel(job, () => undefined);
        const { model } = await readModel(job.outPath);
        const [output = ''] = model.graph?.output.map(({ name: outputName }) => outputName) ?? [];
        const sqnr = sqnrDb(await outputsOf(CONVNEXT), await outputsOf(job.outPath), output);
        assert.ok(sqnr > 8, `${sqnr} dB`);
      });
    });
  }

  it('refuses in one line what is quantized already, and leaves no file', async () => {
    await inTempDir(async (dir) => {
      const job = await jobOf(dir, CONVNEXT);
      await quantizeModel(job, () => undefined);
      const again = { ...job, modelPath: job.outPath, outPath: join(dir, 'again.onnx') };
      await rejects(() => quantizeModel(again, () => undefined), /is quantized already/);
      assert.not(existsSync(again.outPath));
    });
  });

  it('ranks the layers by what their rounding costs', async () => {
    await inTempDir(async (dir) => {
      const job = await jobOf(dir, CONVNEXT);
      const phases = new Set<string>();
      const worst = await worstLayers(job, (phase) => phases.add(phase));
      assert.equal([...phases], ['rewrite', 'calibrate', 'rank'], 'where it can be stopped');
      const { leftFloat } = await quantizeModel(
        { ...job, recipe: { ...job.recipe, keep_float: worst.slice(0, 1) } },
        () => undefined,
      );
      assert.ok(leftFloat.some(({ node }) => node === worst[0]));
    });
  });
});
