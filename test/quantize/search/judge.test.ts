import * as assert from 'uvu/assert';
import { judgeTrial } from '../../../src/quantize/search/judge.ts';
import { describe } from '../../describe.ts';
import { GOALS, trialOf } from './world.ts';
import { RECIPE } from '../recipe.ts';

describe('judgeTrial', (it) => {
  it('holds a drop that equals the limit, whatever a binary fraction makes of it', () => {
    for (const [limit, lost] of [
      [0.7, 7],
      [0.3, 3],
      [0.1, 1],
    ] as const) {
      const goals = { ...GOALS, maxAccuracyDropPoints: limit };
      assert.ok(judgeTrial(trialOf(RECIPE, { lost }), goals).isFeasible, `${limit} points`);
      assert.not.ok(judgeTrial(trialOf(RECIPE, { lost: lost + 1 }), goals).isFeasible);
    }
  });

  it('counts a drop as positive, and tests it by the images on which the two differ', () => {
    const { accuracy } = judgeTrial(trialOf(RECIPE, { lost: 11, won: 4 }), GOALS);
    assert.is(accuracy?.drop, 0.007);
    // Of 15 coins at most 4 heads, twice.
    assert.is(accuracy?.exactP.toFixed(9), ((2 * (1 + 15 + 105 + 455 + 1365)) / 2 ** 15).toFixed(9));
    const [low, high] = accuracy?.dropInterval ?? [];
    // The score of "no difference" is 7 / sqrt(15) = 1.81, below 1.96: zero lies inside.
    assert.ok(low !== undefined && high !== undefined && low < 0 && high > 0.007);
  });

  it('tells a limit that the images hold from one that they prove', () => {
    const held = judgeTrial(trialOf(RECIPE, { lost: 6, won: 4 }), GOALS);
    assert.ok(held.accuracy?.holdsLimit);
    assert.not.ok(held.accuracy?.provesLimit);
    const proven = judgeTrial(trialOf(RECIPE, {}), GOALS);
    assert.ok(proven.accuracy?.provesLimit, 'no flip in 1,000 images proves 0.5 points');
  });

  it('takes a gain for no drop', () => {
    assert.ok(judgeTrial(trialOf(RECIPE, { won: 9 }), { ...GOALS, maxAccuracyDropPoints: 0 }).isFeasible);
  });

  it('reads the ratio from rounds, with an interval that holds it', () => {
    const { latency } = judgeTrial(trialOf(RECIPE, { ratio: 0.4, noise: 0.02 }), GOALS);
    assert.ok(latency !== undefined && Math.abs(latency.ratio - 0.4) < 0.002);
    assert.ok(latency.ratioInterval[0] > 0.37 && latency.ratioInterval[0] < 0.4);
    assert.ok(latency.ratioInterval[1] > 0.4 && latency.ratioInterval[1] < 0.43);
    assert.is(latency.p99UpperMs, 20 * 0.42, 'of 300 samples the largest bounds p99 at 95 %');
  });

  it('meets a target with p99, and no target without one', () => {
    const trial = trialOf(RECIPE, { ratio: 0.5, noise: 0 });
    assert.ok(judgeTrial(trial, { ...GOALS, targetP99Ms: 10 }).latency?.meetsTarget);
    assert.not.ok(judgeTrial(trial, { ...GOALS, targetP99Ms: 9.99 }).latency?.meetsTarget);
    assert.not.ok(judgeTrial(trial, GOALS).latency?.meetsTarget);
  });

  it('knows nothing of a recipe that made no file', () => {
    const { accuracy, latency, isFeasible } = judgeTrial(trialOf(RECIPE, { failure: 'not fused' }), GOALS);
    assert.equal([accuracy, latency, isFeasible], [undefined, undefined, false]);
  });
});
