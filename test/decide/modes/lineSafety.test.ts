import * as assert from 'uvu/assert';
import type { Ask, Choice, Resources } from '../../../src/decide/modes/ask.ts';
import { choose } from '../../../src/decide/modes/choose.ts';
import { planProblem } from '../../../src/decide/modes/planProblem.ts';
import { judgeTracked } from '../../../src/decide/modes/tracker.ts';
import type { Tracked } from '../../../src/records/observation.ts';
import type { Plan } from '../../../src/records/plan.ts';
import { describe } from '../../describe.ts';
import { earlierPlan, entry, linePlan, observed, tracked } from './plans.ts';

function answer(plan: Plan, ask: Ask, cells: readonly Tracked[] = [], resources: Resources = {}): Choice {
  return choose(plan, ask, judgeTracked(plan, cells), resources);
}

const refuted = (deployment: string): Tracked =>
  tracked(deployment, 'm', null, {
    reviews: { target: { target: 80, maybe: 0, other: 20 }, other: { target: 0, maybe: 0, other: 10 } },
  });

const DEMANDS = { budget_ms: 30, target_recall: 0.99, confidence: 0.95 };

/** Three deployments in one mode, a better than b better than c; each meets the demands, but for `changes` of its entry. */
function three(changes: object = {}, mode: object = {}, entries: object = {}): Plan {
  const qualities = { a: 0.95, b: 0.94, c: 0.93 };
  return linePlan({
    deployments: Object.fromEntries(
      Object.entries(qualities).map(([id, quality]) => [
        id,
        {
          memory_mb: 100,
          threads: 2,
          benchmark: { units_per_second: 50 },
          modes: { m: { ...entry('PASS', 'PASS', quality), ...entries } },
        },
      ]),
    ),
    modes: { m: { ...DEMANDS, ...mode } },
    equal_within: { quality: 0, speed: 0 },
    ...changes,
  });
}

const CHAINED = { primary: 'a', fallback_chain: ['b', 'c'] };
const CHAINS = { fallback_chains: { a: ['b', 'c'], b: ['a'] } };

