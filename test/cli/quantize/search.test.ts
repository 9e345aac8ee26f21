import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { quantize } from '../../../src/cli/commands/quantize.ts';
import type { Outcome } from '../../../src/cli/io.ts';
import type { QuantizeArgs } from '../../../src/cli/quantize/args.ts';
import type { QuantizeTools } from '../../../src/cli/quantize/tools.ts';
import { quantizationManifestSchema } from '../../../src/records/quantization.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { BeltbenchError } from '../../../src/shared/errors.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { finish, withLine, writeModel, type Line } from '../line.ts';
import { quietIo } from '../quietIo.ts';
import { quantizeArgs } from './here.ts';
import { redNet } from './redNet.ts';
import { twinTools, type Twin } from './twin.ts';

async function withRedNet(use: (line: Line) => Promise<void>): Promise<void> {
  await withLine(async (line) => {
    await writeModel(line, 'red', redNet());
    await use(line);
  });
}

/** `quantize --search` with a twin of the quantizer; every image counts, latencies are made up. */
async function searchHere(line: Line, tools: QuantizeTools, changes: Partial<QuantizeArgs> = {}): Promise<Outcome> {
  return await quantize(quantizeArgs(line, { search: true, maxAccuracyDrop: 4, ...changes }), quietIo(), tools);
}

interface Searched {
  readonly manifest: unknown;
  readonly search: {
    readonly end: string;
    readonly trials: readonly { readonly recipe: Recipe; readonly status: string; readonly record_id: string }[];
    readonly chosen: string | null;
  };
}

const searched = ({ document }: Outcome): Searched => document as Searched;
const trialsIn = async (line: Line): Promise<string[]> =>
  (await readdir(line.path('models', 'red.int8.search'))).toSorted();

/** Freezing GRN is fastest and loses much, INT8 depthwise is fast and loses nothing. */
const TRADE: Twin = {
  lostOf: ({ grn }) => (grn === 'frozen' ? 20 : 0),
  ratioOf: ({ grn, depthwise }) => 0.5 - (grn === 'frozen' ? 0.2 : 0) - (depthwise === 'int8' ? 0.1 : 0),
};

