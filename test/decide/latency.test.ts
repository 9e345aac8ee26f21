import * as assert from 'uvu/assert';
import { aggregateRuns } from '../../src/decide/aggregate.ts';
import { judgeLatency } from '../../src/decide/latency.ts';
import { latencyJudgementSchema, type LatencyJudgement } from '../../src/records/judgement.ts';
import type { LatencyRecord, LatencySamples } from '../../src/records/latency.ts';
import { mulberry32, shuffle } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';
import { LINE_PC, minute } from './baseFactories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';

const DEMAND = { budgetMs: 30, requiredShare: 0.99, confidence: 0.95 };

function judge(
  samples: LatencySamples,
  records: readonly LatencyRecord[] = [latencyRecord()],
  demand = DEMAND,
): LatencyJudgement {
  const runs = aggregateRuns(records, 'latest');
  if (runs === undefined) {
    throw new Error('no valid run');
  }
  return latencyJudgementSchema.parse(judgeLatency(runs, samples, demand, 'latest'));
}

/** `n` samples of which `late` are over the budget, spread evenly over the run. */
function withLate(n: number, late: number, ms = 10): number[] {
  const samples = steady(n, ms);
  for (let index = 0; index < late; index += 1) {
    samples[Math.floor(((index + 0.5) * n) / late)] = 35;
  }
  return samples;
}

const codes = ({ warnings }: LatencyJudgement): string[] => warnings.map(({ code }) => code);
const judged = (n: number, late: number) => judge(samplesOf([{ ms: withLate(n, late) }]));

describe('the latency verdict', (it) => {
  it('needs 299 inferences without a late one', () => {
    assert.is(judged(298, 0).verdict, 'NOT_ENOUGH_DATA');
    assert.is(judged(298, 0).more_samples, 1);
    assert.is(judged(299, 0).verdict, 'PASS');
    assert.is(judged(299, 0).more_samples, null);
  });

  it('passes with 4 late of 913 and not of 912', () => {
    assert.is(judged(913, 4).verdict, 'PASS');
    assert.is(judged(912, 4).verdict, 'NOT_ENOUGH_DATA');
    assert.is(judged(912, 4).more_samples, 1);
  });

  it('is open with 5 late of 1000, whose bound is 1.048 %', () => {
    const five = judged(1000, 5);
    assert.is(five.verdict, 'NOT_ENOUGH_DATA');
    near(five.miss_rate_upper ?? undefined, 0.0104841, 5e-8);
    assert.is(five.more_samples, 49);
  });

  it('fails when the bound from the other side refutes it', () => {
    const slow = judged(1000, 30);
    assert.is(slow.verdict, 'FAIL');
    assert.ok((slow.miss_rate_lower ?? 0) > 0.01);
    assert.is(slow.more_samples, null);
  });

  it('counts a sample over the budget, not at it', () => {
    const samples = steady(1000);
    samples[500] = 30;
    assert.is(judge(samplesOf([{ ms: samples }])).over_budget, 0);
    samples[500] = 30.000001;
    assert.is(judge(samplesOf([{ ms: samples }])).over_budget, 1);
  });

  it('asks for the share and the confidence of the line', () => {
    const samples = samplesOf([{ ms: withLate(64, 1) }]);
    assert.is(judge(samples, undefined, { budgetMs: 30, requiredShare: 0.9, confidence: 0.99 }).verdict, 'PASS');
    assert.is(
      judge(samples, undefined, { budgetMs: 30, requiredShare: 0.95, confidence: 0.99 }).verdict,
      'NOT_ENOUGH_DATA',
    );
  });

  it('judges batch 1 only', () => {
    const samples = samplesOf([{ ms: steady(299) }, { ms: steady(300, 80), batchSize: 8 }]);
    assert.equal([judge(samples).n, judge(samples).verdict], [299, 'PASS']);
  });

  it('leaves out the inferences that settle a turn, which are a labelled warm-up', () => {
    assert.is(judge(samplesOf([{ ms: steady(300) }])).max_ms < 99, true);
  });

  it('refuses a record whose samples hold none at batch 1', async () => {
    const samples = samplesOf([{ ms: steady(300), batchSize: 8 }]);
    await rejects(() => judge(samples), /latency-a-1 needs samples at batch 1, received none/);
    await rejects(() => judge(samplesOf([])), /received none/);
  });
});

