import * as assert from 'uvu/assert';
import { judgeAccuracy } from '../../../src/decide/accuracy.ts';
import { percentilesByBatch } from '../../../src/decide/percentiles.ts';
import { rolesOf } from '../../../src/decide/scores.ts';
import type { LatencyRecord } from '../../../src/records/latency.ts';
import type { DraftContext } from '../../../src/store/mlflow/drafts/common.ts';
import { evaluationDraft } from '../../../src/store/mlflow/drafts/evaluation.ts';
import { metricsOf, paramsOf, tagsOf } from '../../../src/store/mlflow/drafts/fields.ts';
import { latencyDraft } from '../../../src/store/mlflow/drafts/latency.ts';
import { groupingTags } from '../../../src/store/mlflow/tagNames.ts';
import { parseRecord } from '../../../src/store/parseRecord.ts';
import { describe } from '../../describe.ts';
import { evaluationRecord, KEY, latencyRecord, roundOf, samplesOf } from '../records.ts';

const CONTEXT: DraftContext = { grouping: groupingTags(undefined), tags: { team: 'vision' }, artifacts: [] };
const HASH = '0'.repeat(64);

function measured(): LatencyRecord {
  return {
    ...latencyRecord('latency-1'),
    batch_1: { n: 1000, mean_ms: 5.5, std_ms: null, min_ms: 5, median_ms: 5.4, max_ms: 9 },
    other_batches: { batch_8: { n: 10, mean_ms: 30, std_ms: 1, min_ms: 29, median_ms: 30, max_ms: 32 } },
    metrics: { latency_batch_1_ms: 5.5, latency_batch_8_ms: 30 },
  };
}

describe('latencyDraft', (it) => {
  it('names metric and tags as rules.md 2 does: latency_batch_1_ms, benchmark_key and the grouping tags', () => {
    const draft = latencyDraft(measured(), CONTEXT, new Map());
    assert.is(draft.metrics.get('latency_batch_1_ms'), 5.5);
    assert.is(draft.metrics.get('latency_batch_8_ms'), 30);
    assert.is(draft.tags.get('benchmark_key'), KEY, 'the whole key');
    assert.is(draft.tags.get('code.grouping.study_key_hash'), HASH);
    assert.is(draft.tags.get('code.grouping.trial_key_hash'), HASH);
    assert.is(draft.tags.get('code.model'), 'resnet18');
    assert.is(draft.params.get('backbone'), 'resnet18');
    assert.is(draft.tags.get('beltbench.record_id'), 'latency-1');
    assert.is(draft.tags.get('team'), 'vision');
  });

  it('names the grouping tags as the study does (rules.md 2)', () => {
    const tags = { grouping: { trial_key_hash: 'my.trial' }, backbone: 'my.backbone' };
    const draft = latencyDraft(measured(), { ...CONTEXT, grouping: groupingTags(tags) }, new Map());
    assert.is(draft.tags.get('my.trial'), HASH);
    assert.is(draft.tags.get('my.backbone'), 'resnet18');
    assert.is(draft.tags.get('code.grouping.study_key_hash'), HASH);
    assert.is(draft.tags.get('code.grouping.trial_key_hash'), undefined);
  });

  it('has the percentiles that the samples can tell, per batch size', () => {
    const samples = Array.from({ length: 1000 }, (_, index) => 5 + index / 1000);
    const offsets = samples.map((_, index) => index * 10);
    const round = { ...roundOf(1), samples_ms: samples, start_offsets_ms: offsets };
    const small = { ...roundOf(1, 8), samples_ms: samples.slice(0, 10), start_offsets_ms: offsets.slice(0, 10) };
    const draft = latencyDraft(measured(), CONTEXT, percentilesByBatch(samplesOf(round, small), 0.95));
    assert.is(draft.metrics.get('latency_batch_1_p50_ms'), 5.499);
    assert.is(draft.metrics.get('latency_batch_1_p99_ms'), 5.989);
    assert.ok((draft.metrics.get('latency_batch_1_p99_upper_ms') ?? 0) > 5.989);
    assert.is(draft.metrics.get('latency_batch_1_p99.9_ms'), undefined, '1,000 samples prove no p99.9');
    assert.is(draft.metrics.get('latency_batch_8_p99_ms'), undefined);
    assert.is(draft.metrics.get('latency_batch_8_p50_ms'), 5.004);
  });

  it('makes no zero of what is absent', () => {
    const draft = latencyDraft(measured(), CONTEXT, new Map());
    assert.is(draft.metrics.has('latency_batch_1_std_ms'), false);
    assert.is(draft.metrics.has('peak_rss_bytes'), false);
    assert.is(draft.params.has('trained_input_size'), false);
  });

  it('ends a failed record as FAILED, with the reason', () => {
    const draft = latencyDraft(
      { ...latencyRecord('l'), status: 'failed', failure: 'no such operator' },
      CONTEXT,
      new Map(),
    );
    assert.is(draft.status, 'FAILED');
    assert.is(draft.tags.get('beltbench.failure'), 'no such operator');
    assert.is(draft.metrics.has('latency_batch_1_ms'), false);
  });

  it('names the images by a digest of 36 characters, and keeps the whole fingerprint', () => {
    const { dataset, tags } = latencyDraft(measured(), CONTEXT, new Map());
    assert.is(dataset?.digest, '0'.repeat(36));
    assert.is(dataset?.context, 'benchmark');
    assert.is(tags.get('beltbench.data_fingerprint'), HASH);
    assert.equal(dataset?.source, { fingerprint: HASH });
  });

  it('makes up neither key nor images for an older record, which knows none', () => {
    const { benchmark_key: _, key_parts: __, ...older } = measured();
    const read = parseRecord(older);
    if (!read.ok || read.value.schema !== 'beltbench/latency') {
      throw new Error('it is no latency record');
    }
    const { tags, dataset } = latencyDraft(read.value, CONTEXT, new Map());
    assert.equal(
      [dataset, tags.get('benchmark_key'), tags.get('beltbench.data_fingerprint')],
      [undefined, undefined, undefined],
    );
  });
});

