import * as assert from 'uvu/assert';
import { chooseTrial, paretoSet } from '../../../src/quantize/search/choose.ts';
import { judgeTrial, type JudgedTrial, type SearchGoals } from '../../../src/quantize/search/judge.ts';
import type { Recipe } from '../../../src/records/recipe.ts';
import { describe } from '../../describe.ts';
import { GOALS, trialOf, type Truth } from './world.ts';
import { RECIPE } from '../recipe.ts';

function judged(change: Partial<Recipe>, truth: Truth, goals: SearchGoals = GOALS): JudgedTrial {
  return judgeTrial(trialOf({ ...RECIPE, ...change }, truth), goals);
}

describe('chooseTrial', (it) => {
  it('takes the fastest that holds the limit', () => {
    const trials = [
      judged({}, { ratio: 0.5 }),
      judged({ grn: 'frozen' }, { ratio: 0.3, lost: 20 }),
      judged({ depthwise: 'int8' }, { ratio: 0.4 }),
    ];
    assert.is(chooseTrial(trials, RECIPE), trials[2]);
  });

  it('takes the simpler of those that noise cannot tell apart', () => {
    const trials = [
      judged({ gelu: 'tanh' }, { ratio: 0.4, noise: 0.02 }),
      judged({ depthwise: 'int8', calibration: 'mse' }, { ratio: 0.402, noise: 0.02 }),
      judged({ depthwise: 'int8' }, { ratio: 0.405, noise: 0.02 }),
    ];
    assert.is(chooseTrial(trials, RECIPE), trials[2], 'exact, and one change only');
  });

  it('does not give a real difference away for simplicity', () => {
    const trials = [judged({}, { ratio: 0.45 }), judged({ gelu: 'tanh', grn: 'frozen' }, { ratio: 0.4 })];
    assert.is(chooseTrial(trials, RECIPE), trials[1]);
  });

  it('does not leave those that meet the target', () => {
    const goals = { ...GOALS, targetP99Ms: 8.5 };
    const trials = [
      judged({}, { ratio: 0.41, noise: 0.05 }, goals),
      judged({ gelu: 'tanh' }, { ratio: 0.4, noise: 0.02 }, goals),
    ];
    assert.is(chooseTrial(trials, RECIPE), trials[1]);
  });

  it('has none where none holds the limit, or none made a file', () => {
    assert.is(chooseTrial([judged({}, { lost: 30 }), judged({}, { failure: 'not fused' })], RECIPE), undefined);
    assert.is(chooseTrial([], RECIPE), undefined);
  });
});

describe('paretoSet', (it) => {
  it('holds what no other trial beats in both, by speed, whether it holds the limit or not', () => {
    const slow = judged({}, { ratio: 0.5, lost: 1 });
    const middle = judged({ gelu: 'tanh' }, { ratio: 0.4, lost: 4 });
    const beaten = judged({ depthwise: 'int8' }, { ratio: 0.41, lost: 5 });
    const fast = judged({ grn: 'frozen' }, { ratio: 0.3, lost: 50 });
    const failed = judged({ linears: 'dynamic' }, { failure: 'not fused' });
    assert.equal(paretoSet([slow, middle, beaten, fast, failed]), [fast, middle, slow]);
  });

  it('keeps both of two equal ones', () => {
    const twins = [judged({}, { ratio: 0.5 }), judged({ calibration: 'mse' }, { ratio: 0.5 })];
    assert.is(paretoSet(twins).length, 2);
  });
});
