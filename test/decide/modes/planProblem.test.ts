import * as assert from 'uvu/assert';
import { planProblem } from '../../../src/decide/modes/planProblem.ts';
import { describe } from '../../describe.ts';
import { earlierPlan, linePlan } from './plans.ts';

function problem(changes: object, make = linePlan): string {
  return planProblem(make(changes)) ?? 'none';
}

describe('planProblem', (it) => {
  it('finds none in a plan that is in order', () => {
    assert.is(planProblem(linePlan()), undefined);
    assert.is(planProblem(earlierPlan()), undefined);
  });

  it('finds unknown names, and says the nearest', () => {
    assert.match(problem({ rules: [{ when: {}, choose: 'fasst' }] }), /rules\.0\.choose` names `fasst`.*`fast`\?/);
    assert.match(problem({ fallback_chains: { fast: ['acurate'] } }), /fallback_chains\.fast` names.*`accurate`\?/);
    assert.match(problem({ fallback_chains: { slow: [] } }), /names `slow`, which is no deployment/);
    assert.match(problem({ last_resort: 'stopp' }), /last_resort` names `stopp`/);
    assert.match(
      problem({ rules: [{ when: { mode: 'fod_safety' }, choose: 'fast' }] }),
      /which is no mode.*`food_safety`/,
    );
    assert.match(problem({ mode_settings: { standard: { fats: {} } } }), /settings of standard` names `fats`/);
  });

  it('finds chains that come back: of themselves, or the same link twice', () => {
    assert.match(problem({ fallback_chains: { fast: ['fast'] } }), /is a cycle: fast -> fast comes back to `fast`/);
    assert.match(problem({ fallback_chains: { fast: ['accurate', 'accurate'] } }), /comes back to `accurate`/);
    const modes = { standard: { primary: 'fast', fallback_chain: ['accurate', 'fast'] } };
    assert.match(problem({ modes }), /mode `standard`: .* is a cycle: fast -> accurate -> fast/);
  });

  it("lets any mode be named in another plan than a line's", () => {
    const rules = [{ when: { mode: 'simple_question' }, choose: 'gemma-3-1b-it' }];
    assert.is(problem({ rules }, earlierPlan), 'none');
  });

  it("holds a line's plan to a safe last resort, and to rules that cannot overrule a mode", () => {
    assert.match(problem({ last_resort: null }), /must name a last resort, received none; write `stop`/);
    assert.match(
      problem({ last_resort: 'fast' }),
      /last resort `fast` must hold .* for `food_safety` its recall is not/,
    );
    assert.is(problem({ last_resort: 'accurate' }), 'none', 'its budget may fail');
    const careless = [{ when: {}, choose: 'fast', ignore_suitability: true }];
    assert.match(problem({ rules: careless }), /`rules\.0` must not ignore suitability/);
  });

  it('needs a deployment, and none that is called stop', () => {
    assert.match(problem({ deployments: {}, modes: {} }), /needs at least one deployment/);
    const { deployments } = linePlan();
    assert.match(problem({ deployments: { ...deployments, stop: {} } }), /must not be called `stop`/);
  });
});