describe('quantize --search', (it) => {
  it('makes the fastest file that holds the limit, and says why it is the one', async () => {
    await withRedNet(async (line) => {
      const { tools } = twinTools(TRADE);
      const outcome = await searchHere(line, tools, { maxTrials: 7 });
      assert.is(outcome.exitCode, 0);
      const manifest = quantizationManifestSchema.parse(searched(outcome).manifest);
      assert.equal([manifest.recipe.depthwise, manifest.recipe.grn], ['int8', 'exact']);
      assert.is(manifest.search?.trial, searched(outcome).search.chosen);
      assert.match(outcome.text, /Ended: 7 trials are spent/);
      assert.match(outcome.text, /Chosen: trial \d+ \(depthwise int8\), the fastest that holds the limit: 0\.400 of/);
      assert.match(outcome.text, /NOT PROVEN: 0\.00 points is within 4 points, but at 95 % the drop may be anything/);
      assert.match(outcome.text, /Of 40 targets it misses 0, the float model 0\./);
      assert.match(
        outcome.text,
        /7 \* +depthwise int8, grn frozen .*exceeded/,
        'too lossy, and still of the Pareto set',
      );
    });
  });

  it('stops when the target is met, and names the trial in the manifest of the file', async () => {
    await withRedNet(async (line) => {
      const { tools, made } = twinTools(TRADE);
      const outcome = await searchHere(line, tools, { targetP99Ms: 8.1 });
      assert.is(searched(outcome).search.end, 'target_met');
      assert.is(made.at(-1)?.depthwise, 'int8');
      const file = JSON.parse(await readFile(line.path('models', 'red.int8.manifest.json'), 'utf8'));
      assert.is(file.search.target_p99_ms, 8.1);
      assert.ok((await trialsIn(line)).includes(file.search.trial));
    });
  });

  it('writes no file where none holds the limit, keeps the trials, and exits with 1', async () => {
    await withRedNet(async (line) => {
      const { tools } = twinTools({ ...TRADE, lostOf: () => 20 });
      const outcome = await searchHere(line, tools, { maxTrials: 3 });
      assert.is(outcome.exitCode, 1);
      assert.match(outcome.text, /NO TRIAL holds the limit of 4 points, so no file is written/);
      assert.is(searched(outcome).manifest, null);
      assert.not.ok(
        (await readdir(line.path('models'))).some((name) => /^red\.int8\.(onnx|model|manifest)/.test(name)),
      );
      assert.is((await trialsIn(line)).length, 4, 'three trials and the float model');
    });
  });

  it('goes on after it was killed with the trials that are missing, and only with those', async () => {
    await withRedNet(async (line) => {
      const killed = twinTools({ ...TRADE, diesAt: 3 });
      let message = '';
      await searchHere(line, killed.tools, { maxTrials: 4 }).catch((thrown: Error) => {
        message = thrown.message;
      });
      assert.is(message, 'killed');
      const saved = await trialsIn(line);
      assert.is(saved.length, 3, 'two trials and the float model; nothing half-made');
      const again = twinTools(TRADE);
      const outcome = await searchHere(line, again.tools, { maxTrials: 4 });
      assert.is(again.made.length, 3, 'two missing trials and the chosen file');
      assert.equal(
        (await trialsIn(line)).filter((name) => saved.includes(name)),
        saved,
      );
      assert.match(outcome.text, /2 trials taken from an earlier search/);
      const whole = await withFreshSearch(line, { maxTrials: 4 });
      assert.equal(recipesOf(outcome), recipesOf(whole), 'the same way as without the kill');
    });
  });

  it('takes stored trials for another limit, and none for other images', async () => {
    await withRedNet(async (line) => {
      await searchHere(line, twinTools(TRADE).tools, { maxTrials: 2 });
      const other = twinTools(TRADE);
      await searchHere(line, other.tools, { maxTrials: 2, maxAccuracyDrop: 7, force: true });
      assert.is(other.made.length, 1, 'the chosen file alone');
      await rm(line.path('datasets', 'val', 'fine', 'fine_000.png'));
      const changed = twinTools(TRADE);
      await searchHere(line, changed.tools, { maxTrials: 2, force: true });
      assert.is(changed.made.length, 3);
    });
  });

  it('passes by a recipe that makes no file, and does not try it again', async () => {
    await withRedNet(async (line) => {
      const failsOn: Twin['failsOn'] = ({ grn }) =>
        grn === 'every_8th_token' ? new BeltbenchError('bad_model', 'the layer up is not fused') : undefined;
      const outcome = await searchHere(line, twinTools({ ...TRADE, failsOn }).tools, { maxTrials: 3 });
      assert.is(outcome.exitCode, 0);
      assert.match(outcome.text, /grn every_8th_token\s+failed.*the layer up is not fused/);
      const again = twinTools({ ...TRADE, failsOn });
      await searchHere(line, again.tools, { maxTrials: 3, force: true });
      assert.is(again.made.length, 1);
    });
  });

  for (const [code, reason] of [
    ['process_lost', 'the process for trial 2 ended with SIGKILL; run again'],
    ['bad_card', 'the outputs are taken as probabilities'],
  ] as const) {
    it(`passes by a recipe whose trial ends with ${code}, and tries it again the next time`, async () => {
      await withRedNet(async (line) => {
        const failsOn: Twin['failsOn'] = ({ grn }) =>
          grn === 'every_8th_token' ? new BeltbenchError(code, reason) : undefined;
        const outcome = await searchHere(line, twinTools({ ...TRADE, failsOn }).tools, { maxTrials: 3 });
        assert.is(outcome.exitCode, 0);
        assert.match(outcome.text, new RegExp(`grn every_8th_token\\s+failed.*${reason}`));
        const again = twinTools(TRADE);
        await searchHere(line, again.tools, { maxTrials: 3, force: true });
        assert.is(again.made.filter(({ grn }) => grn === 'every_8th_token').length, 1);
      });
    });
  }

  it("ends with the model's own fault where no recipe makes a file", async () => {
    await withRedNet(async (line) => {
      const failsOn = () => new BeltbenchError('bad_model', 'red.onnx is quantized already');
      await rejects(() => searchHere(line, twinTools({ ...TRADE, failsOn }).tools), /^red\.onnx is quantized already$/);
    });
  });

  it('does not keep a full disk for a property of a recipe', async () => {
    await withRedNet(async (line) => {
      const failsOn: Twin['failsOn'] = ({ grn }) =>
        grn === 'frozen' ? new BeltbenchError('cannot_write', 'no space left') : undefined;
      await rejects(() => searchHere(line, twinTools({ ...TRADE, failsOn }).tools), /^no space left$/);
      assert.is((await trialsIn(line)).length, 3, 'the float model and two trials before it');
    });
  });

  it('counts the answers again where the chosen recipe makes another file, and refuses one that loses too much', async () => {
    await withRedNet(async (line) => {
      const fine = twinTools({ ...TRADE, unsteadyFrom: 0 });
      assert.is((await searchHere(line, fine.tools, { maxTrials: 1 })).exitCode, 0);
      const worse = twinTools({ ...TRADE, unsteadyFrom: 10, lostOf: () => 20 });
      await rejects(
        () => searchHere(line, worse.tools, { maxTrials: 1, force: true }),
        /made another file than in its trial .* loses more than 4 points; remove/,
      );
    });
  });

  it('says with --check that the target is missed, or that the images prove nothing', async () => {
    await withRedNet(async (line) => {
      const exitCode = async (changes: Partial<QuantizeArgs>): Promise<number> =>
        (await searchHere(line, twinTools(TRADE).tools, { maxTrials: 1, force: true, ...changes })).exitCode;
      assert.is(await exitCode({ targetP99Ms: 5 }), 0);
      assert.is(await exitCode({ targetP99Ms: 5, check: true }), 1);
      assert.is(await exitCode({ check: true }), 3, '80 images do not prove 4 points');
      assert.is(await exitCode({ check: true, maxAccuracyDrop: 20 }), 0);
    });
  });

  it('says when the chosen file is not faster than the float model, or not proven so', async () => {
    await withRedNet(async (line) => {
      const at = async (ratio: number, check: boolean): Promise<Outcome> =>
        await searchHere(line, twinTools({ ...TRADE, ratioOf: () => ratio }).tools, {
          ...{ maxTrials: 1, maxAccuracyDrop: 20, force: true, check },
          out: line.path('models', `at_${ratio}.onnx`),
        });
      const slower = await at(1.1, false);
      assert.is(slower.exitCode, 0);
      assert.match(slower.text, /NOT FASTER: it takes 1\.100 to 1\.100 of the float model's time/);
      assert.is((await at(1.1, true)).exitCode, 1);
      // The twin's rounds differ by millionths.
      const level = await at(1 - 4e-6, true);
      assert.is(level.exitCode, 3);
      assert.match(level.text, /NOT PROVEN: .* 1\.000 to 1\.000 of the float model's time/);
      const faster = await at(0.5, true);
      assert.is(faster.exitCode, 0);
      assert.not.match(faster.text, /NOT FASTER|NOT PROVEN/);
    });
  });

  it('goes on from another recipe where the first is not fused', async () => {
    await withRedNet(async (line) => {
      const failsOn: Twin['failsOn'] = ({ linears }) =>
        linears === 'static' ? new BeltbenchError('bad_model', 'the layer fc1 is not fused') : undefined;
      const outcome = await searchHere(line, twinTools({ ...TRADE, failsOn }).tools, { maxTrials: 8 });
      assert.is(outcome.exitCode, 0);
      assert.match(outcome.text, /first recipe\s+failed.*the layer fc1 is not fused/);
      const { recipe } = quantizationManifestSchema.parse(searched(outcome).manifest);
      assert.equal([recipe.linears, recipe.depthwise], ['dynamic', 'int8']);
    });
  });

  it('judges on --evaluation where there is no study, and keeps its images away from calibration', async () => {
    await withRedNet(async (line) => {
      await rm(line.path('beltbench.yaml'));
      const { tools } = twinTools(TRADE);
      const outcome = await searchHere(line, tools, {
        study: 'beltbench.yaml',
        evaluation: line.path('datasets', 'val'),
        maxTrials: 1,
      });
      assert.is(outcome.exitCode, 0);
      assert.not.match(outcome.text, /targets it misses/, 'nobody has named a target');
      const manifest = quantizationManifestSchema.parse(searched(outcome).manifest);
      assert.equal(manifest.calibration.evaluation_folders, [line.path('datasets', 'val')]);
    });
  });
});

describe('quantize --search, for real', (it) => {
  it('goes on after kill -9 with the trials that are missing', async () => {
    await withRedNet(async (line) => {
      const command = ['quantize', 'models/red.onnx', '--calibration', 'datasets/train', '--quiet', '--json'];
      const search = ['--search', '--max-accuracy-drop', '10', '--max-trials', '2'];
      const child = line.start(...command, ...search);
      const ended = finish(child);
      const saved = await untilTrials(line, 2);
      child.kill('SIGKILL');
      await ended;
      const times = await Promise.all(saved.map(async (name) => await changedAt(line, name)));
      const { status, stdout, stderr } = await line.cli(...command, ...search);
      assert.is(status, 0, stderr);
      const { search: result, manifest } = JSON.parse(stdout);
      assert.is(result.trials.length, 2);
      assert.ok(saved.includes(result.trials[0].record_id));
      assert.equal(await Promise.all(saved.map(async (name) => await changedAt(line, name))), times);
      assert.ok(manifest.model.kernels.QLinearConv > 0);
      assert.ok(
        (await trialsIn(line)).every((name) => name.startsWith('trial-')),
        'what was half-made is removed',
      );
    });
  });
});

const recipesOf = (outcome: Outcome): Recipe[] => searched(outcome).search.trials.map(({ recipe }) => recipe);

/** The search without anything stored. */
async function withFreshSearch(line: Line, changes: Partial<QuantizeArgs>): Promise<Outcome> {
  await rm(line.path('models', 'red.int8.search'), { recursive: true });
  return await searchHere(line, twinTools(TRADE).tools, { ...changes, force: true });
}

async function untilTrials(line: Line, count: number): Promise<string[]> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const names = await trialsIn(line).catch(() => []);
    const saved = names.filter((name) => name.startsWith('trial-'));
    if (saved.length >= count) {
      return saved;
    }
    await sleep(20);
  }
  throw new Error('no trial was saved within a minute');
}

async function changedAt(line: Line, name: string): Promise<number> {
  return (await stat(line.path('models', 'red.int8.search', name, 'record.json'))).mtimeMs;
}
