import * as assert from 'uvu/assert';
import { selectTrial } from '../../../src/decide/trials/selectTrial.ts';
import type { TrialSettings } from '../../../src/decide/trials/settings.ts';
import type { HpoTrial } from '../../../src/records/hpo.ts';
import { trialSelectionSchema } from '../../../src/records/trialSelection.ts';
import { describe } from '../../describe.ts';
import { near } from '../../stats/close.ts';
import { rejects } from '../../throws.ts';
import { BALANCED, trial, trialOfClasses } from './factories.ts';

const chosen = (trials: readonly HpoTrial[], settings: TrialSettings = BALANCED): string => {
  const { backbone, trial_name: name } = selectTrial(trials, settings).best_configuration;
  return `${backbone}/${name}`;
};

describe('selectTrial (rules.md 1)', (it) => {
  it('lets the best trial of each backbone enter, and prefers a faster one within the threshold', () => {
    const trials = [
      trial('deberta/trial_0', 0.8, { latencyMs: 42.3 }),
      trial('deberta/trial_1', 0.805, { latencyMs: 42.3 }),
      trial('distilbert/trial_0', 0.79, { latencyMs: 18.5 }),
      trial('distilbert/trial_2', 0.796, { latencyMs: 18.5 }),
    ];
    const selection = trialSelectionSchema.parse(selectTrial(trials, BALANCED));
    assert.equal(
      selection.candidates.map(({ backbone, trial_name: name, selected }) => [backbone, name, selected]),
      [
        ['deberta', 'trial_1', false],
        ['distilbert', 'trial_2', true],
      ],
    );
    const { selection_criteria: criteria, ...own } = selection.best_configuration;
    assert.equal(own, { backbone: 'distilbert', trial_name: 'trial_2' });
    assert.equal(criteria.all_candidates[0], {
      backbone: 'deberta',
      trial_name: 'trial_1',
      accuracy: 0.805,
      speed_score: 42.3 / 18.5,
      speed_data_source: 'benchmark',
      benchmark_latency_ms: 42.3,
      benchmark_runs_count: 1,
    });
    near(criteria.accuracy_diff_from_best, 0.009, 1e-12);
  });

  it('averages the metric over the folds and keeps the standard deviation', () => {
    const folds = [0.78, 0.8, 0.82, 0.79, 0.81];
    const selection = selectTrial([trial('a/trial_0', folds), trial('a/trial_1', 0.79)], BALANCED);
    const [candidate] = selection.candidates;
    near(candidate?.value, 0.8, 1e-12);
    near(candidate?.std ?? 0, Math.sqrt(0.001 / 4), 1e-12);
    assert.equal(
      candidate?.folds.map(({ fold, value }) => [fold, value]),
      [...folds.entries()],
    );
    const statistics = selection.best_configuration['cv_statistics'] as Record<string, unknown>;
    assert.equal(statistics['cv_fold_metrics'], folds);
  });

  it('looks the objective up by its name', () => {
    const span = (id: string, value: number, macro: number): HpoTrial =>
      trial(id, 0, {
        runs: [{ fold: undefined, metrics: { 'macro-f1-span': value, 'macro-f1': macro }, perClass: {} }],
      });
    const trials = [span('a/t', 0.3, 0.9), span('b/t', 0.4, 0.8)];
    assert.is(chosen(trials), 'a/t');
    assert.is(chosen(trials, { ...BALANCED, metric: 'macro-f1-span' }), 'b/t');
  });

  it('ranks by the weighted mean of per-class f1 where classes have priorities', () => {
    const trials = [trialOfClasses('a/t', { pit: 0.9, clean: 0.6 }), trialOfClasses('b/t', { pit: 0.8, clean: 0.85 })];
    const priorities = (pit: number, clean: number): TrialSettings => ({
      ...BALANCED,
      metric: 'weighted',
      classPriorities: { pit, clean },
    });
    assert.is(chosen(trials, priorities(1, 1)), 'b/t', '0.75 against 0.825');
    assert.is(chosen(trials, priorities(5, 1)), 'a/t', '0.85 against 0.8083');
    const [first] = selectTrial(trials, priorities(2, 1)).candidates;
    near(first?.value, (2 * 0.8 + 0.85) / 3, 1e-12);
  });

  it('shows the per-class figures, averaged over the folds that have them', () => {
    const run = (fold: number, recall: number | null) => ({
      fold,
      metrics: { 'macro-f1': 0.8 },
      perClass: { pit: { precision: 0.5, recall, f1: 0.75, support: 30 } },
    });
    const [candidate] = selectTrial(
      [trial('a/t', 0, { runs: [run(0, 0.9), run(1, 0.8), run(2, null)] })],
      BALANCED,
    ).candidates;
    near(candidate?.per_class['pit']?.recall ?? 0, 0.85, 1e-12);
    assert.is(candidate?.per_class['pit']?.support, 30);
  });

  it('puts all on the parameter count where one lacks a benchmark: 66 M is 1.0, 184 M is 2.79', () => {
    const trials = [
      trial('deberta/trial_0', 0.8, { latencyMs: 20 }),
      trial('distilbert/trial_0', 0.795, { parameters: 66e6 }),
    ];
    const selection = selectTrial(trials, { ...BALANCED, parameters: { deberta: 184e6, distilbert: 1 } });
    const { speed_data_source: source, all_candidates: all } = selection.best_configuration.selection_criteria;
    assert.is(source, 'parameter_proxy');
    assert.equal(
      all.map(({ speed_score: speed }) => speed?.toFixed(2)),
      ['2.79', '1.00'],
    );
    assert.match(
      selection.warnings.join('\n'),
      /no benchmark for distilbert\/trial_0.*all candidates.*parameter count/,
    );
  });

  it('compares the thresholds: what each would select, and how far down it reaches', () => {
    const trials = [
      trial('slow/t', 0.9, { latencyMs: 30 }),
      trial('middle/t', 0.89, { latencyMs: 20 }),
      trial('fast/t', 0.884, { latencyMs: 10 }),
    ];
    const { thresholds } = selectTrial(trials, BALANCED, [null, 0.01, 0.0125, 0.02]);
    assert.equal(
      thresholds.map((row) => [row.accuracy_threshold, row.backbone, row.effective_threshold?.toFixed(5)]),
      [
        [null, 'slow', undefined],
        [0.01, 'slow', '0.00900'],
        [0.0125, 'middle', '0.01125'],
        [0.02, 'fast', '0.01800'],
      ],
    );
  });

  it('says how far down the minimum gain reaches, where that is further than the threshold', () => {
    const trials = [trial('slow/t', 0.82, { latencyMs: 30 }), trial('fast/t', 0.796, { latencyMs: 10 })];
    const rules = { ...BALANCED, minAccuracyGain: 0.031 };
    const { thresholds, best_configuration: best } = selectTrial(trials, rules, [null, 0.01, 0.05]);
    assert.equal(
      thresholds.map(({ reach, effective_threshold: threshold }) => [reach?.toFixed(4), threshold?.toFixed(4)]),
      [
        [undefined, undefined],
        ['0.0247', '0.0082'],
        ['0.0410', '0.0410'],
      ],
      '0.82 is a gain of 3.1 % over 0.7953',
    );
    assert.is(best.backbone, 'fast');
    assert.ok((thresholds[1]?.accuracy_diff_from_best ?? 1) <= (thresholds[1]?.reach ?? 0));
    const [absolute] = selectTrial(trials, { ...rules, useRelativeThreshold: false }, [0.01]).thresholds;
    assert.is(absolute?.reach, 0.031);
    const farther = selectTrial([trial('slow/t', 0.9, { latencyMs: 30 }), ...trials.slice(1)], rules);
    assert.match(
      farther.best_configuration.selection_criteria.reason,
      /no faster one is within the threshold of 0\.0135 or, by the minimum gain, 0\.0271$/,
    );
  });

  it('ranks the means of folds that are equal but for rounding by name, and none dominates the other', () => {
    const trials = [trial('by/t', [0.8, 0.8, 0.8]), trial('bx/t', 0.8)];
    const { best_configuration: best, candidates } = selectTrial(trials, { ...BALANCED, accuracyThreshold: null });
    assert.is(best.backbone, 'bx');
    assert.equal(
      candidates.map(({ backbone, on_frontier: on }) => [backbone, on]),
      [
        ['bx', true],
        ['by', true],
      ],
    );
    const twins = [trial('a/t2', [0.8, 0.8, 0.8]), trial('a/t1', 0.8)];
    assert.is(chosen(twins), 'a/t1');
  });

  it('refuses a relative threshold above 1, and takes an absolute one of a metric in percent', async () => {
    const trials = [trial('a/t', 94, { latencyMs: 30 }), trial('b/t', 92, { latencyMs: 20 })];
    const absolute = { ...BALANCED, accuracyThreshold: null, useRelativeThreshold: false };
    assert.equal(
      selectTrial(trials, absolute, [1, 2.5]).thresholds.map(({ backbone }) => backbone),
      ['a', 'b'],
    );
    await rejects(
      () => selectTrial(trials, { ...absolute, useRelativeThreshold: true }, [0.01, 2.5]),
      /a threshold must be at most 1, being a share of the best, received 2\.5/,
    );
  });

  it('warns where one benchmark does not say its machine and settings and another does', () => {
    const ours = trial('ours/t', 0.9, { latencyMs: 30, measuredUnder: 'line pc' });
    const theirs = trial('theirs/t', 0.89, { latencyMs: 20 });
    assert.match(
      selectTrial([ours, theirs], BALANCED).warnings.join('\n'),
      /the benchmark of theirs\/t does not say on which machine and with which settings.*may not compare/,
    );
    assert.equal(selectTrial([theirs, { ...theirs, backbone: 'z' }], BALANCED).warnings, []);
    const unmeasured = selectTrial([ours, trial('b/t', 0.8)], BALANCED).warnings.join('\n');
    assert.not.match(unmeasured, /machine/, 'no benchmark has no conditions');
  });

  it('warns where benchmarks were taken under different conditions', () => {
    const trials = [
      trial('a/t', 0.9, { latencyMs: 30, measuredUnder: 'line pc' }),
      trial('b/t', 0.89, { latencyMs: 20, measuredUnder: 'laptop' }),
    ];
    assert.match(selectTrial(trials, BALANCED).warnings.join('\n'), /different machines.*do not compare/);
  });
});