describe('a line does not stop while a deployment of the mode is left', (it) => {
  it("goes on in the mode's own chain when the line has excluded its primary", () => {
    const choice = answer(three(CHAINS, CHAINED), { mode: 'm', failed: ['b'] }, [refuted('a')]);
    assert.equal([choice.deployment, choice.is_last_resort], ['c', false]);
  });

  it("goes on with the mode's own order when the chain of a rule's or a caller's choice is at its end, and says so", () => {
    const plan = three({ fallback_chains: { c: ['b'] }, rules: [{ when: { priority: 'x' }, choose: 'c' }] }, CHAINED);
    for (const ask of [{ priority: 'x' }, { preferred: 'c' }]) {
      const choice = answer(plan, { mode: 'm', failed: ['b', 'c'], ...ask });
      assert.is(choice.deployment, 'a');
      assert.match(choice.reason, /nobody of its chain can do it either; a is the next of mode m itself/);
    }
    assert.is(answer(plan, { mode: 'm', priority: 'x', failed: ['c'] }).deployment, 'b', 'its chain first');
  });

  it("names who could do it but stands in no chain, when a chain alone was the mode's", () => {
    const plan = three({}, { primary: 'a', fallback_chain: ['b'] });
    const choice = answer(plan, { mode: 'm', failed: ['a', 'b'] });
    assert.is(choice.outcome, 'stop');
    assert.match(choice.reason, /not in a's chain: c, which meets the demands/);
  });

  it("does not look beyond a chain where the plan has no order of the mode's own", () => {
    const plan = earlierPlan({ fallback_chains: { 'qwen2.5-0.5b': [] }, last_resort: null });
    const ask = { mode: 'tool_selection', preferred: 'qwen2.5-0.5b' };
    const choice = answer(plan, ask);
    assert.is(choice.outcome, 'none');
    assert.match(choice.reason, /not in qwen2\.5-0\.5b's chain: phi-4-mini-instruct, which meets the demands/);
  });
});

describe("the mode's primary and chain", (it) => {
  it('come first where neither the caller nor a rule says so, whatever the scores', () => {
    const plan = three({}, { primary: 'c', fallback_chain: ['b', 'a'] });
    assert.is(answer(plan, { mode: 'm' }).deployment, 'c');
    assert.match(answer(plan, { mode: 'm' }).reason, /c is the primary of mode m/);
    assert.is(answer(plan, { mode: 'm', failed: ['c'] }).deployment, 'b');
  });

  it('give way only to whom the line has shown to be better', () => {
    const equals = { quality: 0.1, speed: 0 };
    const plan = three({ equal_within: equals }, { primary: 'c', fallback_chain: ['b', 'a'] });
    const cells = (ms: readonly number[]) =>
      ['a', 'b', 'c'].map((id, index) => tracked(id, 'm', null, observed(30, ms[index] ?? 0)));
    assert.is(answer(plan, { mode: 'm' }, cells([9, 5, 9])).deployment, 'b');
    assert.is(answer(plan, { mode: 'm' }, cells([9, 9, 5])).deployment, 'c');
  });

  it('without a chain are followed by all others, in the order of the scores', () => {
    assert.is(answer(three({}, { primary: 'c' }), { mode: 'm', failed: ['c'] }).deployment, 'a');
  });
});

describe('few timed observations', (it) => {
  it('prove nothing of the speed, however many failures stand beside them', () => {
    const cells = [tracked('a', 'm', null, observed(30, 50, 1))];
    const choice = answer(three(), { mode: 'm' }, cells);
    assert.is(choice.deployment, 'a', '1 success of 50 ms does not refute a budget of 30 ms');
    assert.equal([choice.speed?.source, choice.speed?.observations], ['benchmark', 1]);
  });

  it('do not order the deployments', () => {
    const plan = three({}, { priorities: ['speed'], ...CHAINED });
    const cells = [observed(30, 9, 1), observed(30, 5, 1), observed(30, 9, 1)].map((changes, index) =>
      tracked('abc'[index] ?? '', 'm', null, changes),
    );
    const choice = answer(plan, { mode: 'm' }, cells);
    assert.is(choice.deployment, 'a');
    assert.match(choice.notes.join(), /a has 1 of the 30 timed observations/);
  });
});

describe("a line's last resort", (it) => {
  const late = three(
    { last_resort: 'a', tracker: { min_observations: 30, min_success_rate: 0.95 } },
    {},
    {
      requirements: [
        { requirement: 'budget', verdict: 'FAIL', reason: 'late' },
        { requirement: 'recall', verdict: 'PASS', reason: 'proven' },
      ],
    },
  );

  it('is taken where it fits', () => {
    assert.is(answer(late, { mode: 'm' }, [], { memoryMb: 100, threads: 2 }).outcome, 'last_resort');
  });

  it('is not taken where it does not fit, is not asked for, or is proven to fail: the belt stops', () => {
    const cases: [Partial<Ask>, Resources, readonly Tracked[], RegExp][] = [
      [{}, { memoryMb: 5 }, [], /a cannot be taken: it takes 100 MB, and 5 MB are free/],
      [{}, { threads: 1 }, [], /a cannot be taken: it runs with 2 threads/],
      [{ only: ['b'] }, {}, [], /a cannot be taken: it is not among those of --only/],
      [{}, {}, [tracked('a', 'm', null, observed(200, 9, 0))], /a cannot be taken: 0 of its newest 200 runs succeeded/],
    ];
    for (const [ask, resources, cells, why] of cases) {
      const choice = answer(late, { mode: 'm', ...ask }, cells, resources);
      assert.is(choice.outcome, 'stop');
      assert.match(choice.reason, why);
    }
  });
});

describe("the numbers of a line's plan", (it) => {
  const certified = (recall: number | null) => ({
    thresholds: { target_from: 0.5, certified_recall: recall, targets: 10, misses: 5, review_band: null },
  });

  it('outweigh its verdicts: a recall that is certified below the floor, or not at all, is not proven', () => {
    for (const [entries, why] of [
      [certified(0.5), /recall: certified at 50\.00 %, below the floor of 99\.0 %/],
      [certified(null), /recall: no certified recall/],
      [{ thresholds: null }, /recall: no certified recall/],
    ] as const) {
      const choice = answer(three({}, {}, entries), { mode: 'm' });
      assert.is(choice.outcome, 'stop');
      assert.match(choice.passed_over[0]?.reason ?? '', why);
      assert.match(planProblem(three({ last_resort: 'a' }, {}, entries)) ?? '', /its recall is not certified/);
    }
    assert.is(answer(three({}, {}, certified(0.99)), { mode: 'm' }).deployment, 'a');
  });

  it('must say that a limit on false rejects is kept, where the mode has one', () => {
    const mode = { max_false_reject_rate: 0.1 };
    const unjudged = answer(three({}, mode), { mode: 'm' });
    assert.is(unjudged.outcome, 'stop');
    assert.match(unjudged.passed_over[0]?.reason ?? '', /false_rejects: never judged for mode m/);
    const requirements = ['budget', 'recall', 'false_rejects'].map((requirement) => ({
      requirement,
      verdict: 'PASS',
      reason: 'proven',
    }));
    const judged = answer(three({}, mode, { requirements, false_reject_rate: 0.05 }), { mode: 'm' });
    assert.is(judged.deployment, 'a');
    const beyond = answer(three({}, mode, { requirements, false_reject_rate: 0.645 }), { mode: 'm' });
    assert.match(beyond.passed_over[0]?.reason ?? '', /false_rejects: 64\.50 %, above the limit of 10\.0 %/);
  });
});

describe('a revision', (it) => {
  it('is of one deployment in one mode; an entry without its own has its deployment’s', () => {
    const plan = three({}, {}, { revision: 'm1' });
    const cell = { ...refuted('a'), revision: 'm1' };
    assert.is(answer(plan, { mode: 'm' }, [cell]).deployment, 'b');
    assert.is(answer(plan, { mode: 'm' }, [{ ...cell, revision: 'm0' }]).deployment, 'a');
  });
});

describe('a rule that may ignore suitability', (it) => {
  it('is not said to have done so where its choice is suitable', () => {
    const choice = answer(earlierPlan(), { mode: 'narrative_generation', priority: 'speed' });
    assert.equal([choice.deployment, choice.ignored_suitability], ['qwen2.5-0.5b', false]);
  });
});
