import * as assert from 'uvu/assert';
import { renderLatency } from '../../src/cli/latencyText.ts';
import { aggregateRuns } from '../../src/decide/aggregate.ts';
import { judgeLatency } from '../../src/decide/latency.ts';
import { study } from '../decide/factories.ts';
import { latencyRecord, samplesOf, steady } from '../decide/latencyFactories.ts';
import { describe } from '../describe.ts';

describe('the latency table', (it) => {
  it('says each failure and each doubt of a record on one line, whatever a file or a server wrote', () => {
    const warnings = [{ code: 'few_inputs', message: 'few\n\u001B]0;owned\u0007inputs' }];
    const record = latencyRecord({ candidate: 'plain', warnings });
    const runs = aggregateRuns([record], 'latest');
    assert.ok(runs);
    const demand = { budgetMs: 30, requiredShare: 0.99, confidence: 0.95 };
    const judgement = judgeLatency(runs, samplesOf([{ ms: steady(300) }]), demand, 'latest');
    const about = { id: 'plain', record_id: 'latency-plain', reused: true, lost: null };
    const text = renderLatency(study(), [
      { ...about, failure: null, judgement },
      { ...about, id: 'sharp', failure: 'no\n\u001B[2Jmodel', judgement: null },
    ]);
    const lines = text.split('\n');
    assert.ok(lines.includes('plain: few??]0;owned?inputs'), text);
    assert.ok(lines.includes('sharp: no??[2Jmodel'), text);
  });

  it('says a doubt that several share once, with the range of its figures', () => {
    const judgedWith = (id: string, other: number) => {
      const runs = aggregateRuns([latencyRecord({ candidate: id })], 'latest');
      assert.ok(runs);
      const demand = { budgetMs: 30, requiredShare: 0.99, confidence: 0.95 };
      const judgement = judgeLatency(runs, samplesOf([{ ms: steady(300), other }]), demand, 'latest');
      return { id, record_id: `latency-${id}`, reused: true, lost: null, failure: null, judgement };
    };
    const text = renderLatency(study(), [judgedWith('a', 0.5), judgedWith('b', 0.25)]);
    assert.match(text, /^a, b: other processes took 25-50 % of the machine/m);
    assert.is(text.match(/other processes/g)?.length, 1);
  });
});
