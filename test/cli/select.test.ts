import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/commandLine.ts';
import { bestConfigurationSchema } from '../../src/records/decision.ts';
import type { TrialSelection } from '../../src/records/trialSelection.ts';
import { describe } from '../describe.ts';
import { encode } from '../onnx/build.ts';
import { withHpoFolder } from '../store/hpoFolder.ts';
import { rednessModel } from './line.ts';
import { quietIo } from './quietIo.ts';

interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process: `select` measures nothing and touches nothing of it. */
async function select(...args: string[]): Promise<Answer> {
  const io = quietIo();
  const status = await runCli(['select', ...args], io);
  return { status, stdout: io.out, stderr: io.err };
}

type Document = TrialSelection & { overrides: string[]; unused: string[]; source: string; cost_unit: string | null };

async function documentOf(...args: string[]): Promise<Document> {
  const { status, stdout, stderr } = await select('--json', ...args);
  assert.equal([status, stderr], [0, '']);
  return JSON.parse(stdout) as Document;
}

const PERSON = { precision: 0.85, recall: 0.9, f1: 0.875, support: 100 };
const metrics = (value: number, f1 = 0.875) => ({ 'macro-f1': value, per_entity: { PERSON: { ...PERSON, f1 } } });
/** Slow and accurate, or a third as slow and 0.9 % less so. */
const TREE = {
  'hpo/deberta/trial_0/metrics.json': metrics(0.805),
  'hpo/deberta/trial_0/benchmark.json': { batch_1: { mean_ms: 42.3 } },
  'hpo/distilbert/trial_4/metrics.json': metrics(0.798, 0.9),
  'hpo/distilbert/trial_4/benchmark.json': { batch_1: { mean_ms: 14.1 } },
  'hpo/distilbert/trial_4/trial_meta.json': { hyperparameters: { learning_rate: 3e-5 } },
  'prod.yaml': 'selection:\n  accuracy_threshold: 0.015\n  min_accuracy_gain: 0.02\nsampling: {}\n',
};

