import * as assert from 'uvu/assert';
import {
  effectiveThreshold,
  selectBest,
  type SelectionRules,
  type SelectorCandidate,
} from '../../src/decide/selector.ts';
import { bestConfigurationSchema } from '../../src/records/decision.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { rejects } from '../throws.ts';

const ACCURACY_ONLY: SelectionRules = {
  accuracyThreshold: null,
  useRelativeThreshold: true,
  minAccuracyGain: null,
  metric: 'accuracy',
};
const BALANCED = { ...ACCURACY_ONLY, accuracyThreshold: 0.015 };
const SPEED_PREFERRING = { ...ACCURACY_ONLY, accuracyThreshold: 0.02, minAccuracyGain: 0.03 };
const ACCURACY_PREFERRING = { ...ACCURACY_ONLY, accuracyThreshold: 0.01 };

function entry(id: string, accuracy: number, latencyMs?: number, parameters?: number): SelectorCandidate {
  return { id, backbone: `backbone of ${id}`, trialName: `trial of ${id}`, accuracy, latencyMs, parameters };
}

const chosen = (candidates: readonly SelectorCandidate[], rules: SelectionRules): string | undefined =>
  selectBest(candidates, rules)?.selectedId;

/** Whether a faster model of this accuracy is preferred to a slower best one. */
const prefersFaster = (best: number, faster: number, rules: SelectionRules): boolean =>
  chosen([entry('best', best, 20), entry('faster', faster, 10)], rules) === 'faster';

function criteriaOf(candidates: readonly SelectorCandidate[], rules: SelectionRules) {
  const result = selectBest(candidates, rules);
  if (result === undefined) {
    throw new Error('nothing was selected');
  }
  return result.configuration.selection_criteria;
}

describe('selectBest by its presets', (it) => {
  it('takes accuracy only without a threshold, whatever the speed', () => {
    assert.is(prefersFaster(0.9, 0.8999999, ACCURACY_ONLY), false);
    assert.is(chosen([entry('slow', 0.9, 1000), entry('fast', 0.89, 1)], ACCURACY_ONLY), 'slow');
  });

  it('ignores the minimum gain without a threshold', () => {
    assert.is(prefersFaster(0.9, 0.8999, { ...ACCURACY_ONLY, minAccuracyGain: 0.5 }), false);
  });

  it('prefers the faster within 1.5 % of the best when balanced', () => {
    assert.is(prefersFaster(0.9, 0.8866, BALANCED), true);
    assert.is(prefersFaster(0.9, 0.8864, BALANCED), false);
  });

  it('prefers the faster up to a gain of 3 % when speed-preferring', () => {
    assert.is(prefersFaster(0.927, 0.9, SPEED_PREFERRING), true, 'a gain of exactly 3 %');
    assert.is(prefersFaster(0.9271, 0.9, SPEED_PREFERRING), false, 'a gain above 3 %');
    assert.is(prefersFaster(0.9271, 0.9, { ...SPEED_PREFERRING, minAccuracyGain: null }), false, 'the threshold alone');
    assert.is(prefersFaster(0.927, 0.9, { ...SPEED_PREFERRING, minAccuracyGain: null }), false, 'the threshold alone');
  });

  it('prefers the faster within 1 % when accuracy-preferring', () => {
    assert.is(prefersFaster(0.9, 0.8911, ACCURACY_PREFERRING), true);
    assert.is(prefersFaster(0.9, 0.8909, ACCURACY_PREFERRING), false);
  });

  it('decides the story: 94.05 % in 16 ms before 94.21 % in 58 ms when balanced, 94.21 % by accuracy only', () => {
    const story = [
      entry('resnet50-production', 0.9299, 16),
      entry('resnet50-phase1', 0.9405, 16.1),
      entry('convnextv2-tiny', 0.9421, 58),
      entry('resnet18', 0.9192, 9),
    ];
    assert.is(chosen(story, BALANCED), 'resnet50-production');
    assert.is(chosen(story, ACCURACY_PREFERRING), 'resnet50-phase1');
    assert.is(chosen(story, SPEED_PREFERRING), 'resnet18');
    assert.is(chosen(story, ACCURACY_ONLY), 'convnextv2-tiny');
  });
});

