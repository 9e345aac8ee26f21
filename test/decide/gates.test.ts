import * as assert from 'uvu/assert';
import { aggregateRuns } from '../../src/decide/aggregate.ts';
import { latencyDemand, recallDemand } from '../../src/decide/demands.ts';
import { combine, latencyGate, recallGate } from '../../src/decide/gates.ts';
import { judgeLatency } from '../../src/decide/latency.ts';
import { sweepPredictions } from '../../src/decide/sweep.ts';
import { gateSchema, type Gate } from '../../src/records/decision.ts';
import type { Sweep } from '../../src/records/sweep.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { study } from './factories.ts';
import { latencyRecord, samplesOf, steady } from './latencyFactories.ts';
import { evaluationOf, predictionsFrom } from './predictionFactories.ts';

const NOTHING = { kind: 'missing', reason: 'not there', needs: 'get it' } as const;
const repeat = (score: number, count: number): number[] => Array<number>(count).fill(score);

describe('a model that failed to run', (it) => {
  const FAILED = { kind: 'failed', reason: 'the measurement failed: NaN' } as const;

  it('fails its gates: more data would not help it', () => {
    const latency = latencyGate(undefined, latencyDemand(study()), FAILED);
    assert.equal([latency.verdict, latency.reason, latency.needs], ['FAIL', 'the measurement failed: NaN', null]);
    assert.is(recallGate(undefined, recallDemand(study()), 'pit', FAILED).verdict, 'FAIL');
  });

  it('is not one that was merely not measured', () => {
    assert.is(latencyGate(undefined, latencyDemand(study()), NOTHING).verdict, 'NOT_ENOUGH_DATA');
  });
});

describe('latencyGate', (it) => {
  const demand = latencyDemand(study());
  const runs = aggregateRuns([latencyRecord()], 'latest');
  const gateOf = (n: number, late: number, lateMs = 35): Gate => {
    assert.ok(runs);
    const samples = samplesOf([{ ms: [...steady(n - late), ...repeat(lateMs, late)] }]);
    return gateSchema.parse(latencyGate(judgeLatency(runs, samples, demand, 'latest'), demand, NOTHING));
  };

  it('does not fail a model for the load of others, unless even the fastest of its inferences are late', () => {
    assert.ok(runs);
    const judge = (late: number): Gate => {
      const ms = [...steady(1000 - late), ...repeat(35, late)];
      return latencyGate(judgeLatency(runs, samplesOf([{ ms, other: 0.5 }]), demand, 'latest'), demand, NOTHING);
    };
    assert.equal(
      [gateOf(1000, 60).verdict, judge(60).verdict, judge(900).verdict, judge(951).verdict],
      ['FAIL', 'NOT_ENOUGH_DATA', 'NOT_ENOUGH_DATA', 'FAIL'],
    );
    assert.match(judge(60).needs ?? '', /close what else runs/);
    assert.is(judge(0).verdict, 'PASS');
  });

  it('passes with the bound that proves it', () => {
    const gate = gateOf(1000, 4);
    assert.equal([gate.gate, gate.verdict, gate.needs, gate.excess], ['latency', 'PASS', null, null]);
    assert.is(
      gate.reason,
      '4 of 1,000 inferences over 30.00 ms: with 95 % confidence at most 0.92 % are; required: at least 99.0 % within the budget',
    );
  });

  it('fails with the bound that refutes it, and how far beyond the budget the percentile lies', () => {
    const gate = gateOf(1000, 40, 45);
    assert.is(gate.verdict, 'FAIL');
    assert.match(gate.reason, /^40 of 1,000 .*with 95 % confidence at least 3\.03 % are; required: at least 99\.0 %/);
    assert.equal([gate.needs, gate.excess], [null, 1.5]);
  });

  it('measures a FAIL by the percentile of the required share, not by the slowest sample', () => {
    assert.ok(runs);
    const samples = samplesOf([{ ms: [...steady(960), ...repeat(45, 30), ...repeat(900, 10)] }]);
    const gate = latencyGate(judgeLatency(runs, samples, demand, 'latest'), demand, NOTHING);
    assert.equal([gate.verdict, gate.excess], ['FAIL', 1.5]);
  });

  it('measures a FAIL by the slowest sample where there are too few for the percentile', () => {
    const gate = gateOf(100, 20, 60);
    assert.equal([gate.verdict, gate.excess], ['FAIL', 2]);
  });

  it('asks for one new run of a length fixed beforehand when it is open', () => {
    const gate = gateOf(1000, 5);
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(gate.reason, /^5 of 1,000 inferences .* at most 1\.05 % are; not proven/);
    assert.is(gate.needs, '49 more samples without another late one, planned as one new run of 1,049 iterations');
    assert.match(gateOf(298, 0).needs ?? '', /^1 more sample without .* 299 iterations$/);
  });

  it('says why there is nothing to judge', () => {
    assert.equal(latencyGate(undefined, demand, NOTHING), {
      gate: 'latency',
      verdict: 'NOT_ENOUGH_DATA',
      reason: 'not there',
      needs: 'get it',
      excess: null,
    });
  });
});

