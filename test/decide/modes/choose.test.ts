import * as assert from 'uvu/assert';
import type { Ask, Choice, Resources } from '../../../src/decide/modes/ask.ts';
import { choose } from '../../../src/decide/modes/choose.ts';
import { judgeTracked } from '../../../src/decide/modes/tracker.ts';
import type { Tracked } from '../../../src/records/observation.ts';
import type { Plan } from '../../../src/records/plan.ts';
import { describe } from '../../describe.ts';
import { rejects } from '../../throws.ts';
import { earlierPlan, entry, linePlan, observed, tracked } from './plans.ts';

function answer(plan: Plan, ask: Ask, cells: readonly Tracked[] = [], resources: Resources = {}): Choice {
  return choose(plan, ask, judgeTracked(plan, cells), resources);
}

function grounds({ passed_over: passedOver }: Choice): [string, string][] {
  return passedOver.map(({ deployment, ground }) => [deployment, ground]);
}

const verdicts = (found: number, missed: number): object => ({
  reviews: { target: { target: found, maybe: 0, other: missed }, other: { target: 0, maybe: 0, other: 10 } },
});

describe("rules.md 4: in a line's plan the mode's hard requirements filter first", (it) => {
  it('and each mode is answered by its primary', () => {
    const plan = linePlan();
    assert.is(answer(plan, { mode: 'standard' }).deployment, 'accurate');
    assert.is(answer(plan, { mode: 'high_speed' }).deployment, 'fast');
    assert.is(answer(plan, { mode: 'food_safety' }).deployment, 'accurate');
  });

  it('so that no rule can choose what they exclude; the answer gives the numbers', () => {
    const plan = linePlan({ rules: [{ when: { priority: 'accuracy' }, choose: 'accurate' }] });
    const choice = answer(plan, { mode: 'high_speed', priority: 'accuracy' });
    assert.is(choice.deployment, 'fast');
    assert.equal(choice.first, { deployment: 'accurate', by: 'rule', rule: 0 });
    assert.equal(grounds(choice), [['accurate', 'requirements']]);
    assert.match(choice.reason, /budget: FAIL: 41 of 1,000 inferences over 15\.00 ms/);
  });

  it('nor can the caller, nor a rule that says it ignores suitability', () => {
    const careless = linePlan({ rules: [{ when: {}, choose: 'fast', ignore_suitability: true }] });
    assert.is(answer(careless, { mode: 'food_safety' }).deployment, 'accurate');
    const asked = answer(linePlan(), { mode: 'food_safety', preferred: 'fast' });
    assert.is(asked.deployment, 'accurate');
    assert.equal(grounds(asked), [['fast', 'requirements']]);
  });

  it('and a deployment whose budget or recall nobody judged is out', () => {
    const plan = linePlan();
    const unjudged = {
      ...plan,
      deployments: { ...plan.deployments, fast: { ...plan.deployments['fast'], modes: {} } },
    };
    const choice = answer(unjudged as Plan, { mode: 'high_speed' });
    assert.is(choice.outcome, 'stop');
    assert.match(choice.passed_over[0]?.reason ?? '', /budget: never judged for mode high_speed; recall: never judged/);
  });

  it('and a mode that the line does not have is a mistake, with the nearest name', async () => {
    await rejects(() => answer(linePlan(), { mode: 'hi_speed' }), /no mode `hi_speed`, did you mean `high_speed`\?/);
  });
});