const p99 = (n: number) => judged(n, 0).percentiles.find(({ p }) => p === 0.99)?.state;

describe('the percentiles of a latency', (it) => {
  it('are nearest ranks with a bound, each withheld below the samples it takes', () => {
    const hundred = judge(samplesOf([{ ms: Array.from({ length: 100 }, (_, index) => index + 1) }]));
    assert.equal(hundred.percentiles, [
      { state: 'measured', p: 0.5, value_ms: 50, upper_bound_ms: 59 },
      { state: 'measured', p: 0.9, value_ms: 90, upper_bound_ms: 96 },
      { state: 'measured', p: 0.95, value_ms: 95, upper_bound_ms: 99 },
      { state: 'not_enough_samples', p: 0.99, needs: 299 },
      { state: 'not_enough_samples', p: 0.999, needs: 2995 },
    ]);
  });

  it('reach p99 with 299 samples and not with 298', () => {
    assert.equal([p99(298), p99(299)], ['not_enough_samples', 'measured']);
  });

  it('are withheld altogether with one sample', () => {
    const one = judge(samplesOf([{ ms: [10] }]));
    assert.ok(one.percentiles.every(({ state }) => state === 'not_enough_samples'));
    assert.equal([one.max_ms, one.steady_state, one.steady_median_ms], [10, 'not_enough_samples', null]);
  });
});

const stageOf = (run_ms: number, end_to_end_ms: number) => ({
  read_ms: 1,
  decode_ms: 2,
  resize_ms: null,
  to_tensor_ms: 0.5,
  run_ms,
  decide_ms: 0.01,
  end_to_end_ms,
});

describe('what a latency judgement carries', (it) => {
  const rounds = Array.from({ length: 10 }, (_, index) => ({ round: index + 1, ms: steady(100, 10 + index) }));

  it('does not depend on the order in which the journal holds the rounds', () => {
    const inOrder = judge(samplesOf(rounds));
    assert.is(inOrder.steady_state, 'no_steady_state', 'ten steps up');
    const random = mulberry32(8);
    for (let round = 0; round < 10; round += 1) {
      assert.equal(judge(samplesOf(shuffle(rounds, random))), inOrder);
    }
  });

  it('goes by the number of a round before its start time, for clocks are set', () => {
    const slowFirst = [
      { round: 2, startedAt: minute(1), ms: steady(800) },
      { round: 1, startedAt: minute(2), ms: steady(200, 14) },
    ];
    assert.is(judge(samplesOf(slowFirst)).steady_state, 'warmup');
  });

  it('takes the aggregated mean, the number of runs and their spread from the runs', () => {
    const records = [200, 150, 210].map((meanMs, index) => latencyRecord({ run: index + 1, meanMs }));
    const runs = aggregateRuns(records, 'median');
    assert.ok(runs);
    const judgement = judgeLatency(runs, samplesOf([{ ms: steady(300) }]), DEMAND, 'median');
    assert.equal(
      [judgement.mean_ms, judgement.runs_count, judgement.runs_spread_ms, judgement.aggregation, judgement.record_id],
      [200, 3, [150, 210], 'median', 'latency-a-1'],
    );
  });

  it('shows session creation, first inference and warm-up apart from the samples', () => {
    const judgement = judge(samplesOf([{ ms: steady(300) }], 2));
    assert.equal(judgement.session_create_ms, [100, 101]);
    assert.equal(judgement.first_inference_ms, [40, 41]);
    assert.is(judgement.warmup_median_ms, 18);
  });

  it('counts outliers and late episodes and drops neither', () => {
    const samples = steady(1000);
    samples.splice(400, 3, 50, 60, 70);
    samples[900] = 80;
    const judgement = judge(samplesOf([{ ms: samples }]));
    assert.equal(
      [judgement.n, judgement.outliers, judgement.over_budget, judgement.late_episodes, judgement.max_ms],
      [1000, 4, 4, 2, 80],
    );
  });

  it('takes medians per stage of the whole path, and null for a stage nothing went through', () => {
    const { stages } = judge(
      samplesOf([{ ms: steady(300), stages: [stageOf(10, 14), stageOf(12, 31), stageOf(11, 15)] }]),
    );
    assert.is(stages.n, 3);
    assert.is(stages.medians.run_ms, 11);
    assert.is(stages.medians.resize_ms, null);
    assert.equal([stages.end_to_end_max_ms, stages.end_to_end_over_budget], [31, 1]);
    const none = judge(samplesOf([{ ms: steady(300) }])).stages;
    assert.equal([none.n, none.medians.end_to_end_ms, none.end_to_end_max_ms], [0, null, null]);
  });
});

