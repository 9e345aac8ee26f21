import * as assert from 'uvu/assert';
import { minimiseReview } from '../../src/stats/minReview.ts';
import { mulberry32 } from '../../src/stats/prng.ts';
import { sweepThresholds } from '../../src/stats/sweep.ts';
import { describe } from '../describe.ts';
import { twentyLabels, twentyScores } from './vectors.ts';

describe('minimiseReview', (it) => {
  const curve = sweepThresholds(twentyScores, twentyLabels);

  it('gives the thresholds and the review of methods.md C5', () => {
    const table = [
      [0, 0, 0.13, 0.9, 6, 7],
      [0, 1, 0.13, 0.72, 4, 6],
      [1, 0, 0.2, 0.9, 5, 7],
      [1, 1, 0.2, 0.72, 3, 6],
      [2, 1, 0.42, 0.72, 2, 3],
      [0, 2, 0.13, 0.61, 3, 5],
      [1, 2, 0.2, 0.61, 2, 5],
    ] as const;
    for (const [maxEscapes, maxFalseRejects, lo, hi, reviewedTargets, reviewedOthers] of table) {
      assert.equal(minimiseReview(curve, { maxEscapes, maxFalseRejects }), {
        kind: 'review',
        lo,
        hi,
        escapes: maxEscapes,
        falseRejects: maxFalseRejects,
        reviewedTargets,
        reviewedOthers,
      });
    }
  });

  it('needs no review when one threshold keeps both limits, and takes the safest', () => {
    assert.equal(minimiseReview(curve, { maxEscapes: 3, maxFalseRejects: 3 }), {
      kind: 'single',
      threshold: 0.55,
      highest: 0.61,
      escapes: 3,
      falseRejects: 3,
    });
  });

  it('finds the least review of all pairs of thresholds', () => {
    const random = mulberry32(1500);
    for (let trial = 0; trial < 1500; trial++) {
      const size = 2 + Math.floor(random() * 14);
      const scores = Float64Array.from({ length: size }, () => Math.floor(random() * 8));
      const labels = Uint8Array.from({ length: size }, () => (random() < 0.5 ? 1 : 0));
      labels[0] = 1;
      labels[1] = 0;
      const limits = { maxEscapes: Math.floor(random() * 4), maxFalseRejects: Math.floor(random() * 4) };
      const plan = minimiseReview(sweepThresholds(scores, labels), limits);
      const count = (label: number, from: number, to: number): number =>
        scores.filter((score, item) => labels[item] === label && score >= from && score < to).length;

      const candidates = [...new Set(scores), Infinity];
      let least = Infinity;
      for (const lo of candidates) {
        for (const hi of candidates) {
          const kept = count(1, -1, lo) <= limits.maxEscapes && count(0, hi, Infinity) <= limits.maxFalseRejects;
          if (lo <= hi && kept) least = Math.min(least, count(1, lo, hi) + count(0, lo, hi));
        }
      }
      const lo = plan.kind === 'single' ? plan.threshold : plan.lo;
      const hi = plan.kind === 'single' ? plan.threshold : plan.hi;
      assert.is(count(1, lo, hi) + count(0, lo, hi), least, `trial ${trial}`);
      assert.is(plan.kind, least === 0 ? 'single' : 'review', `trial ${trial}`);
      assert.is(plan.escapes, count(1, -1, lo), `trial ${trial}`);
      assert.is(plan.falseRejects, count(0, hi, Infinity), `trial ${trial}`);
      assert.ok(plan.escapes <= limits.maxEscapes && plan.falseRejects <= limits.maxFalseRejects, `trial ${trial}`);
      if (plan.kind === 'review') {
        assert.is(plan.reviewedTargets, count(1, lo, hi), `trial ${trial}`);
        assert.is(plan.reviewedOthers, count(0, lo, hi), `trial ${trial}`);
      }
    }
  });
});
