import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { quantize } from '../../../src/cli/commands/quantize.ts';
import { QUANTIZE_TOOLS } from '../../../src/cli/quantize/tools.ts';
import { loadStudy } from '../../../src/config/study.ts';
import { auditModel } from '../../../src/onnx/audit.ts';
import { quantizationManifestSchema, type QuantizationManifest } from '../../../src/records/quantization.ts';
import { BeltbenchError } from '../../../src/shared/errors.ts';
import { describe } from '../../describe.ts';
import { finish, withLine, writeModel, type Line } from '../line.ts';
import { rejects } from '../../throws.ts';
import { quietIo } from '../quietIo.ts';
import { quantizeArgs, quantizeHere } from './here.ts';
import { redNet } from './redNet.ts';
import { twinTools } from './twin.ts';

const MADE = ['red.int8.manifest.json', 'red.int8.model.yaml', 'red.int8.onnx'];

/** A line with a model that has something to quantize. */
async function withRedNet(use: (line: Line) => Promise<void>): Promise<void> {
  await withLine(async (line) => {
    await writeModel(line, 'red', redNet());
    await use(line);
  });
}

const calibrate = (line: Line): string[] => ['--calibration', line.path('datasets', 'train')];

async function readManifest(line: Line, name = 'red.int8'): Promise<QuantizationManifest> {
  const text = await readFile(line.path('models', `${name}.manifest.json`), 'utf8');
  return quantizationManifestSchema.parse(JSON.parse(text));
}

async function madeIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('red.int8') || name.startsWith('.')).toSorted();
}

