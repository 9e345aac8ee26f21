import * as assert from 'uvu/assert';
import { aggregateRuns } from '../../src/decide/aggregate.ts';
import type { LatencyRecord } from '../../src/records/latency.ts';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { minute } from './baseFactories.ts';
import { latencyRecord } from './latencyFactories.ts';

const runsOf = (...means: (number | null)[]): LatencyRecord[] =>
  means.map((meanMs, index) => latencyRecord({ run: index + 1, meanMs }));

describe('aggregateRuns of 200, 150 and 210 ms (rules.md 2)', (it) => {
  const records = runsOf(200, 150, 210);

  it('takes the latest: 210', () => {
    const runs = aggregateRuns(records, 'latest');
    assert.is(runs?.meanMs, 210);
    assert.is(runs?.representative.record_id, 'latency-a-3');
  });

  it('takes the median: 200, with the run that had it', () => {
    const runs = aggregateRuns(records, 'median');
    assert.is(runs?.meanMs, 200);
    assert.is(runs?.representative.record_id, 'latency-a-1');
  });

  it('takes the mean: 186.67, with the run nearest to it', () => {
    const runs = aggregateRuns(records, 'mean');
    near(runs?.meanMs, 186.67, 0.005);
    assert.is(runs?.representative.record_id, 'latency-a-1');
  });

  it('never takes the best ever, and shows how many runs there were and their spread', () => {
    for (const aggregation of ['latest', 'median', 'mean'] as const) {
      const runs = aggregateRuns(records, aggregation);
      assert.is.not(runs?.meanMs, 150);
      assert.equal([runs?.count, runs?.lowestMs, runs?.highestMs], [3, 150, 210], aggregation);
    }
  });

  it('goes by the start of the runs, not by their order in the list', () => {
    const random = mulberry32(3);
    for (let round = 0; round < 20; round += 1) {
      assert.is(aggregateRuns(shuffle(records, random), 'latest')?.meanMs, 210);
    }
  });

  it('goes by the start of the runs, not by their names', () => {
    const renamed = [9, 5, 1].map((run, index) => latencyRecord({ run, meanMs: run, startedAt: minute(index) }));
    assert.is(aggregateRuns(renamed, 'latest')?.meanMs, 1);
  });
});

describe('aggregateRuns', (it) => {
  it('skips runs without a valid latency', () => {
    const records = [...runsOf(200, null, 0), latencyRecord({ run: 4, status: 'failed', failure: 'killed' })];
    const runs = aggregateRuns(records, 'latest');
    assert.equal([runs?.meanMs, runs?.count], [200, 1]);
  });

  it('has no answer when no run has a valid latency', () => {
    assert.is(aggregateRuns(runsOf(null, 0), 'median'), undefined);
    assert.is(aggregateRuns([], 'median'), undefined);
  });

  it('stands on the later of two runs equally near to the median', () => {
    assert.is(aggregateRuns(runsOf(100, 110), 'median')?.representative.record_id, 'latency-a-2');
    assert.is(aggregateRuns(runsOf(110, 100), 'median')?.representative.record_id, 'latency-a-2');
  });

  it('breaks equal start times by the name of the record', () => {
    const records = [1, 2].map((run) => latencyRecord({ run, meanMs: run, startedAt: minute(0) }));
    assert.is(aggregateRuns(records, 'latest')?.meanMs, 2);
    assert.is(aggregateRuns(records.toReversed(), 'latest')?.meanMs, 2);
  });
});