const QUIET = { ms: steady(300), idle: 0.001, other: 0.02 };

const codesOn = (hostBefore: Record<string, unknown>, threads = 1) =>
  codes(judge(samplesOf([QUIET]), [latencyRecord({ hostBefore, threads })]));

const codesOfRuns = (...means: number[]) =>
  codes(
    judge(
      samplesOf([QUIET]),
      means.map((meanMs, index) => latencyRecord({ run: index + 1, meanMs })),
    ),
  );

describe('the warnings of a latency', (it) => {
  it('are none on a quiet machine', () => {
    assert.equal(codes(judge(samplesOf([QUIET, QUIET]))), []);
  });

  it('name a busy machine by the median round', () => {
    assert.equal(codes(judge(samplesOf([QUIET, { ...QUIET, other: 0.5 }, QUIET]))), []);
    const busy = { ...QUIET, other: 0.3 };
    assert.equal(codes(judge(samplesOf([busy, busy, QUIET]))), ['busy_machine']);
    assert.match(judge(samplesOf([busy])).warnings[0]?.message ?? '', /30 % of the machine/);
  });

  it('keep a busy machine from failing a model whose fastest inferences were in time: `measure`, `run` and the decision agree', () => {
    const late = (share: number, other: number) =>
      judge(samplesOf([{ ms: [...steady(1000 * (1 - share)), ...steady(1000 * share, 35)], other }]));
    assert.equal([late(0.06, 0.5).verdict, late(0.06, 0.5).doubt], ['NOT_ENOUGH_DATA', 'load']);
    assert.equal([late(0.06, 0).doubt, late(0, 0.5).doubt, judged(298, 0).doubt], [null, null, null]);
    assert.equal([late(0.06, 0).verdict, late(0.951, 0.5).verdict, late(0, 0.5).verdict], ['FAIL', 'FAIL', 'PASS']);
  });

  it('name a child that burns CPU while others are measured', () => {
    assert.equal(codes(judge(samplesOf([QUIET, { ...QUIET, idle: 0.9 }]))), ['idle_child_burns_cpu']);
  });

  it('say nothing of what the system does not tell', () => {
    const judgement = judge(samplesOf([{ ms: steady(300), idle: null, other: null }]), [
      latencyRecord({ hostBefore: { governor: null, cgroup_cpu_quota: null } }),
    ]);
    assert.equal(codes(judgement), []);
  });

  it('name a slowdown with both levels', () => {
    const judgement = judge(samplesOf([{ ms: [...steady(600), ...steady(400, 12)] }]));
    assert.is(judgement.steady_state, 'slowdown');
    assert.equal(codes(judgement), ['slowdown']);
    assert.match(judgement.warnings[0]?.message ?? '', /after 600 samples from a median of 10\.0\d ms to 12\.0\d ms/);
    near(judgement.steady_median_ms ?? undefined, 12.005, 0.001);
  });

  it('name a warm-up that was too short', () => {
    const judgement = judge(samplesOf([{ ms: [...steady(200, 14), ...steady(800)] }]));
    assert.equal([judgement.steady_state, codes(judgement)], ['warmup', ['late_warmup']]);
  });

  it('name a run that never became steady', () => {
    const judgement = judge(samplesOf([{ ms: [...steady(900), ...steady(100, 14)] }]));
    assert.equal([judgement.steady_state, codes(judgement)], ['no_steady_state', ['no_steady_state']]);
    assert.is(judgement.steady_median_ms, null);
  });

  it('name a run too short to tell', () => {
    assert.equal(codes(judge(samplesOf([{ ms: steady(50) }]))), ['steady_state_unknown']);
  });

  it('name a measurement that was resumed', () => {
    assert.equal(codes(judge(samplesOf([QUIET, { ...QUIET, round: 2, launch: 2 }], 2))), ['resumed']);
  });

  it('name none as resumed whose first launch ended before its first round', () => {
    assert.equal(codes(judge(samplesOf([{ ...QUIET, launch: 2 }], 2))), []);
  });

  it('name a governor that lets the clock vary, and a quota below the threads', () => {
    assert.equal(codesOn({ governor: 'powersave' }), ['cpu_governor']);
    assert.equal(codesOn({ cgroup_cpu_quota: 0.5 }), ['cpu_quota']);
    assert.equal(codesOn({ cgroup_cpu_quota: 1 }), []);
    assert.equal(codesOn({ cgroup_cpu_quota: 1 }, 2), ['cpu_quota']);
  });

  it('name more threads than the process may use cores', () => {
    assert.equal(codesOn({ affinity: '0-1' }, 2), []);
    assert.equal(codesOn({ affinity: '0-1' }, 3), ['more_threads_than_cores']);
    assert.equal(codesOn({ affinity: '3' }, 2), ['more_threads_than_cores']);
    assert.equal(codesOn({ affinity: '0-1,4,6-7' }, 5), []);
    assert.equal(codesOn({ affinity: '0-1,4,6-7' }, 6), ['more_threads_than_cores']);
    for (const affinity of [null, 'all']) {
      assert.equal(codesOn({ affinity }, LINE_PC.logical_cores), []);
      assert.equal(codesOn({ affinity }, LINE_PC.logical_cores + 1), ['more_threads_than_cores']);
    }
  });

  it('name late inferences that came in bursts, which the bound takes for independent', () => {
    const samples = withLate(1000, 2);
    assert.equal(codes(judge(samplesOf([{ ms: samples }]))), []);
    samples.splice(100, 3, 40, 40, 40);
    const judgement = judge(samplesOf([{ ms: samples }]));
    assert.equal(codes(judgement), ['late_bursts']);
    assert.match(judgement.warnings[0]?.message ?? '', /5 late inferences came in 3 bursts, the longest of 3/);
  });

  it('name runs of one configuration that differ by more than 10 %', () => {
    assert.equal(codesOfRuns(10, 10.9), []);
    assert.equal(codesOfRuns(10, 11.1), ['runs_differ']);
  });

  it('name a path that is too slow only with reading and decoding', () => {
    const stage = {
      read_ms: 9,
      decode_ms: 9,
      resize_ms: 3,
      to_tensor_ms: 1,
      run_ms: 10,
      decide_ms: 0.1,
      end_to_end_ms: 32,
    };
    assert.equal(codes(judge(samplesOf([{ ...QUIET, stages: [stage] }]))), ['end_to_end_over_budget']);
    assert.equal(codes(judge(samplesOf([{ ...QUIET, stages: [{ ...stage, run_ms: 31 }] }]))), []);
  });

  it('begin with those of the record', () => {
    const warnings = [{ code: 'few_inputs', message: 'only 3 different images were fed' }];
    assert.equal(judge(samplesOf([QUIET]), [latencyRecord({ warnings })]).warnings, warnings);
  });
});

describe('the spread of the rounds', (it) => {
  it('is the lowest and the highest mean of a round', () => {
    const rounds = [10, 12, 9].map((ms) => ({ ms: [ms - 1, ms + 1] }));
    assert.equal(judge(samplesOf(rounds)).rounds_spread_ms, [9, 12]);
  });

  it('is unknown from one round', () => {
    assert.is(judged(299, 0).rounds_spread_ms, null);
  });
});
