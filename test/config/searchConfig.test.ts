import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadSearchConfig, type SearchConfig } from '../../src/config/searchConfig.ts';
import { describe } from '../describe.ts';
import { rejects } from '../throws.ts';
import { study, withFolder } from './folder.ts';

async function load(...contents: (string | object)[]): Promise<SearchConfig> {
  const files = Object.fromEntries(contents.map((content, index) => [`${index}.yaml`, content]));
  let config: SearchConfig | undefined;
  await withFolder(files, async (dir) => {
    config = await loadSearchConfig(Object.keys(files).map((name) => join(dir, name)));
  });
  assert.ok(config);
  return config;
}

/** `config/hpo/prod.yaml` in the shape of the earlier tools. */
const PROD = `
search_space:
  backbone: { type: "choice", values: ["distilroberta", "deberta"] }
sampling: { algorithm: "random", max_trials: 20 }
early_termination: { policy: "bandit" }
objective:
  metric: "macro-f1"
  goal: "maximize"
selection:
  accuracy_threshold: 0.015
  use_relative_threshold: true
  min_accuracy_gain: 0.02
k_fold: { enabled: true, n_splits: 5, random_seed: 42, shuffle: true, stratified: true }
checkpoint: { enabled: true, save_only_best: true }
mlflow: { log_best_checkpoint: true }
refit: { enabled: true }
`;
const BENCHMARK = `
benchmarking:
  batch_sizes: [1, 8, 16]
  iterations: 100
  warmup_iterations: 10
  max_length: 512
  device: null
  test_data: null
output:
  filename: "benchmark.json"
  save_summary: true
`;
const BEST_MODEL = `
run: { mode: reuse_if_exists }
objective: { metric: "macro-f1", goal: "maximize" }
scoring: { f1_weight: 0.7, latency_weight: 0.3, normalize_weights: true }
grouping: { require_trial_hash: false, min_confidence: "low" }
filtering: { preferred_stages: ["final_training"], allow_no_stage: true }
benchmark:
  required_metrics: ["latency_batch_1_ms"]
  min_benchmark_runs: 1
`;

