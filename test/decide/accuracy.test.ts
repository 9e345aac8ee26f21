import * as assert from 'uvu/assert';
import { judgeAccuracy, judgeArgmaxRecall, proportion } from '../../src/decide/accuracy.ts';
import type { RecallDemand } from '../../src/decide/demands.ts';
import { accuracyJudgementSchema, type AccuracyJudgement } from '../../src/records/judgement.ts';
import type { EvaluationRecord } from '../../src/records/predictions.ts';
import { describe } from '../describe.ts';
import { near } from '../stats/close.ts';
import { evaluationOf, predictionsFrom, predictionsOf } from './predictionFactories.ts';

const ROLES = { target: 'pit', maybe: 'maybe' };
const FLOOR: RecallDemand = {
  targetRecall: 0.99,
  confidence: 0.95,
  maxFalseRejectRate: 0.1,
  production: { maybe: 0.5, target: 0.75 },
};
const RIGHT = 0.9;
const WRONG = 0.1;
const repeat = (score: number, count: number): number[] => Array<number>(count).fill(score);

/** Pits and cleans of which so many are answered wrong. */
const record = (pits: number, missed: number, cleans: number, rejected: number): EvaluationRecord =>
  evaluationOf(
    predictionsFrom(
      [...repeat(RIGHT, pits - missed), ...repeat(WRONG, missed)],
      [...repeat(WRONG, cleans - rejected), ...repeat(RIGHT, rejected)],
    ),
  );

function judge(evaluation: EvaluationRecord): AccuracyJudgement {
  const judged = judgeAccuracy(evaluation, ROLES);
  assert.ok(judged);
  return accuracyJudgementSchema.parse(judged);
}

const recallOf = (judged: AccuracyJudgement, name: string) =>
  judged.per_class.find((entry) => entry.class === name)?.recall;

