import * as assert from 'uvu/assert';
import { judgeTracked, type Figures } from '../../../src/decide/modes/tracker.ts';
import { describe } from '../../describe.ts';
import { linePlan, tracked } from './plans.ts';

function figuresOf(changes: object): Figures {
  const figures = judgeTracked(linePlan(), [tracked('fast', 'standard', 'f1', changes)])
    .get('standard')
    ?.get('fast');
  assert.ok(figures);
  return figures;
}

const reviews = (target: [number, number, number], other: [number, number, number]): object => {
  const calls = ([asTarget, asMaybe, asOther]: [number, number, number]) => ({
    target: asTarget,
    maybe: asMaybe,
    other: asOther,
  });
  return { reviews: { target: calls(target), other: calls(other) } };
};

describe('rules.md 4: the performance tracker', (it) => {
  it('answers average speed, latency and success rate over the newest two blocks', () => {
    const figures = figuresOf({
      total: 5000,
      previous: { n: 500, successes: 490, timed: 490, work: 490, seconds: 4.9 },
      current: { n: 100, successes: 100, timed: 100, work: 200, seconds: 1 },
    });
    assert.equal([figures.total, figures.observations, figures.successes], [5000, 600, 590]);
    assert.ok(Math.abs((figures.unitsPerSecond ?? 0) - 690 / 5.9) < 1e-9);
    assert.ok(Math.abs((figures.meanSeconds ?? 0) - 5.9 / 590) < 1e-12);
  });

  it('has no speed where nothing succeeded, rather than none', () => {
    const figures = figuresOf({ current: { n: 3, successes: 0, timed: 0, work: 0, seconds: 0 } });
    assert.equal([figures.unitsPerSecond, figures.meanSeconds], [undefined, undefined]);
  });
});

describe('rules.md 4: the recall that workers find', (it) => {
  it('counts a target that went to review as found, with the exact interval', () => {
    const { recall, falseRejects } = figuresOf(reviews([90, 5, 5], [3, 7, 90]));
    assert.equal([recall?.k, recall?.n], [95, 100]);
    // scipy.stats.binomtest(95, 100).proportion_ci(0.95, method='exact')
    assert.ok(Math.abs((recall?.interval?.lower ?? 0) - 0.8871651) < 1e-6, String(recall?.interval?.lower));
    assert.ok(Math.abs((recall?.interval?.upper ?? 0) - 0.9835681) < 1e-6, String(recall?.interval?.upper));
    assert.equal([falseRejects?.k, falseRejects?.n], [3, 100]);
  });

  it('is refuted, proven, or neither, against the floor of the mode', () => {
    assert.is(figuresOf(reviews([95, 0, 5], [0, 0, 1])).recallVerdict?.verdict, 'FAIL');
    assert.is(figuresOf(reviews([99, 0, 1], [0, 0, 1])).recallVerdict?.verdict, 'NOT_ENOUGH_DATA');
    assert.is(figuresOf(reviews([299, 0, 0], [0, 0, 1])).recallVerdict?.verdict, 'PASS');
  });

  it('is of the seeded targets where nothing else could have shown a miss, and of all where it could', () => {
    const seeded = { seeded: { target: 990, maybe: 5, other: 5 } };
    const flagged = figuresOf({ ...reviews([1490, 5, 5], [30, 0, 0]), ...seeded });
    assert.equal([flagged.recall?.k, flagged.recall?.n, flagged.seededTargets], [995, 1000, 1000]);
    const all = figuresOf({ ...reviews([1490, 5, 15], [30, 0, 9]), ...seeded });
    assert.equal([all.recall?.k, all.recall?.n], [1495, 1510]);
    const perfect = figuresOf({ ...reviews([1000, 0, 0], [0, 0, 0]), seeded: { target: 1000, maybe: 0, other: 0 } });
    assert.equal([perfect.recall?.k, perfect.recall?.n, perfect.recallVerdict?.verdict], [1000, 1000, 'PASS']);
  });

  it('is unknown where every reviewed item had been flagged: a miss could not have shown', () => {
    const figures = figuresOf(reviews([500, 20, 0], [30, 10, 0]));
    assert.equal([figures.recall, figures.recallVerdict], [undefined, undefined]);
    assert.equal([figures.falseRejects?.k, figures.falseRejects?.n], [30, 40]);
  });
});
