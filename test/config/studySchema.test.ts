import * as assert from 'uvu/assert';
import { studySchema } from '../../src/config/studySchema.ts';
import { parseYaml } from '../../src/config/yamlText.ts';
import { describe } from '../describe.ts';
import { study } from './folder.ts';

describe('the study schema', (it) => {
  it("takes a required mean by the record's own name for it", () => {
    const { benchmark } = studySchema.parse(
      study({ benchmark: { required_metrics: ['batch_1.mean_ms', 'batch_16.mean_ms', 'macro-f1', 'batch_1.p99_ms'] } }),
    );
    assert.equal(benchmark.required_metrics, [
      'latency_batch_1_ms',
      'latency_batch_16_ms',
      'macro-f1',
      'batch_1.p99_ms',
    ]);
  });

  it('has the defaults of the story', () => {
    const parsed = studySchema.parse(study());
    assert.equal(parsed.line, { budget_ms: 30, required_share: 0.99, confidence: 0.95 });
    assert.equal(parsed.benchmarking, {
      batch_sizes: [1],
      iterations: 1000,
      warmup_iterations: 50,
      threads: 1,
      rounds: 10,
      seed: 1,
      max_length: null,
      device: null,
      test_data: null,
    });
    assert.equal(parsed.thresholds, {
      target_recall: 0.99,
      confidence: 0.95,
      max_false_reject_rate: 0.1,
      production: { maybe: 0.5, target: 0.75 },
    });
    assert.is(parsed.dataset.split, 'val');
    assert.is(parsed.run.mode, 'reuse_if_exists');
    assert.is(parsed.benchmark.latency_aggregation, 'latest');
    assert.is(parsed.output.filename, 'benchmark.json');
    assert.is(parsed.reports, 'reports');
  });

  it('ranks by accuracy alone when `selection` is left out', () => {
    assert.equal(studySchema.parse(study()).selection, {
      accuracy_threshold: null,
      use_relative_threshold: true,
      min_accuracy_gain: null,
      metric: 'accuracy',
    });
  });

  it("loads the earlier tools' sections as they were written", () => {
    const text = `
run:
  mode: force_new
benchmarking:
  batch_sizes: [1, 8, 16]
  iterations: 100
  warmup_iterations: 10
  max_length: 512
  device: null
  test_data: dataset/test.json
output:
  filename: benchmark.json
benchmark:
  required_metrics: [latency_batch_1_ms]
  latency_aggregation: median
selection:
  accuracy_threshold: 0.015
  use_relative_threshold: true
  min_accuracy_gain: null
objective:
  metric: macro-f1
parameters:
  distilbert: 66000000
  deberta: 184000000
tags:
  grouping:
    study_key_hash: my.study
    trial_key_hash: my.trial
  backbone: my.backbone
`;
    const earlier = parseYaml(text);
    assert.ok(earlier.ok);
    const parsed = studySchema.parse({
      ...study(),
      ...(earlier.ok && typeof earlier.value === 'object' ? earlier.value : {}),
    });
    assert.is(parsed.benchmarking.max_length, 512);
    assert.is(parsed.benchmarking.test_data, 'dataset/test.json');
    assert.is(parsed.parameters['deberta'], 184_000_000);
    assert.equal(parsed.tags?.grouping, { study_key_hash: 'my.study', trial_key_hash: 'my.trial' });
  });

  it('knows no difference between a key of the earlier tools that is null and one that is left out', () => {
    const empty = studySchema.parse(study({ benchmarking: { max_length: null, device: null, test_data: null } }));
    assert.equal(empty, studySchema.parse(study()));
  });

  it('takes text of several lines where people read it, but no control characters', () => {
    assert.ok(studySchema.safeParse(study({ notice: 'first\nsecond' })).success);
    assert.not.ok(studySchema.safeParse(study({ notice: '\u001b[2J' })).success);
  });

  it('takes no name that turns the line around', () => {
    assert.not.ok(studySchema.safeParse(study({ reports: 'a\u202Eb' })).success);
  });
});