describe('evaluationDraft', (it) => {
  it('has accuracy, macro-f1 and every class', () => {
    const confusion = {
      classes: ['clean', 'pit'],
      counts: [
        [9, 1],
        [2, 8],
      ],
    };
    const record = { ...evaluationRecord('e'), images: 20, correct: 17, confusion };
    const { metrics, tags, dataset } = evaluationDraft(record, CONTEXT, judgeAccuracy(record, rolesOf(record)));
    assert.is(metrics.get('accuracy'), 0.85);
    assert.is(metrics.get('target_recall'), 0.8);
    assert.is(metrics.get('recall.clean'), 0.9);
    assert.is(metrics.get('support.pit'), 10);
    assert.is(metrics.get('confusion.pit.clean'), 2);
    assert.ok(Math.abs((metrics.get('macro-f1') ?? 0) - (18 / 21 + 16 / 19) / 2) < 1e-12);
    assert.is(tags.get('predictions_key'), KEY);
    assert.equal(dataset?.profile, { root: 'datasets/x', split: 'val', images: 20 });
  });
});

describe('names and values on the server', (it) => {
  it('keep two classes apart whose names MLflow cannot tell', () => {
    const metrics = metricsOf([
      ['recall.a/b', 0.1],
      ['recall.a:b', 0.2],
      ['recall.größe', 0.3],
    ]);
    assert.equal(
      [...metrics],
      [
        ['recall.a_b', 0.1],
        ['recall.a_b_2', 0.2],
        ['recall.größe', 0.3],
      ],
    );
  });

  it('are as short as every version takes them', () => {
    const long = 'x'.repeat(10_000);
    assert.is(paramsOf({ p: long }).get('p')?.length, 500);
    assert.is(tagsOf({ t: long }).get('t')?.length, 5000);
    assert.is([...metricsOf([[long, 1]]).keys()][0]?.length, 250);
  });

  it('leave out what is absent, empty or no number', () => {
    assert.is(paramsOf({ a: null, b: undefined, c: '', d: [] }).size, 0);
    assert.equal(
      [...paramsOf({ a: 0, b: false, c: [1, 2] })],
      [
        ['a', '0'],
        ['b', 'false'],
        ['c', '1, 2'],
      ],
    );
    assert.is(
      metricsOf([
        ['a', null],
        ['b', Number.NaN],
        ['c', Infinity],
        ['d', undefined],
      ]).size,
      0,
    );
    assert.is(metricsOf([['a', 0]]).get('a'), 0);
  });
});
