import * as assert from 'uvu/assert';
import { modesSchema } from '../../../src/config/modesSchema.ts';
import { decide } from '../../../src/decide/decide.ts';
import type { DecisionInput } from '../../../src/decide/inputs.ts';
import { choose } from '../../../src/decide/modes/choose.ts';
import { makePlan, studyOfMode } from '../../../src/decide/modes/makePlan.ts';
import { planProblem } from '../../../src/decide/modes/planProblem.ts';
import { planSchema, type Plan } from '../../../src/records/plan.ts';
import { describe } from '../../describe.ts';
import { story } from '../story.ts';

/** The story's four models: 16, 16.2, 27 and 9 ms; 566 pits, which certify 99 % with one miss and 99.5 % never. */
function planOf(modes: object, change: (input: DecisionInput) => DecisionInput = (input) => input): Plan {
  const section = modesSchema.parse(modes);
  const input = change(story());
  const judged = Object.entries(section.line_modes).map(([mode, demands]) => ({
    mode,
    demands,
    decision: decide({ ...input, study: studyOfMode(input.study, demands) }),
  }));
  return makePlan(input.study, section, judged);
}

const LINE_MODES = {
  standard: { priorities: ['quality', 'speed'] },
  high_speed: { budget_ms: 15, priorities: ['speed'] },
  food_safety: { target_recall: 0.995 },
};

