import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { listTrialFolders, readHpoTree } from '../../src/store/hpoTree.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { withHpoFolder } from './hpoFolder.ts';

const F1 = (value: number) => ({ 'macro-f1': value });
const PIT = { precision: 0.85, recall: 0.9, f1: 0.875, support: 100 };

describe('readHpoTree (rules.md 1)', (it) => {
  it('reads HPO_DIR/<backbone>/<trial>/metrics.json with per_entity, and benchmark.json beside it', async () => {
    const files = {
      'deberta/trial_0/metrics.json': { ...F1(0.8017), 'macro-f1-span': 0.3154, note: 'text', per_entity: { PIT } },
      'deberta/trial_0/benchmark.json': { batch_1: { mean_ms: 42.3, p95_ms: 50 }, batch_8: { mean_ms: 200 }, runs: 3 },
      'distilbert/trial_0/metrics.json': F1(0.79),
      'study.db': 'none of ours',
    };
    await withHpoFolder(files, async (dir) => {
      const { trials, notes } = await readHpoTree(dir);
      assert.equal(notes, []);
      const [first, second] = trials;
      assert.equal([first?.backbone, first?.trialName], ['deberta', 'trial_0']);
      assert.equal(first?.runs, [
        {
          fold: undefined,
          metrics: { 'macro-f1': 0.8017, 'macro-f1-span': 0.3154 },
          perClass: { PIT },
          notNumbers: { note: 'text' },
        },
      ]);
      assert.equal([first?.latencyMs, first?.benchmarkRuns], [{ 1: 42.3, 8: 200 }, 1]);
      assert.equal([second?.backbone, second?.latencyMs, second?.benchmarkRuns], ['distilbert', {}, 0]);
    });
  });

  it('groups <trial>_foldN by the base name, in the folds’ order, and averages their benchmarks', async () => {
    const folds = Object.fromEntries(
      [10, 2, 0].flatMap((fold) => [
        [`a/trial_3_fold${fold}/metrics.json`, F1(fold / 8)],
        [`a/trial_3_fold${fold}/benchmark.json`, { batch_1: { mean_ms: 10 + fold } }],
      ]),
    );
    await withHpoFolder(folds, async (dir) => {
      const { trials } = await readHpoTree(dir);
      assert.equal(
        trials.map(({ trialName, runs }) => [trialName, runs.map(({ fold }) => fold)]),
        [['trial_3', [0, 2, 10]]],
      );
      assert.equal([trials[0]?.latencyMs, trials[0]?.benchmarkRuns], [{ 1: 14 }, 3]);
      assert.equal(trials[0]?.fields['metrics'], F1(0.5));
    });
  });

  it('takes the benchmark and the model of the trial’s own folder before those of its folds', async () => {
    const files = {
      'a/trial_0/model.onnx': 'ten bytes.',
      'a/trial_0/model.onnx.data': 'and weights',
      'a/trial_0/benchmark.json': { batch_1: { mean_ms: 7 }, benchmark_runs_count: 4 },
      'a/trial_0/trial_meta.json': { hyperparameters: { learning_rate: 3e-5 }, num_parameters: 66_000_000, cost: 2.5 },
      'a/trial_0_fold0/metrics.json': F1(0.9),
      'a/trial_0_fold0/benchmark.json': { batch_1: { mean_ms: 9 } },
      'a/trial_0_fold0/model.onnx': 'x',
    };
    await withHpoFolder(files, async (dir) => {
      const { trials, notes } = await readHpoTree(dir);
      const [only] = trials;
      assert.equal(notes, []);
      assert.equal([only?.latencyMs, only?.benchmarkRuns, only?.sizeBytes], [{ 1: 7 }, 4, 21]);
      assert.equal([only?.parameters, only?.cost], [66_000_000, 2.5]);
      assert.is(only?.modelPath, join(dir, 'a', 'trial_0', 'model.onnx'));
      assert.equal(only?.fields['hyperparameters'], { learning_rate: 3e-5 });
    });
  });

  it('takes the parameter count of a model card before the metadata’s', async () => {
    const files = {
      'a/t/net.onnx': 'x',
      'a/t/net.model.yaml': 'file: net.onnx\nclasses: unknown\ntrained_input_size: 128\nparameters: 11200000\n',
      'a/t/metadata.json': { parameters: 5 },
      'a/t/metrics.json': F1(0.9),
    };
    await withHpoFolder(files, async (dir) => {
      assert.is((await readHpoTree(dir)).trials[0]?.parameters, 11_200_000);
      const [folder] = (await listTrialFolders(dir)).folders;
      assert.is(folder?.cardPath, join(dir, 'a', 't', 'net.model.yaml'));
    });
  });

  it('reads the benchmark from `output.filename`', async () => {
    const files = { 'a/t/metrics.json': F1(0.9), 'a/t/speed.json': { batch_1: { mean_ms: 5 } } };
    await withHpoFolder(files, async (dir) => {
      assert.equal((await readHpoTree(dir)).trials[0]?.latencyMs, {});
      assert.equal((await readHpoTree(dir, { benchmarkFile: 'speed.json' })).trials[0]?.latencyMs, { 1: 5 });
    });
  });
});