describe('judgeAccuracy', (it) => {
  const story = judge(record(566, 42, 660, 29));

  it('gives the story’s ConvNeXt its accuracy with Wilson’s interval', () => {
    assert.equal([story.accuracy.k, story.accuracy.n, story.accuracy.method], [1155, 1226, 'wilson']);
    near(story.accuracy.value ?? undefined, 0.942088, 5e-7);
    near(story.accuracy.interval?.[0], 0.927580091179, 1e-11);
    near(story.accuracy.interval?.[1], 0.953834331977, 1e-11);
  });

  it('gives the target class the exact interval, for safety is claimed of it', () => {
    const recall = recallOf(story, 'pit');
    assert.equal([recall?.k, recall?.n, recall?.method], [524, 566, 'clopper_pearson']);
    near(recall?.interval?.[0], 0.901017725057, 1e-11);
    near(recall?.interval?.[1], 0.945999193306, 1e-11);
    assert.is(recallOf(story, 'clean')?.method, 'wilson');
  });

  it('averages F1 and recall over the classes', () => {
    const [pit, clean] = [(2 * 524) / (2 * 524 + 42 + 29), (2 * 631) / (2 * 631 + 42 + 29)];
    near(story.macro_f1 ?? undefined, (pit + clean) / 2, 1e-15);
    near(story.balanced_accuracy ?? undefined, (524 / 566 + 631 / 660) / 2, 1e-15);
  });

  it('gives a class that is never answered rightly an F1 of 0, and one without images none', () => {
    const missing = judge(record(10, 10, 30, 0));
    assert.is(missing.per_class.find((entry) => entry.class === 'pit')?.f1, 0);
    const targetsOnly = judge(record(30, 3, 0, 0));
    const clean = targetsOnly.per_class.find((entry) => entry.class === 'clean');
    assert.equal([clean?.f1, clean?.recall.value, clean?.recall.interval], [null, null, null]);
    near(targetsOnly.balanced_accuracy ?? undefined, 0.9, 1e-15);
  });

  it('has no rate of no image', () => {
    const none = judge(record(0, 0, 0, 0));
    assert.equal(
      [none.accuracy.value, none.accuracy.interval, none.macro_f1, none.balanced_accuracy],
      [null, null, null, null],
    );
    assert.equal(none.warnings, []);
  });

  it('has nothing to say of an evaluation that failed', () => {
    assert.is(judgeAccuracy(evaluationOf(undefined, { status: 'failed', failure: 'NaN outputs' }), ROLES), undefined);
  });

  it('knows three classes without a maybe', () => {
    const three = predictionsOf(
      ['clean', 'leaf', 'pit'],
      [
        ['clean', [0.8, 0.1, 0.1]],
        ['leaf', [0.8, 0.1, 0.1]],
        ['pit', [0.1, 0.1, 0.8]],
      ],
    );
    const judged = judge(evaluationOf(three));
    assert.equal(
      judged.per_class.map(({ recall }) => recall.value),
      [1, 0, 1],
    );
    assert.is(judged.accuracy.k, 2);
  });

  it('misses no target that the model sends to review, though maybe is not the right answer', () => {
    const rows = [
      ...Array.from({ length: 500 }, () => ['pit', [0, 0, 1]] as const),
      ...Array.from({ length: 60 }, () => ['pit', [0, 1, 0]] as const),
      ...Array.from({ length: 100 }, () => ['clean', [1, 0, 0]] as const),
    ];
    const judged = judge(evaluationOf(predictionsOf(['clean', 'maybe', 'pit'], rows)));
    assert.equal([judged.target_recall.k, judged.target_recall.n, judged.target_recall.value], [560, 560, 1]);
    assert.equal([judged.accuracy.k, judged.accuracy.n], [600, 660]);
    assert.is(recallOf(judged, 'pit')?.k, 500);
    assert.is(judgeArgmaxRecall(judged, FLOOR, 0), 'PASS');
  });

  it('proves and refutes nothing by copies', () => {
    const judged = judge(record(300, 0, 10, 0));
    assert.equal(
      [0, 1, 299, 300].map((copies) => judgeArgmaxRecall(judged, FLOOR, copies)),
      ['PASS', 'PASS', 'NOT_ENOUGH_DATA', 'NOT_ENOUGH_DATA'],
    );
    const refuted = judge(record(300, 20, 10, 0));
    assert.equal(
      [0, 19].map((copies) => judgeArgmaxRecall(refuted, FLOOR, copies)),
      ['FAIL', 'NOT_ENOUGH_DATA'],
    );
  });

  it('judges models with and without a maybe class on the same images', () => {
    const labels = ['clean', 'pit', 'maybe', 'maybe'];
    const of = (classes: readonly string[], answers: readonly string[]): AccuracyJudgement =>
      judge(
        evaluationOf(
          predictionsOf(
            classes,
            labels.map((label, index) => [label, classes.map((name) => (name === answers[index] ? 1 : 0))] as const),
          ),
        ),
      );
    const two = of(['clean', 'pit'], ['clean', 'pit', 'pit', 'clean']);
    const three = of(['clean', 'pit', 'maybe'], ['clean', 'pit', 'maybe', 'pit']);
    for (const { accuracy, macro_f1: f1, balanced_accuracy: balanced } of [two, three]) {
      assert.equal([accuracy.k, accuracy.n, f1, balanced], [2, 2, 1, 1]);
    }
    const { recall, f1 } = three.per_class.find((entry) => entry.class === 'maybe') ?? {};
    assert.equal([recall?.k, recall?.n, f1], [1, 2, null], 'its own row tells what the model answers there');
  });

  it('counts the images that were left out', () => {
    const predictions = predictionsFrom([RIGHT], [WRONG]);
    assert.is(judge(evaluationOf(predictions, { skipped: ['pit/broken.png'] })).skipped, 1);
  });
});

const codes = (evaluation: EvaluationRecord) => judge(evaluation).warnings.map(({ code }) => code);

describe('the warning of an accuracy below chance', (it) => {
  it('says that the classes may be reversed', () => {
    assert.equal(codes(record(50, 45, 50, 45)), ['below_chance']);
    assert.match(judge(record(50, 45, 50, 45)).warnings[0]?.message ?? '', /^10\.0 % of 100 images.*class order/);
  });

  it('is silent near chance and above', () => {
    assert.equal(codes(record(50, 30, 50, 30)), []);
    assert.equal(codes(record(50, 31, 50, 30)), ['below_chance']);
  });

  it('is silent with fewer than 20 images, which fall below chance by themselves', () => {
    assert.equal(codes(record(10, 10, 9, 9)), []);
    assert.equal(codes(record(10, 10, 10, 10)), ['below_chance']);
  });
});

describe('proportion', (it) => {
  it('takes the vectors of methods.md B1 by either method', () => {
    const [wilson, exact] = [proportion(29, 660, 'wilson'), proportion(29, 660, 'clopper_pearson')];
    near(wilson.interval?.[0], 0.03076528940750457, 1e-12);
    near(wilson.interval?.[1], 0.062391680527, 1e-12);
    near(exact.interval?.[0], 0.029621222478, 1e-12);
    near(exact.interval?.[1], 0.062497094954, 1e-12);
  });
});

describe('the outputs of an evaluation', (it) => {
  it('are told as they were read: whether softmax was applied, and what said so', () => {
    const softmax = { applied: true, decided_by: 'values' } as const;
    assert.equal(judge({ ...record(5, 0, 5, 0), softmax }).softmax, softmax);
    assert.is(judge({ ...record(5, 0, 5, 0), softmax: null }).softmax, null);
  });
});