describe('rules.md 4: fallback', (it) => {
  it('goes to the next of the chain when the primary failed to load', () => {
    const choice = answer(linePlan(), { mode: 'standard', failed: ['accurate'] });
    assert.is(choice.deployment, 'fast');
    assert.equal(grounds(choice), [['accurate', 'failed']]);
  });

  it('stops the belt when nobody is left, always as a last resort with the reason', () => {
    const choice = answer(linePlan(), { mode: 'food_safety', failed: ['accurate'] });
    assert.equal([choice.outcome, choice.deployment, choice.is_last_resort], ['stop', null, true]);
    assert.match(choice.reason, /accurate is the primary of mode food_safety, but it failed to load.*divert the belt/);
  });

  it('takes a last resort that holds the recall floor, even beyond the budget, and says that it is one', () => {
    const choice = answer(linePlan({ last_resort: 'accurate' }), { mode: 'high_speed', failed: ['fast'] });
    assert.equal([choice.outcome, choice.deployment, choice.is_last_resort], ['last_resort', 'accurate', true]);
  });

  it('stops instead of a last resort whose recall the line has refuted, that failed, or that is not certified', () => {
    const plan = linePlan({ last_resort: 'fast' });
    const refuted = [tracked('fast', 'high_speed', 'f1', verdicts(80, 20))];
    for (const [ask, cells, why] of [
      [{ mode: 'high_speed' }, refuted, /cannot be taken: recall is refuted/],
      [{ mode: 'high_speed', failed: ['fast'] }, [], /cannot be taken: it failed/],
      [{ mode: 'food_safety', failed: ['accurate'] }, [], /cannot be taken: its recall is not certified/],
    ] as const) {
      const choice = answer(plan, ask, cells);
      assert.is(choice.outcome, 'stop');
      assert.match(choice.reason, why);
    }
  });

  it('of a plan without a last resort answers that nobody is left', () => {
    const plan = earlierPlan({ last_resort: null });
    const choice = answer(plan, { mode: 'tool_selection', preferred: 'gemma-3-1b-it' }, [], { memoryMb: 3000 });
    assert.equal([choice.outcome, choice.deployment, choice.is_last_resort], ['none', null, false]);
    assert.match(choice.reason, /the plan has no last resort/);
  });

  it('of a general plan whose last resort failed as well answers that nobody is left', () => {
    const failed = Object.keys(earlierPlan().deployments);
    const choice = answer(earlierPlan(), { mode: 'tool_selection', failed });
    assert.is(choice.outcome, 'none');
  });
});

describe('rules.md 4: by resources', (it) => {
  it('excludes what does not fit the memory or the threads, with the numbers', () => {
    const byMemory = answer(linePlan(), { mode: 'standard' }, [], { memoryMb: 300 });
    assert.is(byMemory.deployment, 'fast');
    assert.is(byMemory.passed_over[0]?.reason, 'it takes 400 MB, and 300 MB are free');
    const byThreads = answer(linePlan(), { mode: 'standard' }, [], { threads: 1 });
    assert.is(byThreads.passed_over[0]?.reason, 'it runs with 2 threads, and 1 is free');
    assert.is(answer(linePlan(), { mode: 'standard' }, [], { memoryMb: 400, threads: 2 }).deployment, 'accurate');
  });

  it('does not take an unmeasured memory for one that fits', () => {
    const plan = earlierPlan({
      deployments: { one: {} },
      rules: [],
      fallback_chains: {},
      last_resort: null,
      mode_settings: {},
    });
    const choice = answer(plan, { mode: 'any' }, [], { memoryMb: 1e6 });
    assert.match(choice.passed_over[0]?.reason ?? '', /nobody has measured its memory/);
  });
});