describe('selectBest at its thresholds', (it) => {
  it('takes 0.015 relative as 0.0075 at accuracy 0.5 and as 0.0135 at 0.9', () => {
    near(effectiveThreshold(0.015, 0.5, true), 0.0075, 1e-15);
    near(effectiveThreshold(0.015, 0.9, true), 0.0135, 1e-15);
    assert.is(prefersFaster(0.5, 0.4926, BALANCED), true);
    assert.is(prefersFaster(0.5, 0.4924, BALANCED), false);
  });

  it('takes an absolute threshold as it stands', () => {
    const absolute = { ...BALANCED, useRelativeThreshold: false };
    assert.is(effectiveThreshold(0.015, 0.5, false), 0.015);
    assert.is(prefersFaster(0.5, 0.4851, absolute), true);
    assert.is(prefersFaster(0.5, 0.4849, absolute), false);
  });

  it('measures an absolute gain by the difference, a relative one by the faster model', () => {
    const rules = { ...ACCURACY_ONLY, accuracyThreshold: 0.001, minAccuracyGain: 0.04 };
    assert.is(prefersFaster(0.52, 0.5, rules), true, '0.02 of 0.5 is a gain of exactly 4 %');
    assert.is(prefersFaster(0.5201, 0.5, rules), false);
    assert.is(prefersFaster(0.54, 0.5, { ...rules, useRelativeThreshold: false }), true);
    assert.is(prefersFaster(0.5401, 0.5, { ...rules, useRelativeThreshold: false }), false);
  });

  it('is changed in nothing by a gain smaller than the threshold', () => {
    for (let faster = 0.85; faster < 0.9; faster += 0.0005) {
      assert.is(
        prefersFaster(0.9, faster, { ...BALANCED, minAccuracyGain: 0.01 }),
        prefersFaster(0.9, faster, BALANCED),
        `${faster}`,
      );
    }
  });

  it('allows 1e-12 of rounding at a boundary and no more', () => {
    // 0.95 - 0.93 is 0.019999999999999907, 0.9 - 0.88 is 0.020000000000000018 in doubles.
    const absolute = { ...ACCURACY_ONLY, accuracyThreshold: 0.02, useRelativeThreshold: false };
    assert.is(prefersFaster(0.9, 0.88, absolute), true);
    assert.is(prefersFaster(0.95, 0.93, absolute), true);
    assert.is(prefersFaster(0.9, 0.88 - 1e-11, absolute), false);
    const gain = { ...absolute, accuracyThreshold: 0.001, minAccuracyGain: 0.02 };
    assert.is(prefersFaster(0.9, 0.88, gain), true, 'a gain of exactly the minimum is not more than it');
    assert.is(prefersFaster(0.9, 0.88 - 1e-11, gain), false);
  });

  it('allows 1e-12 of rounding between equal speeds and between equal accuracies', () => {
    // The mean of ten folds at 10.02 ms.
    const least = 10.019999999999998;
    const speeds = [entry('best', 0.8, 20), entry('good', 0.798, 10.02), entry('worse', 0.789, least)];
    assert.is(chosen(speeds, BALANCED), 'good');
    assert.is(chosen([entry('best', 0.8, 10.02), entry('other', 0.798, least)], BALANCED), 'best');
    assert.is(chosen([entry('best', 0.8, 10.02), entry('other', 0.798, 10.02 - 1e-9)], BALANCED), 'other');
    // The mean of three folds at 0.8.
    const accuracies = [entry('b', 0.8000000000000002), entry('a', 0.8)];
    assert.is(chosen(accuracies, ACCURACY_ONLY), 'a');
    assert.is(criteriaOf(accuracies, ACCURACY_ONLY).accuracy_diff_from_best, 0);
    assert.is(chosen([entry('b', 0.8 + 1e-11), entry('a', 0.8)], ACCURACY_ONLY), 'b');
  });

  it('takes a share of a negative metric by its size', () => {
    near(effectiveThreshold(0.015, -0.1, true), 0.0015, 1e-15);
    assert.is(prefersFaster(-0.1, -0.1014, BALANCED), true);
    assert.is(prefersFaster(-0.1, -0.1016, BALANCED), false);
    const gain = { ...BALANCED, accuracyThreshold: 0.001, minAccuracyGain: 0.02 };
    assert.is(prefersFaster(-0.0981, -0.1, gain), true, 'a gain of 1.9 %');
    assert.is(prefersFaster(-0.0979, -0.1, gain), false, 'a gain of 2.1 %');
  });

  it('takes an absolute threshold of a metric in percent', () => {
    const percent = { ...BALANCED, accuracyThreshold: 1.5, useRelativeThreshold: false };
    assert.is(prefersFaster(94.2, 92.8, percent), true);
    assert.is(prefersFaster(94.2, 92.6, percent), false);
  });

  it('does not divide by an accuracy of zero', () => {
    assert.is(prefersFaster(0.5, 0, SPEED_PREFERRING), false);
    assert.is(prefersFaster(0, 0, SPEED_PREFERRING), true);
  });
});