describe("rules.md 4: a line's plan from the decision's records", (it) => {
  it('assigns each mode a primary and an ordered chain, by its own budget and recall floor', () => {
    const plan = planOf({ line_modes: LINE_MODES, equal_within: { quality: 0, speed: 0 } });
    const { standard, high_speed: highSpeed, food_safety: foodSafety } = plan.modes;
    assert.equal(
      [standard?.primary, ...(standard?.fallback_chain ?? [])],
      ['convnextv2-tiny', 'resnet50-phase1', 'resnet50-production', 'resnet18'],
    );
    assert.equal([highSpeed?.primary, highSpeed?.fallback_chain], ['resnet18', []]);
    assert.equal([foodSafety?.primary, foodSafety?.budget_ms], [null, 30]);
  });

  it('takes the fastest among those of nearly the best quality', () => {
    const plan = planOf({ line_modes: LINE_MODES, equal_within: { quality: 0.015 } });
    assert.is(plan.modes['standard']?.primary, 'resnet50-phase1', 'the two ResNet50 are equals, and it is the better');
  });

  it('carries certified recall and thresholds, memory from file and peak, threads and the model', () => {
    const plan = planOf({ line_modes: LINE_MODES });
    const deployment = plan.deployments['resnet18'];
    const suitability = deployment?.modes['high_speed'];
    assert.ok((suitability?.thresholds?.certified_recall ?? 0) >= 0.99);
    assert.is(suitability?.thresholds?.targets, 566);
    assert.ok(deployment);
    assert.is(deployment.threads, 1);
    assert.ok((deployment.memory_mb ?? 0) > 90, 'the file alone has 90 MB');
    assert.ok(Math.abs((deployment.benchmark.units_per_second ?? 0) - 1000 / 9) < 1);
    assert.equal(
      plan.deployments['convnextv2-tiny']?.modes['high_speed']?.requirements.map(({ requirement, verdict }) => [
        requirement,
        verdict,
      ]),
      [
        ['budget', 'FAIL'],
        ['recall', 'PASS'],
        ['false_rejects', 'PASS'],
      ],
    );
  });

  it('demands a limit on false rejects where the mode has one', () => {
    const strict = { standard: { max_false_reject_rate: 0.001 } };
    const plan = planOf({ line_modes: strict });
    assert.is(plan.modes['standard']?.primary, null);
    const [, , rejects] = plan.deployments['resnet18']?.modes['standard']?.requirements ?? [];
    assert.equal([rejects?.requirement, rejects?.verdict === 'PASS'], ['false_rejects', false]);
  });

  it("takes the study's limit on false rejects where the mode has none, as the decision does", () => {
    const plan = planOf({ line_modes: { standard: {}, lenient: { max_false_reject_rate: 0.9 } } }, (input) => ({
      ...input,
      study: { ...input.study, thresholds: { ...input.study.thresholds, max_false_reject_rate: 0.01 } },
    }));
    assert.equal([plan.modes['standard']?.primary, plan.modes['standard']?.max_false_reject_rate], [null, 0.01]);
    assert.is(plan.deployments['resnet18']?.modes['standard']?.suitable, false);
    assert.is(plan.modes['lenient']?.max_false_reject_rate, 0.9);
    assert.ok(plan.modes['lenient']?.primary);
  });

  it('names the records that it rests on, so that they are kept', () => {
    const input = story();
    const model = planOf({ line_modes: LINE_MODES }).deployments['resnet18']?.model;
    const candidate = input.candidates.find(({ id }) => id === 'resnet18');
    assert.is(model?.['latency_record_id'], candidate?.latencyRecords.at(-1)?.record_id);
    assert.is(model?.['evaluation_record_id'], candidate?.evaluation?.record_id);
    assert.ok(model?.['latency_record_id'] && model['evaluation_record_id']);
  });

  it('passes on the doubts about what was measured, but not about claims', () => {
    const warnings = [{ code: 'settings_changed', message: '3 evaluations of this model left out' }];
    const plan = planOf({ line_modes: LINE_MODES }, (input) => ({
      ...input,
      candidates: input.candidates.map((candidate) =>
        candidate.id === 'resnet18'
          ? { ...candidate, warnings, openQuestions: [{ key: 'scale', question: 'who?' }] }
          : candidate,
      ),
    }));
    const [passed, ...others] = plan.warnings.filter(
      ({ code, message }) => code !== 'comparability' && message.startsWith('resnet18: '),
    );
    assert.equal(passed, { code: 'settings_changed', message: 'resnet18: 3 evaluations of this model left out' });
    assert.equal(
      others.map(({ code }) => code),
      ['subnormal_weights'],
    );
  });

  it("warns of a rule whose choice has a chain that lacks the mode's primary", () => {
    const plan = planOf({
      line_modes: LINE_MODES,
      equal_within: { quality: 0, speed: 0 },
      rules: [{ when: { mode: ['standard', 'food_safety'] }, choose: 'resnet50-phase1' }],
      fallback_chains: { 'resnet50-phase1': ['resnet18'] },
    });
    assert.equal(
      plan.warnings.filter(({ code }) => code === 'chain_without_primary').map(({ message }) => message),
      [
        'rule 1 chooses resnet50-phase1, whose chain lacks convnextv2-tiny, the primary of mode standard: it is tried only after the chain',
      ],
    );
  });

  it('is read again as it was written, and is in order', () => {
    const plan = planOf({ line_modes: LINE_MODES });
    assert.equal(planSchema.parse(JSON.parse(JSON.stringify(plan))), plan);
    assert.is(planProblem(plan), undefined);
  });

  it('is answered in the order that it assigned, while nothing was observed', () => {
    const plan = planOf({ line_modes: LINE_MODES });
    for (const [mode, { primary, fallback_chain: chain }] of Object.entries(plan.modes)) {
      const failed: string[] = [];
      for (const expected of [primary, ...chain]) {
        const { deployment } = choose(plan, { mode, failed }, new Map());
        assert.is(deployment, expected);
        failed.push(deployment ?? '');
      }
    }
  });

  it("warns of settings that the measurement does not cover, and of the decision's doubts", () => {
    const plan = planOf({
      line_modes: LINE_MODES,
      settings: { high_speed: { resnet18: { threads: 4, spinning: true } } },
    });
    assert.match(
      plan.warnings.map(({ message }) => message).join('\n'),
      /mode high_speed sets 4 threads for resnet18, and its latency was proven with 1/,
    );
    assert.equal(plan.mode_settings['high_speed']?.['resnet18'], { threads: 4, spinning: true });
  });
});