describe('beltbench select (rules.md 1)', (it) => {
  it('prints the selection, what it was chosen among, and the comparison of thresholds', async () => {
    await withHpoFolder(TREE, async (dir) => {
      const { status, stdout } = await select(
        ...['--hpo', join(dir, 'hpo'), '--config', join(dir, 'prod.yaml'), '--min-accuracy-gain', 'none'],
        ...['--thresholds', 'none,0.005,0.015'],
      );
      assert.is(status, 0);
      assert.match(stdout, /^selected: distilbert\/trial_4 \(macro-f1 0\.7980\)\nwhy: .*fastest within reach/);
      assert.match(stdout, /> +distilbert +trial_4 +0\.7980 +1\.00 +14\.10 ms/);
      assert.match(stdout, /deberta +trial_0 +0\.8050 +3\.00 +42\.30 ms/);
      assert.match(stdout, /PERSON +distilbert\/trial_4 +0\.8500 +0\.9000 +0\.9000 +100/);
      assert.match(stdout, /none +deberta\/trial_0/);
      assert.match(stdout, /0\.005 +0\.0040 +deberta\/trial_0/);
      assert.match(stdout, /0\.015 +0\.0121 +distilbert\/trial_4/);
      assert.match(stdout, /note: `sampling` is unused/);
    });
  });

  it('writes best_configuration with the keys of the earlier tools, and the trial its own fields', async () => {
    await withHpoFolder(TREE, async (dir) => {
      const out = join(dir, 'new', 'best.json');
      const document = await documentOf('--hpo', join(dir, 'hpo'), '--preset', 'balanced', '--out', out);
      const best = bestConfigurationSchema.parse(JSON.parse(await readFile(out, 'utf8')));
      assert.equal(document.best_configuration, best);
      const { selection_criteria: criteria, ...own } = best;
      assert.equal(own, {
        backbone: 'distilbert',
        trial_name: 'trial_4',
        hyperparameters: { learning_rate: 3e-5 },
        metrics: { 'macro-f1': 0.798 },
      });
      const { reason, accuracy_diff_from_best: difference, all_candidates: all, ...others } = criteria;
      assert.equal(others, {
        metric: 'macro-f1',
        best_value: 0.798,
        accuracy_threshold: 0.015,
        use_relative_threshold: true,
        min_accuracy_gain: null,
        speed_data_source: 'benchmark',
      });
      assert.match(reason, /0\.0070 below it, within the threshold of 0\.0121/);
      assert.is(difference.toFixed(4), '0.0070');
      assert.equal(
        all.map((each) => [each.backbone, each.trial_name, each.accuracy, each.speed_score, each.benchmark_latency_ms]),
        [
          ['deberta', 'trial_0', 0.805, 42.3 / 14.1, 42.3],
          ['distilbert', 'trial_4', 0.798, 1, 14.1],
        ],
      );
    });
  });

  it('overrides every key of `selection` per call, and says what was overridden', async () => {
    await withHpoFolder(TREE, async (dir) => {
      const base = ['--hpo', join(dir, 'hpo'), '--config', join(dir, 'prod.yaml')];
      const none = await documentOf(...base, '--accuracy-threshold', 'none');
      assert.is(none.best_configuration.backbone, 'deberta');
      assert.equal(none.overrides, ['accuracy_threshold null instead of 0.015 (--accuracy-threshold none)']);
      const all = await documentOf(
        ...[...base, '--preset', 'speed-preferring', '--no-use-relative-threshold', '--min-accuracy-gain', '0.001'],
      );
      assert.equal(all.overrides, [
        'accuracy_threshold 0.02 instead of 0.015 (--preset speed-preferring)',
        'use_relative_threshold false instead of true (--no-use-relative-threshold)',
        'min_accuracy_gain 0.001 instead of 0.02 (--min-accuracy-gain 0.001)',
      ]);
      const { selection_criteria: criteria } = all.best_configuration;
      assert.equal([criteria.accuracy_threshold, criteria.use_relative_threshold], [0.02, false]);
      const slow = await documentOf(...base, '--only', 'deberta');
      assert.is(slow.best_configuration.backbone, 'deberta');
      assert.equal(slow.overrides, ['of the trials only deberta (--only)']);
      const classes = await documentOf(...base, '--accuracy-threshold', 'none', '--class-priority', 'PERSON=2');
      assert.is(classes.best_configuration.backbone, 'distilbert');
      assert.is(classes.overrides[1], 'metric f1 by class priority (PERSON 2) instead of macro-f1 (--class-priority)');
    });
  });

  it('lists as overridden what changed, and nothing of it with --quiet', async () => {
    await withHpoFolder(TREE, async (dir) => {
      const args = ['--hpo', join(dir, 'hpo'), '--config', join(dir, 'prod.yaml'), '--preset', 'balanced'];
      const { stdout } = await select(...args);
      assert.equal(stdout.match(/^overridden: .*$/gm), [
        'overridden: min_accuracy_gain null instead of 0.02 (--preset balanced)',
      ]);
      assert.not.match((await select(...args, '--quiet')).stdout, /^(overridden|note): /m);
    });
  });

  it('takes parameter counts from the ONNX file, else from the configuration, where a benchmark is missing', async () => {
    const { 'hpo/deberta/trial_0/benchmark.json': _, ...tree } = TREE;
    await withHpoFolder({ ...tree, 'hpo/deberta/trial_0/model.onnx': '' }, async (dir) => {
      const onnx = encode(rednessModel(40));
      await writeFile(join(dir, 'hpo/deberta/trial_0/model.onnx'), onnx);
      await writeFile(join(dir, 'counts.yaml'), 'parameters: { deberta: 999, distilbert: 4 }\n');
      const document = await documentOf('--hpo', join(dir, 'hpo'), '--config', join(dir, 'counts.yaml'));
      assert.equal(
        document.candidates.map(({ parameters, speed_score: speed, size_bytes: size }) => [parameters, speed, size]),
        [
          [8, 2, onnx.byteLength],
          [4, 1, null],
        ],
      );
      assert.is(document.best_configuration.selection_criteria.speed_data_source, 'parameter_proxy');
      assert.match(document.warnings.join('\n'), /no benchmark for deberta\/trial_0/);
      await writeFile(join(dir, 'hpo/deberta/trial_0/model.onnx'), 'no model');
      const broken = await documentOf('--hpo', join(dir, 'hpo'), '--config', join(dir, 'counts.yaml'));
      assert.is(broken.candidates[0]?.parameters, 999);
      assert.match(broken.warnings.join('\n'), /model\.onnx tells no parameter count/);
    });
  });

  it('shows the parameter count of the ONNX file also where all are benchmarked', async () => {
    await withHpoFolder(TREE, async (dir) => {
      await writeFile(join(dir, 'hpo/deberta/trial_0/model.onnx'), encode(rednessModel(40)));
      const document = await documentOf('--hpo', join(dir, 'hpo'));
      assert.is(document.best_configuration.selection_criteria.speed_data_source, 'benchmark');
      assert.equal(
        document.candidates.map(({ parameters }) => parameters),
        [8, null],
      );
    });
  });

  it('takes an absolute threshold above 1, and shows how far down a minimum gain reaches', async () => {
    await withHpoFolder(TREE, async (dir) => {
      const absolute = ['--no-use-relative-threshold', '--accuracy-threshold', '1.5'];
      const document = await documentOf('--hpo', join(dir, 'hpo'), ...absolute, '--thresholds', '0.001,2');
      assert.is(document.best_configuration.backbone, 'distilbert');
      const { stdout } = await select(
        '--hpo',
        join(dir, 'hpo'),
        '--preset',
        'speed-preferring',
        '--thresholds',
        '0.01',
      );
      assert.match(stdout, /threshold +reaches down by/);
      assert.match(stdout, /0\.01 +0\.0234 +distilbert\/trial_4/, '0.805 is 3 % above 0.7816');
    });
  });

  it('says what of the tree is faulty, and selects from the rest', async () => {
    const faulty = {
      ...TREE,
      'hpo/deberta/trial_1/metrics.json': '{"macro-f1": NaN}',
      'hpo/deberta/trial_2/metrics.json': '{"macro-f1": 0.9',
      'hpo/distilbert/trial_4/benchmark.json': { batch_8: { mean_ms: 30 } },
      'hpo/\u001B[31mred/t_fold0/metrics.json': metrics(0.1),
      'hpo/\u001B[31mred/t_fold2/metrics.json': metrics(0.1),
    };
    await withHpoFolder(faulty, async (dir) => {
      const { status, stdout } = await select('--hpo', join(dir, 'hpo'));
      assert.is(status, 0);
      for (const expected of [
        /warning: .*trial_2\/metrics\.json is no JSON object \(cut off\?\)/,
        /warning: deberta\/trial_1 is left out: its macro-f1 is no number/,
        /warning: .*trial_4\/benchmark\.json counts as no benchmark/,
        /warning: \?\[31mred\/t has 2 of 3 folds \(missing: 1\)/,
        /warning: neither a benchmark nor a parameter count for/,
      ]) {
        assert.match(stdout, expected);
      }
      assert.not.ok(stdout.includes('\u001B'));
    });
  });

  it('answers a mistake with one line and exit code 2', async () => {
    await withHpoFolder({ ...TREE, 'bad.yaml': 'benchmarking: { device: cuda }\n' }, async (dir) => {
      const hpo = ['--hpo', join(dir, 'hpo')];
      for (const [args, message] of [
        [[], /--hpo DIR/],
        [[...hpo, '--only', 'debert'], /--only names `debert`.*did you mean `deberta`/],
        [['--hpo', join(dir, 'nowhere')], /cannot be read/],
        [[...hpo, '--objective', 'macro-f2'], /none of 2 trials.*did you mean `macro-f1`/],
        [[...hpo, '--objective', 'x', '--class-priority', 'PERSON=1'], /drop one/],
        [[...hpo, '--class-priority', 'PERSON'], /write CLASS=WEIGHT/],
        [[...hpo, '--class-priority', 'PERSON=much'], /--class-priority must be a number/],
        [[...hpo, '--accuracy-threshold', '1.5'], /`selection\.accuracy_threshold` must be at most 1, being a share/],
        [
          [...hpo, '--accuracy-threshold', '-0.1'],
          /--accuracy-threshold must be a number from 0 to 1000000000 or none/,
        ],
        [[...hpo, '--thresholds', 'none,,1'], /--thresholds must be a number from 0 to 1000000000 or none/],
        [[...hpo, '--thresholds', 'none,2'], /a threshold must be at most 1, being a share/],
        [[...hpo, '--preset', 'fast'], /preset/],
        [[...hpo, '--config', join(dir, 'bad.yaml')], /no accelerator/],
        [[...hpo, '--out', join(dir, 'prod.yaml', 'x')], /cannot be written: .* name another --out, and run again/],
      ] as const) {
        const { status, stdout, stderr } = await select(...args);
        assert.equal([status, stdout], [2, ''], args.join(' '));
        assert.match(stderr, message);
        assert.is(stderr.trim().split('\n').length, 1, stderr);
      }
    });
  });
});