describe('recallGate', (it) => {
  const demand = recallDemand(study());
  const sweep = (pits: readonly number[], cleans: readonly number[]): Sweep => {
    const predictions = predictionsFrom(pits, cleans);
    return sweepPredictions(evaluationOf(predictions), predictions, { target: 'pit', maybe: undefined }, demand);
  };
  const gateOf = (pits: readonly number[], cleans: readonly number[]): Gate =>
    gateSchema.parse(recallGate(sweep(pits, cleans), demand, 'pit', NOTHING));
  /** 566 pits, one of them missed at the certified threshold 0.8, and 660 cleans of which so many reach `score`. */
  const rejecting = (count: number, score: number): Gate =>
    gateOf([0.2, ...repeat(0.8, 5), ...repeat(0.9, 560)], [...repeat(score, count), ...repeat(0.1, 660 - count)]);

  it('passes where an operating point certifies the floor within the limit', () => {
    const gate = rejecting(29, 0.8);
    assert.equal([gate.gate, gate.verdict, gate.needs, gate.excess], ['recall', 'PASS', null, null]);
    assert.is(
      gate.reason,
      'at threshold 0.8 1 of 566 missed (1 allowed), certified recall 99.16 %; false rejects 29 of 660 = 4.4 % (95 %: 3.0-6.2 %), limit 10.0 %',
    );
  });

  it('does not fail a model whose argmax is refuted', () => {
    // All pits score 0.4: argmax misses every one, a threshold of 0.4 none.
    assert.is(gateOf(repeat(0.4, 566), repeat(0.1, 660)).verdict, 'PASS');
  });

  it('fails where no threshold that the images allow stays within the limit', () => {
    const gate = rejecting(132, 0.95);
    assert.is(gate.verdict, 'FAIL');
    assert.match(
      gate.reason,
      /but false rejects 132 of 660 = 20\.0 % .*; even at threshold 0\.9, .* \(6 of 566 missed\), false rejects 132 of 660 = 20\.0 %/,
    );
    near(gate.excess ?? undefined, 2, 1e-12);
  });

  it('fails with its numbers also where too few targets certify nothing and refute all the same', () => {
    const gate = gateOf(repeat(0.5, 280), [...repeat(0.9, 330), ...repeat(0.1, 330)]);
    assert.is(gate.verdict, 'FAIL');
    assert.match(
      gate.reason,
      /^280 pit images certify no threshold, and even at threshold 0\.5, the highest at which pit recall 99\.0 % is not refuted \(0 of 280 missed\), false rejects 330 of 660 = 50\.0 % \(95 %: 46\.1-53\.9 %\), limit 10\.0 %/,
    );
    near(gate.excess ?? undefined, 5, 1e-12);
  });

  it('measures a FAIL where the data are kindest to it, not at the certified threshold', () => {
    // 200 others reach the certified 0.8, 132 of them also what lies above it.
    const gate = gateOf(
      [0.2, ...repeat(0.8, 5), ...repeat(0.9, 560)],
      [...repeat(0.95, 132), ...repeat(0.85, 68), ...repeat(0.1, 460)],
    );
    assert.match(
      gate.reason,
      /but false rejects 200 of 660 = 30\.3 % .*; even at threshold 0\.9, .* 132 of 660 = 20\.0 %/,
    );
    near(gate.excess ?? undefined, 2, 1e-12);
  });

  it('says what two thresholds with a review between them would do, and what that costs', () => {
    const said =
      /; with review from 0\.8 and pit from .* both limits would hold, but 697 of 1,226 images = 56\.9 % \(95 %: .*\) would go to review: this gate counts one threshold alone$/;
    assert.match(rejecting(132, 0.95).reason, said);
    assert.match(
      rejecting(132, 0.85).reason,
      /; with review from 0\.8 and pit from 0\.9 .* 137 of 1,226 images = 11\.2 %/,
    );
    assert.not.match(rejecting(29, 0.8).reason, /review/);
  });

  it('asks for more targets when there are too few to certify anything', () => {
    const gate = gateOf(repeat(0.9, 280), repeat(0.1, 660));
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(
      gate.reason,
      /^280 pit images cannot prove pit recall 99\.0 % at 95 % confidence, not even without a miss$/,
    );
    assert.is(gate.needs, '19 more pit images (299 in all, with no miss)');
  });

  it('asks for more others, or more targets, where the limit is kept but not proven', () => {
    const gate = rejecting(60, 0.8);
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(gate.reason, /false rejects 60 of 660 = 9\.1 % .*: not proven to stay within the limit of 10\.0 %/);
    // 60 of 741 is the first count that proves 10 % at 95 %; 628 targets allow 2 misses.
    assert.match(
      gate.needs ?? '',
      /^\d+ more other images without another false reject, or at least 62 more pit images, to allow 2 misses/,
    );
  });

  it('asks for more targets only where the certified threshold rejects too many', () => {
    const gate = rejecting(132, 0.85);
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(gate.needs ?? '', /^at least 62 more pit images, to allow 2 misses and so a higher threshold$/);
  });

  it('asks for others where there is none', () => {
    const gate = gateOf(repeat(0.9, 566), []);
    assert.is(gate.verdict, 'NOT_ENOUGH_DATA');
    assert.match(gate.reason, /false rejects 0 of 0: not proven/);
    assert.match(gate.needs ?? '', /^29 more other images without another false reject, or/);
  });

  it('says why there is nothing to judge', () => {
    assert.equal(recallGate(undefined, demand, 'pit', NOTHING).needs, 'get it');
  });
});

describe('combine', (it) => {
  it('lets a FAIL outweigh everything and a doubt outweigh a PASS', () => {
    assert.is(combine(['PASS', 'NOT_ENOUGH_DATA', 'FAIL']), 'FAIL');
    assert.is(combine(['PASS', 'NOT_ENOUGH_DATA', 'PASS']), 'NOT_ENOUGH_DATA');
    assert.is(combine(['PASS', 'PASS', 'PASS']), 'PASS');
  });
});