describe('selectTrial by fold noise', (it) => {
  const noisy = [0.79, 0.83, 0.8, 0.82, 0.81];

  it('says that folds which move together tell two trials apart, and others do not', () => {
    const steady = noisy.map((value, index) => value - 0.01 - 0.0005 * index);
    const crossing = [0.82, 0.79, 0.81, 0.8, 0.8];
    const trials = [trial('a/t', noisy), trial('b/t', steady), trial('c/t', crossing)];
    const { fold_differences: differences } = selectTrial(trials, { ...BALANCED, accuracyThreshold: null });
    assert.equal(
      differences.map((each) => [each.backbone, each.method, each.distinguishable]),
      [
        ['c', 'paired_t', false],
        ['b', 'paired_t', true],
      ],
    );
  });

  it('takes the unpaired test where the folds are not the same, and none without folds', () => {
    const trials = [trial('a/t', noisy), trial('b/t', noisy.slice(0, 4)), trial('c/t', 0.5)];
    const { fold_differences: differences } = selectTrial(trials, BALANCED);
    assert.equal(
      differences.map(({ backbone, method, folds }) => [backbone, method, folds]),
      [['b', 'welch_t', [5, 4]]],
    );
  });
});

describe('the Pareto frontier of selectTrial', (it) => {
  it('counts value, latency, size and cost, and leaves out what is unknown for one', () => {
    const trials = [
      trial('a/t', 0.9, { latencyMs: 30, sizeBytes: 90, cost: 1 }),
      trial('b/t', 0.89, { latencyMs: 10, sizeBytes: 50 }),
      trial('c/t', 0.88, { latencyMs: 11, sizeBytes: 20 }),
      trial('d/t', 0.87, { latencyMs: 12, sizeBytes: 25 }),
    ];
    const selection = selectTrial(trials, { ...BALANCED, costs: { 'b/t': 2, c: 1 } });
    assert.equal(
      selection.candidates.map(({ on_frontier: on }) => on),
      [true, true, true, false],
    );
    assert.equal(selection.frontier_axes, ['value', 'latency', 'size']);
    assert.match(selection.warnings.join('\n'), /leaves cost out: unknown for d\/t/);
    const priced = selectTrial(trials, { ...BALANCED, costs: { 'b/t': 2, c: 1, d: 0.5 } });
    assert.equal(priced.frontier_axes, ['value', 'latency', 'size', 'cost']);
    assert.is(priced.candidates[3]?.on_frontier, true, 'the cheapest');
  });
});