describe('selectBest among several', (it) => {
  it('takes the fastest of those in reach, not the most accurate', () => {
    const candidates = [entry('best', 0.95, 30), entry('near', 0.949, 20), entry('far', 0.94, 10)];
    assert.is(chosen(candidates, BALANCED), 'far');
  });

  it('never takes a slower or an equally fast one', () => {
    assert.is(chosen([entry('best', 0.95, 20), entry('equal', 0.949, 20), entry('slow', 0.949, 21)], BALANCED), 'best');
  });

  it('breaks ties of speed by accuracy, then by id', () => {
    const three = [entry('best', 0.95, 20), entry('b', 0.945, 10), entry('a', 0.944, 10)];
    assert.is(chosen(three, BALANCED), 'b');
    assert.is(chosen([entry('best', 0.95, 20), entry('b', 0.945, 10), entry('a', 0.945, 10)], BALANCED), 'a');
  });

  it('breaks ties of accuracy by id when only accuracy counts', () => {
    assert.is(chosen([entry('b', 0.95, 10), entry('a', 0.95, 20)], ACCURACY_ONLY), 'a');
  });

  it('takes the faster of two equally accurate ones once there is a threshold, be it zero', () => {
    const zero = { ...ACCURACY_ONLY, accuracyThreshold: 0 };
    assert.is(chosen([entry('a', 0.95, 20), entry('b', 0.95, 10)], zero), 'b');
    assert.is(chosen([entry('a', 0.9501, 20), entry('b', 0.95, 10)], zero), 'a');
  });

  it('takes the only one, and nothing of none', () => {
    assert.is(chosen([entry('only', 0.1)], BALANCED), 'only');
    assert.is(selectBest([], BALANCED), undefined);
  });

  it('refuses an accuracy that is no number', async () => {
    await rejects(() => selectBest([entry('a', Number.NaN, 1)], BALANCED), /accuracy must be a number.*NaN for a/);
  });
});

describe('the speed of the candidates', (it) => {
  it('is the measured latency, normalised so that the fastest is 1', () => {
    const criteria = criteriaOf([entry('a', 0.9, 12), entry('b', 0.8, 30), entry('c', 0.7, 6)], BALANCED);
    assert.equal(
      criteria.all_candidates.map(({ speed_score }) => speed_score),
      [2, 5, 1],
    );
    assert.is(criteria.speed_data_source, 'benchmark');
  });

  it('is the parameter count for all as soon as one lacks a benchmark: 66 M is 1.0, 184 M is 2.79', () => {
    const result = selectBest(
      [entry('deberta', 0.9, undefined, 184_000_000), entry('distilbert', 0.895, 300, 66_000_000)],
      BALANCED,
    );
    assert.is(result?.selectedId, 'distilbert');
    const criteria = result?.configuration.selection_criteria;
    assert.is(criteria?.speed_data_source, 'parameter_proxy');
    assert.equal(
      criteria?.all_candidates.map(({ speed_score: speed }) => speed?.toFixed(2)),
      ['2.79', '1.00'],
    );
    assert.ok(criteria?.all_candidates.every((each) => each.speed_data_source === 'parameter_proxy'));
    assert.match(result?.warnings[0]?.message ?? '', /no benchmark for deberta.*all candidates.*parameter count/);
    assert.is(result?.warnings.length, 1);
  });

  it('never mixes milliseconds and parameters', () => {
    // By latency b would be faster; by parameters, which all have, it is the slower one.
    const candidates = [entry('a', 0.95, 20, 1e6), entry('b', 0.949, 10, 2e6), entry('c', 0.5, undefined, 3e6)];
    assert.is(chosen(candidates, BALANCED), 'a');
  });

  it('cannot win by speed without a benchmark and without a count, but can by accuracy', () => {
    const [fast, unknown] = [entry('counted', 0.95, undefined, 5e7), entry('unknown', 0.949)];
    const result = selectBest([fast, unknown], BALANCED);
    assert.is(result?.selectedId, 'counted');
    assert.match(result?.warnings[1]?.message ?? '', /unknown.*only win on accuracy/);
    assert.equal(
      result?.warnings.map(({ code }) => code),
      ['speed_proxy', 'speed_unknown'],
    );
    assert.is(chosen([fast, { ...unknown, accuracy: 0.951 }], BALANCED), 'unknown');
    assert.is(result?.configuration.selection_criteria.all_candidates[1]?.speed_score, null);
  });

  it('takes a latency of zero or NaN for none', () => {
    for (const latencyMs of [0, Number.NaN, -1, Infinity]) {
      const criteria = criteriaOf([entry('a', 0.9, latencyMs, 2e6), entry('b', 0.89, 10, 1e6)], BALANCED);
      assert.is(criteria.speed_data_source, 'parameter_proxy', `${latencyMs}`);
    }
    assert.is(criteriaOf([entry('a', 0.9, undefined, 0)], BALANCED).all_candidates[0]?.speed_score, null);
  });

  it('says that a minimum gain has no effect without a threshold', () => {
    const { warnings } = selectBest([entry('a', 0.9, 1)], { ...ACCURACY_ONLY, minAccuracyGain: 0.03 }) ?? {};
    assert.equal(warnings, [
      {
        code: 'idle_minimum_gain',
        message: '`min_accuracy_gain` (0.03) has no effect without an `accuracy_threshold`: accuracy alone counts',
      },
    ]);
  });

  it('gives no warning when all were measured', () => {
    assert.equal(selectBest([entry('a', 0.9, 1), entry('b', 0.8, 2)], BALANCED)?.warnings, []);
  });
});

