import * as assert from 'uvu/assert';
import type { RecallDemand } from '../../src/decide/demands.ts';
import { sweepPredictions } from '../../src/decide/sweep.ts';
import type { Predictions } from '../../src/records/predictions.ts';
import { sweepSchema, type Sweep } from '../../src/records/sweep.ts';
import { binomialUpperTail } from '../../src/stats/binomial.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { describe } from '../describe.ts';
import { close, near } from '../stats/close.ts';
import { rejects } from '../throws.ts';
import { evaluationOf, predictionsFrom, predictionsOf } from './predictionFactories.ts';

const DEMAND: RecallDemand = {
  targetRecall: 0.99,
  confidence: 0.95,
  maxFalseRejectRate: 0.1,
  production: { maybe: 0.5, target: 0.75 },
};
const ROLES = { target: 'pit', maybe: undefined };

const sweep = (
  predictions: Predictions,
  demand: Partial<RecallDemand> = {},
  roles: { target: string; maybe: string | undefined } = ROLES,
): Sweep =>
  sweepSchema.parse(sweepPredictions(evaluationOf(predictions), predictions, roles, { ...DEMAND, ...demand }));

/** The certificate, which must be there. */
function certified(swept: Sweep) {
  if (swept.certificate.state !== 'certified') {
    throw new Error('not certified');
  }
  return swept.certificate;
}

const repeat = (score: number, count: number): number[] => Array<number>(count).fill(score);
/** `count` scores from `from` upwards, 0.001 apart. */
const ladder = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (Math.round(from * 1000) + index) / 1000);

/** The 20 scores of methods.md B4: 9 pits, 11 cleans, a tie at 0.20. */
const B4 = predictionsFrom(
  [0.13, 0.2, 0.42, 0.61, 0.72, 0.79, 0.9, 0.94, 0.97],
  [0.02, 0.05, 0.07, 0.11, 0.2, 0.31, 0.35, 0.48, 0.55, 0.66, 0.83],
);

describe('sweepPredictions on the vector of methods.md B4', (it) => {
  it('finds the area under the ROC curve, the counts and the distinct scores', () => {
    const { auc, targets, others, distinct_scores } = sweep(B4);
    close(auc ?? undefined, 0.7828282828, 1e-9);
    assert.equal([targets, others, distinct_scores], [9, 11, 19]);
  });

  it('counts at argmax and in production as by hand', () => {
    const { argmax, production } = sweep(B4);
    assert.equal([argmax.misses, argmax.false_rejects, argmax.threshold], [3, 3, null]);
    near(argmax.recall ?? undefined, 6 / 9, 1e-15);
    assert.equal([production.misses, production.false_rejects, production.reviewed], [3, 1, 4]);
    assert.equal([production.maybe_from, production.target_from], [0.5, 0.75]);
  });

  it('counts a score on a production threshold as reaching it', () => {
    const { production } = sweep(B4, { production: { maybe: 0.42, target: 0.83 } });
    assert.equal([production.misses, production.false_rejects, production.reviewed], [2, 1, 7]);
  });

  it('plans the review bands of methods.md C5', () => {
    // Recall floors that allow E of 9 escapes, and limits that F of 11 false rejects still prove, at 95 %.
    const floor = [0.7, 0.5, 0.4, 0.3];
    const limit = [0.25, 0.4, 0.5, 0.6];
    const table = [
      [0, 0, 0.13, 0.9, 13],
      [0, 1, 0.13, 0.72, 10],
      [1, 0, 0.2, 0.9, 12],
      [1, 1, 0.2, 0.72, 9],
      [2, 1, 0.42, 0.72, 5],
      [0, 2, 0.13, 0.61, 8],
      [1, 2, 0.2, 0.61, 7],
      [3, 3, 0.55, 0.55, 0],
    ] as const;
    for (const [escapes, rejected, lo, hi, reviewed] of table) {
      const swept = sweep(B4, { targetRecall: floor[escapes] ?? 0, maxFalseRejectRate: limit[rejected] ?? 0 });
      const band = swept.review_band;
      assert.equal(
        [band?.maybe_from, band?.target_from, band?.reviewed],
        [lo, hi, reviewed],
        `${escapes}, ${rejected}`,
      );
      assert.ok(band !== null && band.escapes <= escapes && band.false_rejects <= rejected);
      assert.is(certified(swept).allowed_misses, escapes);
    }
  });

  it('plans no band where even no false reject proves the limit', () => {
    assert.is(sweep(B4, { targetRecall: 0.7, maxFalseRejectRate: 0.2 }).review_band, null);
  });
});