describe('a faulty tree', (it) => {
  /** The notes on one folder's files, beside a sound trial. */
  async function notesOn(files: Record<string, unknown>): Promise<{ notes: string; names: string[] }> {
    const found = { notes: '', names: [''] };
    await withHpoFolder({ 'sound/t/metrics.json': F1(0.5), ...files }, async (dir) => {
      const { trials, notes } = await readHpoTree(dir);
      found.notes = notes.join('\n').replaceAll(dir, 'DIR');
      found.names = trials.map(({ backbone, trialName }) => `${backbone}/${trialName}`);
    });
    return found;
  }

  it('loses a trial whose metrics.json is cut off, no object, not UTF-8, too large or missing', async () => {
    for (const [content, note] of [
      ['{"macro-f1": 0.8', /DIR\/a\/trial_0\/metrics\.json is no JSON object \(cut off\?\)/],
      ['[1, 2]', /is no JSON object/],
      ['', /is no JSON object/],
      ['['.repeat(500_000), /is no JSON object/],
      [' '.repeat(2 ** 20 + 1), /has 1048577 bytes, and at most 1048576 are read/],
    ] as const) {
      const { notes, names } = await notesOn({ 'a/trial_0/metrics.json': content });
      assert.match(notes, note);
      assert.equal(names, ['sound/t']);
    }
    assert.match(
      (await notesOn({ 'a/trial_0/model.onnx': 'x' })).notes,
      /DIR\/a\/trial_0 is left out: it holds no metrics/,
    );
    const cases = {
      'a/run_b/x.json': {},
      'z/cfg7/benchmark.json': { batch_1: { mean_ms: 9 } },
      'a/logs/events.txt': 'x',
    };
    const { notes, names } = await notesOn({ ...cases, 'a/empty/inner/file': 'x' });
    assert.equal(names, ['sound/t']);
    assert.equal(
      notes.split('\n'),
      ['a/logs', 'a/run_b', 'z/cfg7'].map((path) => `DIR/${path} is left out: it holds no metrics.json`),
    );
  });

  it('notes a fold without metrics.json, and counts it', async () => {
    const files = {
      'a/t_fold1/metrics.json': F1(0.9),
      'a/t_fold2/metrics.json': F1(0.8),
      'a/t_fold3/other.json': {},
    };
    await withHpoFolder(files, async (dir) => {
      const { trials, notes } = await readHpoTree(dir);
      assert.equal(notes, [
        `${join(dir, 'a', 't_fold3')} is left out of the mean over the folds: it holds no metrics.json`,
      ]);
      assert.equal([trials[0]?.runs.length, trials[0]?.foldsFound], [2, [1, 2, 3]]);
    });
  });

  it('says where a latency stands for some of the folds only, or for folds of different conditions', async () => {
    const ours = (mean: number, host: string) => ({
      batch_1: { mean_ms: mean },
      key_parts: { benchmark_config: 'c', host_class: host },
    });
    const files = {
      'a/t_fold1/metrics.json': F1(0.9),
      'a/t_fold1/benchmark.json': ours(4, 'line'),
      'a/t_fold2/metrics.json': F1(0.8),
    };
    assert.is(
      (await notesOn(files)).notes,
      'a/t: its latency is of 1 of 2 folds (fold 1), because the others have no benchmark',
    );
    assert.is(
      (await notesOn({ ...files, 'a/t_fold2/benchmark.json': ours(5, 'laptop') })).notes,
      'a/t: the benchmarks of its folds were taken on different machines or with different settings',
    );
    assert.is((await notesOn({ ...files, 'a/t/benchmark.json': ours(5, 'line') })).notes, '', 'the trial has its own');
  });

  it('keeps what is no number apart from the metrics', async () => {
    await withHpoFolder({ 'a/t/metrics.json': { 'macro-f1': '0.99', loss: 1 } }, async (dir) => {
      const [run] = (await readHpoTree(dir)).trials[0]?.runs ?? [];
      assert.equal([run?.metrics, run?.notNumbers], [{ loss: 1 }, { 'macro-f1': '0.99' }]);
    });
  });

  it('counts a benchmark that failed or was interrupted as none', async () => {
    for (const [status, latency] of [
      ['failed', {}],
      ['running', {}],
      ['finished', { 1: 3 }],
      [null, { 1: 3 }],
    ] as const) {
      const files = { 'a/t/metrics.json': F1(0.9), 'a/t/benchmark.json': { status, batch_1: { mean_ms: 3 } } };
      await withHpoFolder(files, async (dir) => {
        const { trials, notes } = await readHpoTree(dir);
        assert.equal(trials[0]?.latencyMs, latency, `${status}`);
        assert.is(notes.length, 1 in latency ? 0 : 1);
        assert.match(notes[0] ?? '`status`', /`status`/);
      });
    }
  });

  it('keeps a bare NaN of Python as one', async () => {
    await withHpoFolder({ 'a/t/metrics.json': '{"macro-f1": NaN, "loss": -Infinity}' }, async (dir) => {
      const [run] = (await readHpoTree(dir)).trials[0]?.runs ?? [];
      assert.equal(run?.metrics, { 'macro-f1': Number.NaN, loss: Number.NEGATIVE_INFINITY });
    });
  });

  it('counts a benchmark without batch_1, or with a latency of nothing, as none', async () => {
    for (const benchmark of [
      { batch_8: { mean_ms: 60 } },
      { batch_1: {} },
      { batch_1: { mean_ms: 0 } },
      { batch_1: 5 },
    ]) {
      const { notes, names } = await notesOn({ 'a/t/metrics.json': F1(0.9), 'a/t/benchmark.json': benchmark });
      assert.match(notes, /^DIR\/a\/t\/benchmark\.json counts as no benchmark: `batch_1/);
      assert.equal(names, ['a/t', 'sound/t']);
    }
  });

  it('keeps the metrics where only the per-class figures are unusable', async () => {
    const { notes, names } = await notesOn({ 'a/t/metrics.json': { ...F1(0.9), per_entity: { PIT: 0.9 } } });
    assert.match(notes, /has no usable per-class figures: `per_entity\.PIT`/);
    assert.equal(names, ['a/t', 'sound/t']);
  });

  it('says which of two trials of one name counts', async () => {
    const twice = await notesOn({
      'a/t/metrics.json': F1(0.99),
      'a/t_fold0/metrics.json': F1(0.8),
      'a/t_fold1/metrics.json': F1(0.7),
      'a/t_fold01/metrics.json': F1(0.1),
    });
    assert.equal(twice.names, ['a/t', 'sound/t']);
    assert.match(twice.notes, /DIR\/a\/t stands twice, as itself and as folds: the folds count/);
    assert.match(twice.notes, /DIR\/a\/t_fold1 is left out: t_fold01 is fold 1 already/);
  });

  it('takes no model where several have no telling name', async () => {
    const { notes } = await notesOn({ 'a/t/metrics.json': F1(0.9), 'a/t/x.onnx': '', 'a/t/y.onnx': '' });
    assert.match(notes, /DIR\/a\/t holds 2 ONNX files and none is called model\.onnx/);
  });

  it('does not follow symbolic links out of it, neither folders nor files', async () => {
    await withHpoFolder({ 'out/t/metrics.json': F1(0.99), 'out/t/benchmark.json': {} }, async (outside) => {
      await withHpoFolder({ 'a/t/metrics.json': F1(0.5) }, async (dir) => {
        await symlink(join(outside, 'out'), join(dir, 'linked'));
        await symlink(join(outside, 'out', 't'), join(dir, 'a', 'linked'));
        await symlink(join(outside, 'out', 't', 'benchmark.json'), join(dir, 'a', 't', 'benchmark.json'));
        const { trials, notes } = await readHpoTree(dir);
        assert.equal(trials.length, 1);
        assert.is(notes.filter((note) => note.endsWith('is a symbolic link, which is not followed')).length, 3);
      });
    });
  });

  it('with hostile names is read like any other', async () => {
    const names = ['__proto__', 'constructor', '\u001B[2J', 'a\nb', '\u202Eevil', '%2e%2e'];
    const files = Object.fromEntries(names.map((name) => [`${name}/${name}/metrics.json`, F1(0.5)]));
    await withHpoFolder(files, async (dir) => {
      const { trials } = await readHpoTree(dir);
      assert.equal(trials.map(({ backbone }) => backbone).toSorted(), names.toSorted());
    });
  });

  it('that holds no trial, is a file, or is not there is one line with the layout', async () => {
    await withHpoFolder({ file: 'x', 'deep/backbone/t/metrics.json': F1(1) }, async (dir) => {
      for (const name of ['', 'deep/backbone', 'file', 'missing']) {
        await rejects(() => readHpoTree(join(dir, name)), /a search lies as DIR\/BACKBONE\/TRIAL\/metrics\.json/);
      }
    });
  });

  it('with a folder that cannot be listed loses that one', async () => {
    await withHpoFolder({ 'a/t/metrics.json': F1(0.9) }, async (dir) => {
      await mkdir(join(dir, 'a', 't2'));
      await writeFile(join(dir, 'a', 't2', 'metrics.json'), Buffer.from([0xff, 0xfe, 0x00]));
      const { trials, notes } = await readHpoTree(dir);
      assert.is(trials.length, 1);
      assert.match(notes.join('\n'), /is not UTF-8 text/);
    });
  });
});
