import * as assert from 'uvu/assert';
import { lacksRequiredMetric, representativeRuns, warnOfSkippedRuns, whyNotMeasured } from '../../src/decide/runs.ts';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { LINE_PC, sha } from './baseFactories.ts';
import { study } from './factories.ts';
import { latencyRecord } from './latencyFactories.ts';

const LAPTOP = { ...LINE_PC, cpu_model: 'Apple M2' };
const onLine = sha(JSON.stringify(LINE_PC));
const MEDIAN = study({ benchmark: { latency_aggregation: 'median' } });
const DEMANDING = study({ benchmark: { required_metrics: ['latency_batch_1_ms', 'latency_batch_8_ms'] } });
const BOTH = { latency_batch_1_ms: 10, latency_batch_8_ms: 60 };

describe('representativeRuns', (it) => {
  it('combines the runs of the latest key on the common host and no others', () => {
    const records = [
      latencyRecord({ run: 1, meanMs: 50, key: 'older settings' }),
      latencyRecord({ run: 2, meanMs: 20 }),
      latencyRecord({ run: 3, meanMs: 22 }),
      latencyRecord({ run: 4, meanMs: 5, host: LAPTOP }),
    ];
    const runs = representativeRuns(records, MEDIAN, onLine);
    assert.equal([runs?.meanMs, runs?.count], [21, 2]);
  });

  it('falls back to the latest run of another host, so that it can be shown', () => {
    const records = [latencyRecord({ run: 1, meanMs: 5, host: LAPTOP })];
    assert.is(representativeRuns(records, MEDIAN, onLine)?.meanMs, 5);
    assert.is(representativeRuns(records, MEDIAN, undefined)?.meanMs, 5);
  });

  it('does not depend on the order of the records', () => {
    const records = [
      ...[1, 2, 3].map((run) => latencyRecord({ run, meanMs: run, key: 'older settings' })),
      latencyRecord({ run: 4, meanMs: 4 }),
      latencyRecord({ run: 5, meanMs: 5, host: LAPTOP }),
    ];
    const random = mulberry32(4);
    const expected = representativeRuns(records, MEDIAN, onLine);
    assert.is(expected?.meanMs, 4);
    for (let round = 0; round < 20; round += 1) {
      assert.equal(representativeRuns(shuffle(records, random), MEDIAN, onLine), expected);
    }
  });

  it('does not count a failed run', () => {
    const failed = latencyRecord({ run: 2, status: 'failed', failure: 'killed' });
    assert.is(representativeRuns([latencyRecord(), failed], MEDIAN, onLine)?.count, 1);
    assert.is(representativeRuns([failed], MEDIAN, onLine), undefined);
  });

  it('skips a key whose runs have no valid latency', () => {
    const records = [latencyRecord({ run: 1, meanMs: 20 }), latencyRecord({ run: 2, meanMs: null, key: 'newer' })];
    assert.is(representativeRuns(records, MEDIAN, onLine)?.meanMs, 20);
  });

  it('does not count a run that lacks one of the required metrics', () => {
    const [one, both] = [latencyRecord({ run: 2, meanMs: 9 }), latencyRecord({ run: 1, metrics: BOTH })];
    assert.is(representativeRuns([one], DEMANDING, onLine), undefined);
    assert.is(representativeRuns([both, one], DEMANDING, onLine)?.representative.record_id, 'latency-a-1');
  });
});

describe('lacksRequiredMetric', (it) => {
  it('is true only where everything measured lacks one', () => {
    assert.is(lacksRequiredMetric([latencyRecord()], DEMANDING), true);
    assert.is(lacksRequiredMetric([latencyRecord(), latencyRecord({ run: 2, metrics: BOTH })], DEMANDING), false);
    assert.is(lacksRequiredMetric([], DEMANDING), false);
    assert.is(lacksRequiredMetric([latencyRecord({ status: 'failed' })], DEMANDING), false);
  });
});

const why = (...records: Parameters<typeof whyNotMeasured>[0]) => whyNotMeasured(records, DEMANDING).reason;

describe('whyNotMeasured', (it) => {
  it('tells unmeasured, failed, invalid and incomplete apart', () => {
    assert.is(why(), 'not measured');
    assert.is(
      why(latencyRecord({ status: 'failed', failure: 'out of memory' })),
      'the measurement failed: out of memory',
    );
    assert.is(
      why(latencyRecord()),
      'measured without `latency_batch_8_ms`, which `benchmark.required_metrics` names, so it is no candidate',
    );
    assert.match(why(latencyRecord({ meanMs: null, metrics: BOTH })), /without a valid latency/);
  });

  it('says which metrics a record has, where it lacks a required one', () => {
    const obstacle = whyNotMeasured([latencyRecord()], DEMANDING);
    assert.match(
      'needs' in obstacle ? obstacle.needs : '',
      /^remove the name from `benchmark\.required_metrics` \(its records have latency_batch_1_ms\), or add its batch size/,
    );
  });

  it('gives the latest failure', () => {
    const records = ['second', 'first'].map((failure, index) =>
      latencyRecord({ run: 2 - index, status: 'failed', failure }),
    );
    assert.is(whyNotMeasured(records, DEMANDING).reason, 'the measurement failed: second');
  });
});

describe('warnOfSkippedRuns', (it) => {
  it('names what was left out and why', () => {
    const records = [latencyRecord(), latencyRecord({ run: 2, meanMs: 0, metrics: BOTH })];
    const warnings = warnOfSkippedRuns(records, DEMANDING);
    assert.equal(
      warnings.map(({ code }) => code),
      ['required_metric_missing', 'no_valid_latency'],
    );
    assert.match(warnings[0]?.message ?? '', /^1 finished run without the required latency_batch_8_ms left out$/);
  });

  it('is silent when every run counts, or failed', () => {
    assert.equal(warnOfSkippedRuns([latencyRecord(), latencyRecord({ run: 2, status: 'failed' })], study()), []);
  });
});