describe('the certificate', (it) => {
  it('allows 1 of 566 to be missed, which proves 99.165 %', () => {
    const { point, allowed_misses } = certified(sweep(predictionsFrom(ladder(0.3, 566), repeat(0.1, 660))));
    assert.equal([allowed_misses, point.misses, point.threshold], [1, 1, 0.301]);
    near(point.recall_lower_bound ?? undefined, 0.99165, 5e-6);
    assert.equal(
      point.recall_interval?.map((end) => end.toFixed(6)),
      ['0.990196', '0.999955'],
    );
  });

  it('is not to be had for 298 targets and says how many more it takes', () => {
    const swept = sweep(predictionsFrom(repeat(0.9, 298), repeat(0.1, 660)));
    assert.equal(swept.certificate, { state: 'not_enough_data', targets: 298, needed: 299, more: 1, refuted_at: null });
    assert.is(swept.review_band, null);
    assert.is(certified(sweep(predictionsFrom(repeat(0.9, 299), repeat(0.1, 660)))).allowed_misses, 0);
  });

  it('can be refuted by too few targets: scores that tell nothing apart need no more images', () => {
    const random = mulberry32(3);
    const scores = (count: number) => Array.from({ length: count }, () => random());
    const swept = sweep(predictionsFrom(scores(280), scores(1000)));
    assert.equal(swept.certificate.state === 'not_enough_data' && swept.certificate.refuted_at !== null, true);
  });

  it('counts ties on the safe side', () => {
    const { point } = certified(sweep(predictionsFrom([...repeat(0.3, 5), ...repeat(0.9, 561)], repeat(0.1, 660))));
    assert.equal([point.threshold, point.misses], [0.3, 0]);
  });

  it('is the highest threshold that misses no more than allowed, by brute force', () => {
    const random = mulberry32(17);
    for (let round = 0; round < 60; round += 1) {
      const score = () => Math.floor(random() * 40) / 40;
      const pits = Array.from({ length: 30 + Math.floor(random() * 60) }, () => Math.max(score(), score()));
      const cleans = Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.min(score(), score()));
      const { allowed_misses: allowed, point } = certified(sweep(predictionsFrom(pits, cleans), { targetRecall: 0.9 }));
      const misses = (threshold: number) => pits.filter((pit) => pit < threshold).length;
      const best = Math.max(...[...pits, ...cleans].filter((threshold) => misses(threshold) <= allowed));
      assert.is(point.threshold, best);
      assert.is(point.misses, misses(best));
      assert.is(point.false_rejects, cleans.filter((clean) => clean >= best).length);
    }
  });
});

/** 566 pits on a ladder from 0.300, so that m misses lie below 0.300 + m / 1000; cleans at the given scores. */
const verdict = (...cleans: (readonly [score: number, count: number])[]) => {
  const rejected = cleans.reduce((sum, [, count]) => sum + count, 0);
  const scores = cleans.flatMap(([score, count]) => repeat(score, count));
  const pits = ladder(0.3, 566);
  return certified(sweep(predictionsFrom(pits, [...scores, ...repeat(0.1, 660 - rejected)]))).false_rejects;
};

describe('the verdict on false rejects', (it) => {
  /** The most misses of 566 that do not refute 99 % at 95 %. */
  const mostMisses = [...Array(566).keys()].findLast((misses) => binomialUpperTail(misses, 566, 0.01) >= 0.05) ?? 0;

  it('is PASS when the limit is proven at the certified threshold: 53 of 660 for 10 %', () => {
    assert.is(verdict([0.9, 53]), 'PASS');
    assert.is(verdict([0.9, 54]), 'NOT_ENOUGH_DATA');
  });

  it('is FAIL only where the lower bound is beyond the limit', () => {
    const refuting = [...Array(660).keys()].find((count) => binomialUpperTail(count, 660, 0.1) < 0.05) ?? 0;
    assert.is(verdict([0.9, refuting]), 'FAIL');
    assert.is(verdict([0.9, refuting - 1]), 'NOT_ENOUGH_DATA');
  });

  it('is FAIL only if even the most optimistic threshold is refuted', () => {
    assert.is(mostMisses, 10);
    const threshold = 0.3 + mostMisses / 1000;
    assert.is(verdict([threshold, 200]), 'FAIL');
    assert.is(verdict([threshold - 0.0005, 200]), 'NOT_ENOUGH_DATA', 'a higher threshold may yet be proven');
  });

  it('counts a false reject at the threshold itself', () => {
    assert.is(verdict([0.301, 53]), 'PASS');
    assert.is(verdict([0.301, 54]), 'NOT_ENOUGH_DATA');
    assert.is(verdict([0.3005, 660]), 'PASS', 'below the certified threshold nothing is rejected');
  });
});