describe('rules.md 4: by measured performance', (it) => {
  const twoEqual = linePlan({
    deployments: Object.fromEntries(
      ['one', 'two'].map((id) => [
        id,
        { revision: 'r', benchmark: { units_per_second: 100 }, modes: { standard: entry('PASS', 'PASS', 0.94, 1) } },
      ]),
    ),
    modes: {
      standard: { budget_ms: 30, target_recall: 0.99, confidence: 0.95, primary: 'one', fallback_chain: ['two'] },
    },
    fallback_chains: {},
  });
  const cells = (one: object, two: object) => [
    tracked('one', 'standard', 'r', one),
    tracked('two', 'standard', 'r', two),
  ];

  it("uses the benchmark's figures while observations are few, and says so", () => {
    const choice = answer(twoEqual, { mode: 'standard' }, cells(observed(29, 20), observed(200, 5)));
    assert.is(choice.deployment, 'one');
    assert.equal([choice.speed?.source, choice.speed?.units_per_second], ['benchmark', 100]);
    assert.match(choice.speed?.said ?? '', /29 timed observations .* takes 30: the benchmark's figure/);
    assert.match(choice.notes.join(), /ordered by the benchmark's speeds: one has 29 of the 30 timed observations/);
  });

  it('recommends the one that is faster on the line once both have enough', () => {
    const choice = answer(twoEqual, { mode: 'standard' }, cells(observed(30, 20), observed(30, 5)));
    assert.is(choice.deployment, 'two');
    assert.is(choice.speed?.source, 'observed');
    assert.ok(Math.abs((choice.speed?.units_per_second ?? 0) - 200) < 1e-9);
  });

  it('does not count what was observed of an earlier revision', () => {
    const old = [
      tracked('one', 'standard', 'old', observed(500, 20)),
      tracked('two', 'standard', 'r', observed(500, 5)),
    ];
    assert.is(answer(twoEqual, { mode: 'standard' }, old).deployment, 'one');
  });

  it('excludes what is over the budget on the line, whatever the benchmark said', () => {
    const choice = answer(twoEqual, { mode: 'standard' }, cells(observed(30, 31), observed(0, 0)));
    assert.is(choice.deployment, 'two');
    assert.match(
      choice.passed_over[0]?.reason ?? '',
      /newest 30 timed observations is 31\.00 ms per item.*budget is 30\.00 ms/,
    );
  });

  it('excludes what is proven to fail too often', () => {
    const strict = { ...twoEqual, tracker: { min_observations: 30, min_success_rate: 0.95 } };
    const choice = answer(strict, { mode: 'standard' }, cells(observed(100, 10, 85), observed(0, 0)));
    assert.is(choice.deployment, 'two');
    assert.equal(grounds(choice), [['one', 'observed_failures']]);
    const lucky = answer(strict, { mode: 'standard' }, cells(observed(100, 10, 94), observed(0, 0)));
    assert.is(lucky.deployment, 'one', '94 of 100 does not refute 95 %');
  });

  it('lets a rating decide among equals only', () => {
    const rated = cells({ ratings: { n: 2, sum: 0.8 } }, { ratings: { n: 1, sum: 0.9 } });
    assert.is(answer(twoEqual, { mode: 'standard' }, rated).deployment, 'two');
    const oneRated = cells({}, { ratings: { n: 1, sum: 1 } });
    assert.is(answer(twoEqual, { mode: 'standard' }, oneRated).deployment, 'one', 'who was never rated is not worse');
    const unequal = linePlan();
    const loved = [tracked('fast', 'standard', 'f1', { ratings: { n: 9, sum: 9 } })];
    assert.is(answer(unequal, { mode: 'standard' }, loved).deployment, 'accurate', '0.92 is not within 1.5 % of 0.95');
  });
});

describe('rules.md 4: by feedback', (it) => {
  it('takes its place from a deployment whose recall is refuted: the upper bound is below the floor', () => {
    const choice = answer(linePlan(), { mode: 'standard' }, [tracked('accurate', 'standard', 'a1', verdicts(95, 5))]);
    assert.is(choice.deployment, 'fast');
    assert.equal(grounds(choice), [['accurate', 'feedback']]);
    assert.match(
      choice.passed_over[0]?.reason ?? '',
      /of 100 reviewed targets 95 were found, so recall is at most 98\.\d+ %/,
    );
  });

  it('leaves it there while the misses may be chance, in another mode, or of an earlier revision', () => {
    for (const cell of [
      tracked('accurate', 'standard', 'a1', verdicts(99, 1)),
      tracked('accurate', 'food_safety', 'a1', verdicts(50, 50)),
      tracked('accurate', 'standard', 'a0', verdicts(50, 50)),
    ]) {
      assert.is(answer(linePlan(), { mode: 'standard' }, [cell]).deployment, 'accurate');
    }
  });
});

describe('an ask', (it) => {
  it('filters by capabilities that some deployment offers, and refuses unknown ones', async () => {
    const plan = earlierPlan({ rules: [] });
    const choice = answer(plan, { mode: 'knowledge_reasoning', needs: ['streaming'] });
    assert.is(choice.deployment, 'gemma-3-1b-it');
    assert.equal(grounds(choice), [['phi-4-mini-instruct', 'capabilities']]);
    await rejects(
      () => answer(plan, { mode: 'x', needs: ['streming'] }),
      /no capability `streming`, did you mean `streaming`\?/,
    );
  });

  it('refuses a priority that no rule names, which would be ignored', async () => {
    const plan = linePlan({ rules: [{ when: { priority: ['accuracy', 'speed'] }, choose: 'accurate' }] });
    await rejects(() => answer(plan, { mode: 'standard', priority: 'acuracy' }), /did you mean `accuracy`\?/);
    await rejects(
      () => answer(linePlan(), { mode: 'standard', priority: 'speed' }),
      /no rule with the priority `speed`/,
    );
  });

  it('refuses unknown deployments, with the nearest name, also those that sound like a method', async () => {
    await rejects(() => answer(linePlan(), { mode: 'standard', preferred: 'fasst' }), /`fasst`, did you mean `fast`\?/);
    await rejects(
      () => answer(linePlan(), { mode: 'standard', failed: ['constructor'] }),
      /no deployment `constructor`/,
    );
    await rejects(() => answer(linePlan(), { mode: 'toString' }), /no mode `toString`/);
  });

  it('may name those that count', () => {
    const choice = answer(linePlan(), { mode: 'standard', only: ['fast'] });
    assert.equal([choice.deployment, grounds(choice)], ['fast', [['accurate', 'not_asked_for']]]);
  });
});