describe('quantize', (it) => {
  it('makes a file that is INT8, a card that a study can name at once, and a manifest that says what made it', async () => {
    await withRedNet(async (line) => {
      const { status, stdout, stderr } = await quantizeHere(line, ...calibrate(line));
      assert.is(status, 0, stderr);
      assert.match(stdout, /2 QLinearConv/);
      assert.match(stdout, /beltbench compare --group red/);
      assert.match(stdout, /- \{ id: red\.int8, card: .*red\.int8\.model\.yaml, group: red \}/);
      assert.equal(await madeIn(line.path('models')), MADE);

      const bytes = await readFile(line.path('models', 'red.int8.onnx'));
      const manifest = await readManifest(line);
      assert.is(manifest.model.sha256, createHash('sha256').update(bytes).digest('hex'));
      assert.is(manifest.model.size_bytes, bytes.length);
      assert.is(manifest.calibration.images.length, 8);
      assert.is(manifest.source.file, 'red.onnx');
      const shares = manifest.model.profile.operators.map(({ share }) => share);
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9, 'the operators share all the time');

      const audit = await auditModel(line.path('models', 'red.int8.onnx'));
      assert.is(audit.multiply_adds.int8_share, manifest.model.int8_multiply_add_share);
      assert.is(audit.metadata['beltbench.calibration_sha256'], manifest.calibration.sha256);
      assert.equal(JSON.parse(audit.metadata['beltbench.recipe'] ?? ''), manifest.recipe);
      const leftFloat = manifest.model.left_float.map(({ node }) => node);
      assert.equal(JSON.parse(audit.metadata['beltbench.left_float'] ?? ''), leftFloat);
      assert.equal(
        manifest.model.nodes.map(({ node }) => node),
        ['Conv_stem', 'Conv_mix', 'GlobalAveragePool_pooled'],
      );
      assert.is(audit.metadata['beltbench.source_sha256'], manifest.source.sha256);

      await line.writeStudy({ candidates: [{ id: 'int8', card: 'models/red.int8.model.yaml' }] });
      const { candidates } = await loadStudy(line.path('beltbench.yaml'));
      assert.is(candidates[0]?.group, 'red');
      const evaluated = await line.cli('evaluate', '--json', '--quiet');
      assert.is(evaluated.status, 0, evaluated.stderr);
      assert.ok(JSON.parse(evaluated.stdout).candidates[0].judgement.accuracy.value > 0.95);
    });
  });

  it('makes the same bytes of the same images and recipe, and of the recipe in its manifest', async () => {
    await withRedNet(async (line) => {
      const first = await quantizeHere(line, ...calibrate(line), '--method', 'mse');
      assert.is(first.status, 0, first.stderr);
      const out = ['--out', line.path('models', 'again.onnx')];
      const recipe = ['--recipe', line.path('models', 'red.int8.manifest.json')];
      const again = await quantizeHere(line, ...calibrate(line), ...out, ...recipe);
      assert.is(again.status, 0, again.stderr);
      assert.is((await readManifest(line, 'again')).model.sha256, (await readManifest(line)).model.sha256);
      assert.is((await readManifest(line, 'again')).recipe.calibration, 'mse');
    });
  });

  it('lays flags over a recipe, and keeps nodes float that it is told to', async () => {
    await withRedNet(async (line) => {
      await quantizeHere(line, ...calibrate(line));
      const recipe = ['--recipe', line.path('models', 'red.int8.manifest.json')];
      const flags = ['--keep-float', 'Conv_stem', '--bias-correction', '--smooth-quant', 'none'];
      const out = ['--out', line.path('models', 'other.onnx')];
      const { status, stderr } = await quantizeHere(line, ...calibrate(line), ...recipe, ...flags, ...out);
      assert.is(status, 0, stderr);
      const made = await readManifest(line, 'other');
      assert.equal(made.recipe.keep_float, ['Conv_stem']);
      assert.ok(made.recipe.bias_correction);
      assert.is(made.model.kernels['QLinearConv'], 1);
      assert.ok(made.model.left_float.some(({ node }) => node === 'Conv_stem'));
    });
  });

  it('keeps images of the study, and of folders beside that are for judging, away from calibration', async () => {
    await withRedNet(async (line) => {
      await cp(line.path('datasets', 'train'), line.path('more'), { recursive: true });
      await cp(line.path('datasets', 'val', 'fine', 'fine_003.png'), line.path('more', 'fine', 'leak.png'));
      await mkdir(line.path('test', 'defect'), { recursive: true });
      await cp(line.path('more', 'defect', 'defect_000.png'), line.path('test', 'defect', 'same.png'));
      await cp(line.path('datasets', 'val', 'defect'), line.path('more', 'extra'), { recursive: true });
      await rm(line.path('more', 'extra', 'defect_001.png'));
      await cp(line.path('models', 'red.onnx'), line.path('more', 'not-an-image.onnx'));
      await writeNoise(line, 'more', 4);
      const { status, stderr } = await quantizeHere(line, '--calibration', line.path('more'));
      assert.is(status, 0, stderr);
      const { left_out: leftOut, images } = (await readManifest(line)).calibration;
      const alsoAt = new Map(leftOut.map(({ path, also_at: at }) => [path, at]));
      assert.equal(alsoAt.get('fine/leak.png'), ['val/fine/fine_003.png']);
      assert.equal(alsoAt.get('defect/defect_000.png'), ['test/defect/same.png']);
      assert.is(leftOut.length, 41);
      assert.is(images.length, 11);
      const hashes = new Set(leftOut.map(({ content_hash: hash }) => hash));
      assert.not.ok(images.some(({ content_hash: hash }) => hashes.has(hash)));
    });
  });

  it('keeps folders for judging within the calibration folder away from calibration, also without a study', async () => {
    await withRedNet(async (line) => {
      await rm(line.path('beltbench.yaml'));
      const { status, stderr } = await quantizeHere(line, '--calibration', line.path('datasets'));
      assert.is(status, 0, stderr);
      const { calibration } = await readManifest(line);
      assert.equal(calibration.evaluation_folders, [line.path('datasets', 'val')]);
      assert.ok(calibration.images.every(({ path }) => path.startsWith('train/')));
      assert.is(calibration.left_out.length, 80);
    });
  });

  it('warns on a host that clips of weights that use their full range, whatever the activations', async () => {
    await withRedNet(async (line) => {
      const { tools } = twinTools({ lostOf: () => 0, ratioOf: () => 1 });
      const clips = { ...tools, probeSaturation: () => Promise.resolve({ result: 'saturates' as const, sum: 1 }) };
      const codesOf = async (changes: object): Promise<string[]> => {
        const args = quantizeArgs(line, { force: true, ...changes });
        const { document } = await quantize(args, quietIo(), clips);
        // The command's own document.
        const { manifest } = document as { manifest: QuantizationManifest };
        return manifest.warnings.map(({ code }) => code);
      };
      for (const activations of ['u8', 's8']) {
        assert.ok((await codesOf({ activations, 'weight-range': 'full' })).includes('may_saturate'), activations);
      }
      assert.not.ok((await codesOf({ activations: 's8', 'weight-range': 'reduced' })).includes('may_saturate'));
    });
  });

  it('works without a study, and says that it knows no images to keep away', async () => {
    await withRedNet(async (line) => {
      await rm(line.path('beltbench.yaml'));
      await cp(line.path('datasets', 'train'), line.path('crops'), { recursive: true });
      const { status, stdout, stderr } = await quantizeHere(line, '--calibration', line.path('crops'), '--json');
      assert.is(status, 0, stderr);
      const { manifest } = JSON.parse(stdout);
      assert.equal(
        manifest.warnings.map(({ code }: { code: string }) => code),
        ['few_calibration_images', 'evaluation_images_unknown'],
      );
    });
  });

  it('warns of layers that say nothing of the images', async () => {
    await withRedNet(async (line) => {
      const args = quantizeArgs(line);
      const { tools } = twinTools({ lostOf: () => 0, ratioOf: () => 1 });
      const quantizeModel: typeof tools.quantizeModel = async (...job) => ({
        ...(await tools.quantizeModel(...job)),
        constantNodes: ['Relu_a', 'Relu_b'],
      });
      await quantize(args, quietIo(), { ...tools, quantizeModel });
      const { warnings } = await readManifest(line);
      assert.match(
        warnings.find(({ code }) => code === 'constant_activations')?.message ?? '',
        /^2 nodes gave the same numbers whatever the calibration image \(first Relu_a\)/,
      );
    });
  });

  it('overwrites with --force, and only what it made itself', async () => {
    await withRedNet(async (line) => {
      for (const name of MADE) {
        await writeFile(line.path('models', name), 'old');
      }
      const { status, stderr } = await quantizeHere(line, ...calibrate(line), '--force');
      assert.is(status, 0, stderr);
      assert.equal(await madeIn(line.path('models')), MADE);
      await readManifest(line);
    });
  });

  it('takes up where a run was killed between its last steps', async () => {
    await withRedNet(async (line) => {
      await quantizeHere(line, ...calibrate(line));
      await rm(line.path('models', 'red.int8.onnx'));
      const { status, stderr } = await quantizeHere(line, ...calibrate(line));
      assert.is(status, 0, stderr);
      assert.equal(await madeIn(line.path('models')), MADE);
    });
  });
});