describe('a model with a maybe class of its own', (it) => {
  const roles = { target: 'pit', maybe: 'maybe' };
  const rows = [
    ['pit', [0.1, 0.3, 0.6]],
    ['pit', [0.2, 0.5, 0.3]],
    ['pit', [0.7, 0.1, 0.2]],
    ['clean', [0.9, 0.06, 0.04]],
    ['clean', [0.3, 0.5, 0.2]],
    ['clean', [0.3, 0.2, 0.5]],
    ['maybe', [0.1, 0.8, 0.1]],
  ] as const;
  const predictions = predictionsOf(['clean', 'maybe', 'pit'], rows);

  it('is scored by 1 - p(clear)', () => {
    const { production } = sweep(predictions, { production: { maybe: 0.6, target: 0.85 } }, roles);
    // Scores 0.9, 0.8, 0.3 of the pits and 0.1, 0.7, 0.7 of the clean.
    assert.equal([production.misses, production.false_rejects, production.reviewed], [1, 0, 3]);
  });

  it('is reviewed where it answers maybe: neither a miss nor a false reject', () => {
    const { argmax } = sweep(predictions, {}, roles);
    assert.equal([argmax.misses, argmax.false_rejects], [1, 1]);
  });

  it('leaves images labelled maybe out: they are nobody’s truth', () => {
    const { targets, others } = sweep(predictions, {}, roles);
    assert.equal([targets, others], [3, 3]);
  });

  it('is scored alike in any order of its classes', () => {
    const turned = predictionsOf(
      ['pit', 'clean', 'maybe'],
      rows.map(([label, [clean, maybe, pit]]) => [label, [pit, clean, maybe]] as const),
    );
    assert.equal(sweep(turned, {}, roles), sweep(predictions, {}, roles));
  });

  it('stands beside two-class models, which are scored by p(target)', () => {
    assert.equal(sweep(B4, {}, roles), sweep(B4));
  });
});

describe('a model with three classes and no maybe', (it) => {
  const predictions = predictionsOf(
    ['clean', 'leaf', 'pit'],
    [
      ['pit', [0.1, 0.2, 0.7]],
      ['pit', [0.1, 0.6, 0.3]],
      ['leaf', [0.2, 0.7, 0.1]],
      ['leaf', [0.3, 0.1, 0.6]],
      ['clean', [0.2, 0.7, 0.1]],
    ],
  );

  it('counts every other class as one: a leaf taken for clean is no false reject', () => {
    const { argmax, targets, others } = sweep(predictions);
    assert.equal([targets, others, argmax.misses, argmax.false_rejects], [2, 3, 1, 1]);
  });

  it('is scored by p(target)', () => {
    const { production } = sweep(predictions, { production: { maybe: 0.3, target: 0.65 } });
    assert.equal([production.misses, production.false_rejects, production.reviewed], [0, 0, 2]);
  });
});

describe('images of one side only', (it) => {
  it('certify a threshold from targets alone, of whose false rejects nothing is known', () => {
    const swept = sweep(predictionsFrom(ladder(0.3, 566), []));
    const { point, false_rejects } = certified(swept);
    assert.equal([point.threshold, point.misses, point.others, false_rejects], [0.301, 1, 0, 'NOT_ENOUGH_DATA']);
    assert.equal([point.false_reject_rate, point.false_reject_interval], [null, null]);
    assert.equal([swept.auc, swept.review_band, swept.distinct_scores], [null, null, 566]);
    assert.is(swept.production.false_rejects, 0);
  });

  it('need as many targets as ever when these are too few', () => {
    const { certificate } = sweep(predictionsFrom(repeat(0.9, 100), []));
    assert.equal(certificate, { state: 'not_enough_data', targets: 100, needed: 299, more: 199, refuted_at: null });
  });

  it('prove nothing without a target', () => {
    const swept = sweep(predictionsFrom([], repeat(0.1, 660)));
    assert.equal(swept.certificate, { state: 'not_enough_data', targets: 0, needed: 299, more: 299, refuted_at: null });
    assert.equal([swept.argmax.recall, swept.argmax.recall_interval, swept.production.recall], [null, null, null]);
  });

  it('may even be none at all', () => {
    const { targets, others, distinct_scores } = sweep(predictionsFrom([], []));
    assert.equal([targets, others, distinct_scores], [0, 0, 0]);
  });
});

