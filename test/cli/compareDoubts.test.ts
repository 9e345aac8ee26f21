import { createHash } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { comparisonSchema } from '../../src/records/comparison.ts';
import { evaluationRecordSchema } from '../../src/records/predictions.ts';
import { quantizationManifestSchema, type QuantizationManifest } from '../../src/records/quantization.ts';
import { LINE_PC, minute, sha, SUBJECT } from '../decide/baseFactories.ts';
import { describe } from '../describe.ts';
import { RECIPE } from '../quantize/recipe.ts';
import { withVariant } from './compareLine.ts';
import { writeCard, type Line } from './line.ts';

async function hashOfFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** What a comparison warns of, by code. */
async function doubtsOf(line: Line): Promise<Map<string, string>> {
  const { status, stderr, stdout } = await line.cli('compare', '--json', '--quiet');
  assert.is(status, 0, stderr);
  const [group] = (JSON.parse(stdout) as { groups: unknown[] }).groups;
  return new Map(comparisonSchema.parse(group).warnings.map(({ code, message }) => [code, message]));
}

async function writeManifest(
  line: Line,
  changes: { sha256: string; source: string; calibratedOn: readonly string[] },
): Promise<void> {
  const manifest: QuantizationManifest = quantizationManifestSchema.parse({
    schema: 'beltbench/quantization',
    version: 1,
    tool_version: '0.1.0',
    runtime: 'onnxruntime-node 1.30.0',
    made_at: minute(0),
    file: 'small.onnx',
    source: { file: 'source.onnx', sha256: changes.source },
    preprocessing: SUBJECT.preprocessing,
    input_size: SUBJECT.input_size,
    recipe: RECIPE,
    calibration: {
      folder: 'datasets/train',
      seed: 1,
      requested: 1,
      images: changes.calibratedOn.map((content_hash) => ({ path: 'a.png', content_hash })),
      sha256: sha('calibration'),
      evaluation_folders: [],
      left_out: [],
      unusable: [],
    },
    model: {
      sha256: changes.sha256,
      size_bytes: 1,
      passes: [],
      kernels: {},
      nodes: [],
      left_float: [],
      int8_multiply_add_share: 1,
      profile: { threads: 1, operators: [] },
      seconds: { rewrite: 0, calibrate: 0, write: 0, prove: 0, profile: 0 },
    },
    host_class: LINE_PC,
    saturation: { result: 'exact', sum: 2_072_640 },
    search: null,
    warnings: [],
  });
  await writeFile(line.path('models', 'small.manifest.json'), JSON.stringify(manifest));
}

describe('the doubts of a comparison', (it) => {
  it('name a variant that was made from another file, or calibrated on the images it is judged on', async () => {
    await withVariant(async (line) => {
      const judgedOn = line.path('datasets', 'val', 'defect', 'defect_000.png');
      await writeManifest(line, {
        sha256: await hashOfFile(line.path('models', 'small.onnx')),
        source: sha('another'),
        calibratedOn: [await hashOfFile(judgedOn), sha('unseen')],
      });
      const doubts = await doubtsOf(line);
      assert.match(doubts.get('other_source') ?? '', /another file than sharp_eyed \(source\.onnx\)/);
      assert.match(doubts.get('calibrated_on_evaluation') ?? '', /^1 image of val served to calibrate it/);
    });
  });

  it('repeat what the cards leave open, of the reference and of its variants', async () => {
    await withVariant(async (line) => {
      await writeCard(line, 'sharp_eyed', { trained_input_size: 'unknown' });
      await writeCard(line, 'small', { scale: 'unknown' });
      const { status, stderr, stdout } = await line.cli('compare', '--json', '--quiet');
      assert.is(status, 0, stderr);
      const [group] = (JSON.parse(stdout) as { groups: unknown[] }).groups;
      const open = comparisonSchema.parse(group).warnings.filter(({ code }) => code === 'open_question');
      assert.equal(
        open.map(({ candidate, message }) => [candidate, message.split('?')[0]]),
        [
          ['sharp_eyed', 'At which input size (pixels) was the model trained'],
          ['small', 'By what are the pixel values 0..255 multiplied (1/255, or 1), and is a mean/std subtracted'],
        ],
      );
    });
  });

  it('are none where the manifest says that all is as it should be', async () => {
    await withVariant(async (line) => {
      await writeManifest(line, {
        sha256: await hashOfFile(line.path('models', 'small.onnx')),
        source: await hashOfFile(line.path('models', 'sharp_eyed.onnx')),
        calibratedOn: [sha('unseen')],
      });
      const doubts = await doubtsOf(line);
      for (const code of ['other_source', 'calibrated_on_evaluation', 'manifest_of_another_file']) {
        assert.not.ok(doubts.has(code), code);
      }
    });
  });

  it('name a manifest of another file', async () => {
    await withVariant(async (line) => {
      await writeManifest(line, { sha256: sha('another'), source: sha('x'), calibratedOn: [sha('unseen')] });
      const doubts = await doubtsOf(line);
      assert.ok(doubts.has('manifest_of_another_file'));
      assert.not.ok(doubts.has('other_source'));
    });
  });

  it('name predictions from a CPU with other instruction sets, which are left out', async () => {
    await withVariant(async (line) => {
      await line.cli('compare', '--quiet');
      const runs = line.path('reports', 'runs');
      const own = (await readdir(runs)).find((name) => name.startsWith('evaluation-small-')) ?? '';
      const elsewhere = `${own}-elsewhere`;
      await cp(line.path('reports', 'runs', own), line.path('reports', 'runs', elsewhere), { recursive: true });
      const path = line.path('reports', 'runs', elsewhere, 'record.json');
      const record = evaluationRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      const changed = { ...record, record_id: elsewhere, isa: ['avx2'], predictions_key: sha('elsewhere') };
      await writeFile(path, JSON.stringify(changed));
      assert.match(
        (await doubtsOf(line)).get('evaluated_elsewhere') ?? '',
        /other instruction sets \(avx2\) are left out/,
      );
    });
  });
});