describe('best_configuration', (it) => {
  const candidates = [
    { ...entry('slow', 0.96, 20), fields: { learning_rate: 0.001, backbone: 'not this' } },
    { ...entry('fast', 0.95, 10, 5e6), fields: { learning_rate: 0.002 } },
  ];

  it('has the keys of the earlier tools, and the trial its own fields', () => {
    const configuration = bestConfigurationSchema.parse(selectBest(candidates, BALANCED)?.configuration);
    assert.equal(configuration, {
      learning_rate: 0.002,
      backbone: 'backbone of fast',
      trial_name: 'trial of fast',
      selection_criteria: {
        metric: 'accuracy',
        best_value: 0.95,
        reason:
          'fast (accuracy 0.9500, 10.00 ms) is the fastest within reach of the best, slow (accuracy 0.9600, 20.00 ms): 0.0100 below it, within the threshold of 0.0144',
        accuracy_threshold: 0.015,
        use_relative_threshold: true,
        min_accuracy_gain: null,
        accuracy_diff_from_best: 0.96 - 0.95,
        speed_data_source: 'benchmark',
        all_candidates: [
          {
            backbone: 'backbone of slow',
            trial_name: 'trial of slow',
            accuracy: 0.96,
            speed_score: 2,
            speed_data_source: 'benchmark',
            benchmark_latency_ms: 20,
          },
          {
            backbone: 'backbone of fast',
            trial_name: 'trial of fast',
            accuracy: 0.95,
            speed_score: 1,
            speed_data_source: 'benchmark',
            benchmark_latency_ms: 10,
          },
        ],
      },
    });
  });

  it('does not let the own fields of a trial name another backbone', () => {
    assert.is(selectBest(candidates, ACCURACY_ONLY)?.configuration.backbone, 'backbone of slow');
  });

  it('leaves the latency out where there is none', () => {
    const [first] = criteriaOf([entry('a', 0.9, undefined, 1e6)], BALANCED).all_candidates;
    assert.is(Object.hasOwn(first ?? {}, 'benchmark_latency_ms'), false);
  });

  it('gives the reason in one sentence with the numbers', () => {
    const reason = (rules: SelectionRules) => criteriaOf(candidates, rules).reason;
    assert.match(
      reason(ACCURACY_ONLY),
      /^slow \(accuracy 0\.9600, 20\.00 ms\) has the highest accuracy of the \d+ candidates to choose from; without/,
    );
    assert.match(reason({ ...BALANCED, accuracyThreshold: 0.001 }), /^slow .* no faster .* threshold of 0\.0010$/);
    const gain = { ...BALANCED, accuracyThreshold: 0.001, minAccuracyGain: 0.02 };
    assert.match(reason(gain), /^fast .* 0\.0100 below it, a gain of no more than the minimum of 0\.02 \(relative\)$/);
    assert.match(
      criteriaOf([entry('a', 0.9), entry('b', 0.9, undefined, 2e6)], BALANCED).reason,
      /^a \(accuracy 0\.9000, speed unknown\)/,
    );
  });
});