describe('damaged predictions', (it) => {
  it('are refused where the target class is unknown to the model', async () => {
    await rejects(
      () => sweep(B4, {}, { target: 'stone', maybe: undefined }),
      /predictions of a must know the target class `stone` and another, received the classes clean, pit/,
    );
    await rejects(() => sweep(predictionsOf(['maybe', 'pit'], []), {}, { target: 'pit', maybe: 'maybe' }), /another/);
  });

  it('are refused where a column is shorter than the others', async () => {
    await rejects(() => sweep({ ...B4, labels: B4.labels.slice(1) }), /20 ids, 19 labels and 20 rows/);
    await rejects(() => sweep({ ...B4, ids: B4.ids.slice(2) }), /18 ids/);
  });

  it('are refused where a row lacks the probability', async () => {
    const short = { ...B4, probabilities: [[1], ...B4.probabilities.slice(1)] };
    await rejects(() => sweep(short), /of a need 2 probabilities per image, received 1/);
  });
});

describe('sweepPredictions on copies of images', (it) => {
  const cleans = ladder(0.001, 300);
  const copies = (count: number): Predictions => {
    const predictions = predictionsFrom(repeat(0.9, 300), cleans);
    const hashes = predictions.content_hashes.map((hash, index) =>
      index < count ? (predictions.content_hashes[0] ?? hash) : hash,
    );
    return { ...predictions, content_hashes: hashes };
  };

  it('does not take one image three hundred times for three hundred pits', () => {
    const swept = sweep(copies(300));
    assert.is(swept.repeated_targets, 299);
    const { certificate } = swept;
    assert.equal(certificate.state === 'not_enough_data' && [certificate.targets, certificate.more], [1, 298]);
    assert.is(swept.argmax.targets, 300, 'what was answered is counted as it is');
    near(swept.argmax.recall_lower_bound ?? undefined, 0.05, 1e-12, 'and certified of one image: 0.05^(1/1)');
    near(swept.production.recall_lower_bound ?? undefined, 0.05, 1e-12);
  });

  it('certifies on distinct targets, where there are enough', () => {
    const predictions = predictionsFrom([...repeat(0.9, 299), 0.05], cleans);
    const hashes = predictions.content_hashes.map((hash, index) =>
      index === 1 ? (predictions.content_hashes[0] ?? hash) : hash,
    );
    const swept = sweep({ ...predictions, content_hashes: hashes }, { targetRecall: 0.98 });
    const { point, allowed_misses: allowed } = certified(swept);
    assert.equal([swept.repeated_targets, point.targets, allowed], [1, 299, 1]);
  });

  it('does not count copies among the others as targets', () => {
    const predictions = predictionsFrom(repeat(0.9, 300), cleans);
    const [hash = ''] = predictions.content_hashes.slice(300);
    const hashes = predictions.content_hashes.map((own, index) => (index < 300 ? own : hash));
    assert.equal([sweep({ ...predictions, content_hashes: hashes }).repeated_targets], [0]);
  });
});

describe('the intervals of a sweep', (it) => {
  // 600 pits of which 400 score 0.9 and 200 score 0.6; of 660 cleans 90 score 0.6 and 33 score 0.8.
  const swept = sweep(
    predictionsFrom(
      [...repeat(0.9, 400), ...repeat(0.6, 200)],
      [...repeat(0.8, 33), ...repeat(0.6, 90), ...repeat(0.1, 537)],
    ),
  );
  const shown = (interval: readonly number[] | null | undefined) => interval?.map((end) => end.toFixed(4));

  it("are the exact ones of the line's two thresholds of today", () => {
    const { production } = swept;
    assert.equal([production.misses, production.false_rejects, production.reviewed], [0, 33, 290]);
    // scipy.stats.beta: 600 of 600, 33 of 660 and 290 of 1260.
    assert.equal(shown(production.recall_interval), ['0.9939', '1.0000']);
    assert.equal(shown(production.false_reject_interval), ['0.0347', '0.0695']);
    assert.equal(shown(production.reviewed_interval), ['0.2072', '0.2544']);
  });

  it('are the exact ones of the review band', () => {
    const band = swept.review_band;
    assert.equal([band?.escapes, band?.false_rejects, band?.reviewed], [0, 33, 290]);
    assert.equal(shown(band?.recall_interval), ['0.9939', '1.0000']);
    assert.equal(shown(band?.false_reject_interval), ['0.0347', '0.0695']);
    assert.equal(shown(band?.reviewed_interval), ['0.2072', '0.2544']);
  });
});