/** Flat images that stand nowhere else. */
async function writeNoise(line: Line, folder: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const noise = { type: 'gaussian' as const, mean: 50 + 40 * index, sigma: 20 };
    await sharp({ create: { width: 16, height: 16, channels: 3, background: 'black', noise } })
      .png()
      .toFile(line.path(folder, `noise_${index}.png`));
  }
}

describe('quantize that does not come to its end', (it) => {
  it('leaves nothing of a file that is not fused, and the old one as it was', async () => {
    await withRedNet(async (line) => {
      await writeFile(line.path('models', 'red.int8.onnx'), 'old');
      const args = quantizeArgs(line, { force: true });
      const tools = {
        ...QUANTIZE_TOOLS,
        quantizeModel: async ({ outPath }: { outPath: string }) => {
          await writeFile(outPath, 'half');
          throw new BeltbenchError('bad_model', 'not fused');
        },
      };
      await rejects(() => quantize(args, quietIo(), tools), /^not fused$/);
      assert.equal(await madeIn(line.path('models')), ['red.int8.onnx']);
      assert.is(await readFile(line.path('models', 'red.int8.onnx'), 'utf8'), 'old');
    });
  });

  it('(Ctrl-C) says so, and leaves nothing', async () => {
    await withRedNet(async (line) => {
      const stop = new AbortController();
      const args = quantizeArgs(line);
      const tools = {
        ...QUANTIZE_TOOLS,
        quantizeModel: async (...[job, onProgress]: Parameters<typeof QUANTIZE_TOOLS.quantizeModel>) =>
          await QUANTIZE_TOOLS.quantizeModel(job, (phase, done, total) => {
            if (phase === 'calibrate') {
              stop.abort();
            }
            onProgress(phase, done, total);
          }),
      };
      await rejects(() => quantize(args, quietIo(stop.signal), tools), /interrupted; nothing was written/);
      assert.equal(await madeIn(line.path('models')), []);
    });
  });

  it('(kill -9) leaves only what the next run removes', async () => {
    await withRedNet(async (line) => {
      const child = line.start('quantize', 'models/red.onnx', '--calibration', 'datasets/train', '--quiet');
      const ended = finish(child);
      for (let tries = 0; tries < 1000 && (await madeIn(line.path('models'))).length === 0; tries += 1) {
        await sleep(10);
      }
      child.kill('SIGKILL');
      await ended;
      assert.match((await madeIn(line.path('models'))).join(), /^\.tmp-[^,]*$/);
      const { status, stderr } = await quantizeHere(line, ...calibrate(line));
      assert.is(status, 0, stderr);
      assert.equal(await madeIn(line.path('models')), MADE);
    });
  });

  it('(the disk is full) is one line, and leaves nothing', async () => {
    await withRedNet(async (line) => {
      const args = ['models/red.onnx', '--calibration', 'datasets/train', '--out', 'reports/red.int8.onnx', '--quiet'];
      const { status, stdout, stderr } = await line.onSmallDisk(8, 'quantize', ...args);
      assert.is(status, 2, stderr);
      assert.is(stderr.trim().split('\n').length, 1, stderr);
      assert.match(stderr, /ENOSPC/);
      assert.is(stdout, '', 'no file is left on that disk');
      assert.not.ok(existsSync(join(line.dir, 'reports', 'red.int8.onnx')));
    });
  });
});
