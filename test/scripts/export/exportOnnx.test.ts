import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runInspect } from '../../../src/cli/commands/inspect.ts';
import { loadModelCard } from '../../../src/config/modelCard.ts';
import { studySchema } from '../../../src/config/studySchema.ts';
import { describe } from '../../describe.ts';
import { withLine } from '../../cli/line.ts';

/** What drive.py prints: what the script did with each of its checkpoints. */
interface Driven {
  readonly [name: string]: { readonly code: number; readonly stderr: string };
}

const DRIVER = join(import.meta.dirname, 'drive.py');

/** Why the script cannot be tested on this machine; undefined where PyTorch and its company are installed. */
function whyNot(): string | undefined {
  const { status, stderr } = spawnSync('python3', [DRIVER], { encoding: 'utf8' });
  return status === 0 ? undefined : (stderr?.trim().split('\n').at(-1) ?? 'there is no python3');
}

/** Runs the driver once for all tests, and removes what it wrote. */
async function withExports(use: (folder: string, driven: Driven, official: boolean) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'beltbench-export-'));
  try {
    const { status, stdout, stderr } = spawnSync('python3', [DRIVER, folder], { encoding: 'utf8' });
    assert.is(status, 0, stderr);
    const { official, ...driven } = JSON.parse(stdout);
    await use(folder, driven, official);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function inspect(model: string) {
  return await runInspect({ model, check: true });
}

const REFUSED: readonly [string, RegExp][] = [
  ['again', /net\.onnx, net\.model\.yaml, net\.golden\.json exists in .*--force/],
  ['three classes', /resnet18 with 3 classes: of another size: fc\.weight is \[2, 512\] and must be \[3, 512\]/],
  ['code', /pickled\.pt .*it holds code \(torch\.nn\.modules\.linear\.Linear\)/],
  ['text', /text\.pt cannot be read as weights/],
  ['another network', /does not fit timm's resnet34 .*it lacks layer1\.2\.conv1\.weight, .* and \d+ more/],
  ['an unknown network', /timm cannot make resnet19/],
  ['a mean of pixels', /--mean is subtracted after scaling/],
  ['a wrong option', /--scale: must be a positive number or a fraction such as 1\/255, received '0'/],
];

const reason = whyNot();
if (reason !== undefined) {
  process.stdout.write(`scripts/export_onnx.py is not tested here: ${reason}\n`);
} else {
  describe('export_onnx.py', (it) => {
    // One test, because its one run of Python takes most of the time.
    it('writes a model, a card and a golden pair that beltbench takes, or one line and nothing', async () => {
      await withExports(async (folder, driven, official) => {
        assert.equal(driven['fine'], { code: 0, stderr: '' });
        const { document, exitCode, text } = await inspect(join(folder, 'net.onnx'));
        assert.is(exitCode, 0, text);
        assert.match(text, /PASS \(net\.golden\.json\): largest difference \d\.\de-\d/);
        assert.equal(document, { ...Object(document), fixed_batch: 1, opsets: { 'ai.onnx': 20 } });
        await loadsInStudy(folder);

        assert.is(driven['subnormal']?.code, 0);
        assert.match(
          driven['subnormal']?.stderr ?? '',
          /5 weights are subnormal.*\n.*--scale.*\n.*--trained-input-size/,
        );
        assert.match((await inspect(join(folder, 'subnormal.onnx'))).text, /subnormal weights\s+5\s[^]*PASS/);
        assert.match(await readFile(join(folder, 'subnormal.model.yaml'), 'utf8'), /scale: "unknown"\nlayout/);

        assert.is(driven['parity']?.code, 1);
        assert.match(driven['parity']?.stderr ?? '', /PyTorch answers .*tolerance 1e-30.*nothing was written\n$/);
        for (const [name, says] of REFUSED) {
          assert.is(driven[name]?.code, 2, name);
          assert.match(driven[name]?.stderr ?? '', says);
          assert.match(driven[name]?.stderr ?? '', /^export_onnx: [^\n]*\n$/);
        }
        const onnx = (await readdir(folder)).filter((name) => name.startsWith('refused') || name.startsWith('.'));
        assert.equal(onnx, []);
        assert.is(official, true, "ConvNeXt V2 in its authors' layout is the network it was");
      });
    });
  });
}

/** The card says what the script was told, and a study measures the model by it. */
async function loadsInStudy(folder: string): Promise<void> {
  const dataset = { root: 'datasets', classes: { fine: 'fine', defect: 'defect' }, target_class: 'defect' };
  const candidates = [{ id: 'net', card: 'models/net.model.yaml' }];
  const study = studySchema.parse({ story: 'S', dataset: { ...dataset, split: 'val' }, candidates });
  const card = await loadModelCard(join(folder, 'net.model.yaml'), study);
  assert.equal(card.openQuestions, []);
  assert.equal(card.preprocessing, {
    resize: 'shorter_side',
    resizeTo: 36,
    crop: 'center',
    interpolation: 'linear',
    scale: 1 / 255,
    mean: [0.5, 0.4, 0.3],
    std: [0.2, 0.2, 0.25],
    channelOrder: 'rgb',
  });
  assert.equal(card.trainedInputSize, { height: 32, width: 32 });
  await withLine(async (line) => {
    for (const name of ['net.onnx', 'net.model.yaml']) {
      await cp(join(folder, name), line.path('models', name));
    }
    await line.writeStudy({ candidates });
    const { status, stdout, stderr } = await line.cli('evaluate', '--json', '--quiet');
    assert.is(status, 0, stderr);
    assert.is(JSON.parse(stdout).candidates[0].judgement.accuracy.n, 80);
  });
}