describe('trials that selectTrial leaves out', (it) => {
  const sound = trial('a/sound', 0.8);
  const warningsOf = (other: HpoTrial, changes: Partial<TrialSettings> = {}): string => {
    const { warnings, candidates } = selectTrial([sound, other], { ...BALANCED, accuracyThreshold: null, ...changes });
    assert.is(candidates[0]?.trial_name, 'sound');
    return warnings.join('\n');
  };

  it('have a NaN metric, be it in one fold', () => {
    assert.match(warningsOf(trial('a/other', Number.NaN)), /a\/other is left out: its macro-f1 is no number/);
    assert.match(warningsOf(trial('a/other', [0.9, Number.NaN])), /no number in at least one fold/);
  });

  it('have not the metric, and the nearest is named', () => {
    const other = trial('a/other', 0, { runs: [{ fold: undefined, metrics: { macro_f1: 0.9 }, perClass: {} }] });
    assert.match(warningsOf(other), /a\/other is left out: its metrics hold no `macro-f1`, did you mean `macro_f1`\?/);
  });

  it('have a metric that is no number, and what was received is said', () => {
    for (const [value, received] of [
      ['0.99', '"0.99"'],
      [null, 'nothing'],
      [true, 'true'],
    ] as const) {
      const runs = [{ fold: undefined, metrics: { loss: 1 }, perClass: {}, notNumbers: { 'macro-f1': value } }];
      assert.is(
        warningsOf(trial('a/other', 0, { runs })).split('\n')[0],
        `a/other is left out: its \`macro-f1\` must be a number, received ${received}`,
      );
    }
  });

  it('have no per-class figures at all', async () => {
    await rejects(
      () => selectTrial([sound], { ...BALANCED, classPriorities: { pit: 1 } }),
      /a\/sound is left out: its metrics hold no per-class figures \(`per_entity`\)$/,
    );
  });

  it('stay with a warning where only a fold lacks the metric', () => {
    const whole = trial('a/t', [0.8, 0.9]);
    const runs = [...whole.runs, { fold: 2, metrics: { loss: 1 }, perClass: {} }];
    const { warnings, candidates } = selectTrial([{ ...whole, runs }], BALANCED);
    assert.equal(warnings.slice(0, 1), ['a/t has no macro-f1 in 1 of 3 folds: its mean is over the others']);
    near(candidates[0]?.value, 0.85, 1e-12);
  });

  it('stand twice under one name', () => {
    assert.match(warningsOf(trial('a/sound', 0.9)), /a\/sound is left out: a trial of this name stands before it/);
  });

  it('lack a required metric (rules.md 2)', () => {
    const benchmarked = trial('a/sound', 0.8, { latencyMs: 10 });
    const settings = { ...BALANCED, requiredMetrics: ['latency_batch_1_ms', 'macro-f1'] };
    const { warnings } = selectTrial([benchmarked, trial('b/t', 0.9)], settings);
    assert.equal(warnings, ['b/t is left out: it lacks the required latency_batch_1_ms']);
  });

  it('are all of them: that is an error with the reason', async () => {
    await rejects(
      () => selectTrial([trial('a/t', Number.NaN)], BALANCED),
      /none of 1 trial can be ranked by macro-f1; a\/t is left out/,
    );
    await rejects(() => selectTrial([], BALANCED), /none of 0 trials/);
  });

  it('say which folds are missing, and stay', () => {
    const five = trial('a/five', [0.8, 0.8, 0.8, 0.8, 0.8]);
    const gap = trial('b/gap', [0.9, 0.9, 0.9, 0.9, 0.9]);
    const { warnings, candidates } = selectTrial([five, { ...gap, runs: gap.runs.filter(({ fold }) => fold !== 2) }], {
      ...BALANCED,
      accuracyThreshold: null,
    });
    assert.equal(warnings.slice(0, 1), ['b/gap has 4 of 5 folds (missing: 2): its mean is over the others']);
    assert.is(candidates[0]?.backbone, 'b');
    const expected = selectTrial([five], { ...BALANCED, foldsExpected: 6 });
    assert.match(expected.warnings[0] ?? '', /a\/five has 5 of 6 folds \(missing: 5\)/);
  });

  it('count a fold without metrics as missing', () => {
    const two = trial('a/two', [0.8, 0.8]);
    const { warnings } = selectTrial([{ ...two, foldsFound: [0, 1, 2] }, trial('b/t', 0.7)], BALANCED);
    assert.is(warnings[0], 'a/two has 2 of 3 folds (missing: 2): its mean is over the others');
  });

  it('number the folds of each trial from 0 or from 1, as its own are', () => {
    const from = (id: string, numbers: readonly number[]): HpoTrial =>
      trial(id, 0, { runs: numbers.map((fold) => ({ fold, metrics: { 'macro-f1': 0.8 }, perClass: {} })) });
    const missing = (...trials: readonly HpoTrial[]): string[] =>
      selectTrial(trials, { ...BALANCED, accuracyThreshold: null }).warnings.flatMap(
        (line) => /^(\S+) has .*\(missing: (.*)\)/.exec(line)?.slice(1).join(' ') ?? [],
      );
    const [zero, one] = [from('a/zero', [0, 1, 2, 3, 4]), from('b/one', [1, 2, 3, 4, 5])];
    assert.equal(missing(zero, one), []);
    assert.equal(missing(zero, from('c/gap', [1, 2, 4, 5])), ['c/gap 3']);
    assert.equal(missing(zero, from('c/gap', [1, 2, 3, 4])), ['c/gap 0'], 'as the others count');
    assert.equal(missing(one, from('c/gap', [1, 2, 3, 4])), ['c/gap 5']);
  });

  it('refuses priorities that weigh nothing', async () => {
    for (const weights of [{}, { pit: 0 }, { pit: -1, clean: 2 }, { pit: Number.NaN }]) {
      await rejects(() => selectTrial([sound], { ...BALANCED, classPriorities: weights }), /weights from 0 on/);
    }
    const known = trialOfClasses('a/t', { pit: 0.9 });
    await rejects(
      () => selectTrial([known], { ...BALANCED, classPriorities: { pits: 1 } }),
      /no class `pits`, did you mean `pit`\?/,
    );
  });
});