describe("the earlier tools' YAML (rules.md 1 and 2)", (it) => {
  it('loads as it is, three files over each other', async () => {
    const { file } = await load(PROD, BENCHMARK, BEST_MODEL);
    assert.equal(file.selection, { accuracy_threshold: 0.015, use_relative_threshold: true, min_accuracy_gain: 0.02 });
    assert.is(file.objective.metric, 'macro-f1');
    assert.is(file.k_fold?.n_splits, 5);
    assert.equal(
      [file.run.mode, file.output.filename, file.benchmark.required_metrics, file.benchmark.latency_aggregation],
      ['reuse_if_exists', 'benchmark.json', ['latency_batch_1_ms'], 'latest'],
    );
    assert.equal([file.benchmarking.batch_sizes, file.benchmarking.max_length], [[1, 8, 16], 512]);
  });

  it('is told what of it has no meaning here', async () => {
    const { unused } = await load(PROD, BENCHMARK, BEST_MODEL);
    const named = unused.map((line) => /^`([\w.]+)`/.exec(line)?.[1]);
    const training = [
      'search_space',
      'sampling',
      'early_termination',
      'checkpoint',
      'refit',
      'mlflow.log_best_checkpoint',
    ];
    assert.equal(named, [
      ...training,
      ...['output.save_summary', 'benchmarking.max_length', 'scoring', 'grouping', 'filtering'],
      'benchmark.min_benchmark_runs',
    ]);
  });

  it('has the defaults of rules.md without a file, and for keys that are left out', async () => {
    for (const { file } of [await loadSearchConfig([]), await load('objective: { metric: macro-f1-span }')]) {
      assert.equal(file.selection, { accuracy_threshold: null, use_relative_threshold: true, min_accuracy_gain: null });
      assert.equal([file.run.mode, file.output.filename], ['reuse_if_exists', 'benchmark.json']);
    }
  });

  it('may be the section `selection` alone, with or without its name', async () => {
    for (const text of ['selection:\n  accuracy_threshold: 0.02', 'accuracy_threshold: 0.02']) {
      assert.is((await load(text)).file.selection.accuracy_threshold, 0.02);
    }
  });

  it('may be a study, of which `selection`, `parameters` and the like count', async () => {
    const { file, unused } = await load(study({ parameters: { distilbert: 66_000_000 } }));
    assert.equal(file.parameters, { distilbert: 66_000_000 });
    assert.equal(unused, []);
  });

  it('lets a later file go over an earlier one, key by key', async () => {
    const { file } = await load(PROD, 'selection: { accuracy_threshold: null }');
    assert.equal([file.selection.accuracy_threshold, file.selection.min_accuracy_gain], [null, 0.02]);
  });

  it('judges what is measured only where it is measured', async () => {
    const { file } = await load('benchmarking: { batch_sizes: [8, 16], iterations: 5 }');
    assert.equal([file.benchmarking.batch_sizes, file.benchmarking.iterations], [[8, 16], 5]);
  });

  it('bounds a threshold and a gain only where they are shares of the best', async () => {
    const percent = 'selection: { accuracy_threshold: 1.5, min_accuracy_gain: 2, use_relative_threshold: false }';
    const { file } = await load(percent);
    assert.equal([file.selection.accuracy_threshold, file.selection.min_accuracy_gain], [1.5, 2]);
    const over = await load('accuracy_threshold: 1.5\nuse_relative_threshold: false', 'min_accuracy_gain: 3');
    assert.is(over.file.selection.min_accuracy_gain, 3);
    await rejects(
      async () => await load(percent, 'use_relative_threshold: true'),
      /0\.yaml with .*1\.yaml: `selection\.accuracy_threshold` must be at most 1/,
    );
    await rejects(async () => await load('min_accuracy_gain: 3'), /`selection\.min_accuracy_gain` must be at most 1/);
    await rejects(async () => await load('accuracy_threshold: -0.1'), /must be at least 0/);
  });

  it('accepts the device `cpu` or none, and says why another is an error', async () => {
    assert.is((await load('benchmarking: { device: cpu }')).file.benchmarking.device, 'cpu');
    await rejects(
      async () => await load(BENCHMARK.replace('device: null', 'device: cuda')),
      /0\.yaml: `benchmarking\.device` must be null or `cpu`, because the line PC has no accelerator, received `cuda`/,
    );
  });

  it('refuses what cannot be meant, naming the file, the key and the way out', async () => {
    for (const [text, message] of [
      ['selection: { acuracy_threshold: 0.01 }', /0\.yaml: .*`acuracy_threshold`.*did you mean `accuracy_threshold`/],
      ['selection: { accuracy_threshold: 1.5 }', /`selection\.accuracy_threshold` must be at most 1, .*0\.015/],
      ['selection: { accuracy_threshold: .nan }', /`selection\.accuracy_threshold`/],
      ['selections: { accuracy_threshold: 0.01 }', /`selections` is no known section, did you mean `selection`\?/],
      ['objective: { metric: loss, goal: minimize }', /`objective\.goal`.*`maximize`.*name a metric of which more/],
      ['run: { mode: always }', /`run\.mode`/],
      ['output: { filename: ../../etc/passwd }', /`output\.filename`.*without folders/],
      ['k_fold: { n_splits: 1 }', /`k_fold\.n_splits`/],
      ['- a', /expected sections such as `selection`/],
      ['selection: [', /not valid YAML/],
      ['', /is empty/],
    ] as const) {
      await rejects(async () => await load(text), message);
    }
    await rejects(async () => await loadSearchConfig(['/nowhere/at.yaml']), /there is no file/);
  });

  it('says of a section that nobody knows that it is unused', async () => {
    const { unused } = await load('logging: { level: debug }\nselection:\n');
    assert.equal(unused.length, 1);
    assert.match(unused[0] ?? '', /^`logging` is unused: it is no section that counts here/);
  });
});
