import { at } from './at.ts';
import { confusionAt, highestWithMisses, lowestWithFalseRejects } from './confusion.ts';
import type { SweepCurve } from './sweep.ts';

/** What the line may lose, in items of the curve. Whole numbers, 0 or more. */
export interface ReviewLimits {
  /** Targets that may score below `lo` and so escape. */
  readonly maxEscapes: number;
  /** Others that may score `hi` or more and so be rejected. */
  readonly maxFalseRejects: number;
}

export type ReviewPlan =
  | {
      readonly kind: 'single';
      /** Both limits hold at this one threshold; nothing needs review. The safest such: the lowest. */
      readonly threshold: number;
      /** Up to this threshold they hold as well. */
      readonly highest: number;
      readonly escapes: number;
      readonly falseRejects: number;
    }
  | {
      readonly kind: 'review';
      /** A score below it is left alone. Round it down for display. */
      readonly lo: number;
      /** A score of it or more is rejected; between the two a person looks. Round it up for display. */
      readonly hi: number;
      readonly escapes: number;
      readonly falseRejects: number;
      readonly reviewedTargets: number;
      readonly reviewedOthers: number;
    };

/**
 * The two thresholds that keep both limits and send the fewest items to review, given a reviewer
 * who is always right (methods.md C5). The limits bind one threshold each, so the highest `lo` and
 * the lowest `hi` are optimal together.
 */
export function minimiseReview(curve: SweepCurve, { maxEscapes, maxFalseRejects }: ReviewLimits): ReviewPlan {
  const loIndex = highestWithMisses(curve, maxEscapes);
  const hiIndex = lowestWithFalseRejects(curve, maxFalseRejects);
  const lo = at(curve.thresholds, loIndex);
  const hi = at(curve.thresholds, hiIndex);
  const belowLo = confusionAt(curve, loIndex);
  const belowHi = confusionAt(curve, hiIndex);
  if (hiIndex <= loIndex) {
    return { kind: 'single', threshold: hi, highest: lo, escapes: belowHi.fn, falseRejects: belowHi.fp };
  }
  return {
    kind: 'review',
    lo,
    hi,
    escapes: belowLo.fn,
    falseRejects: belowHi.fp,
    reviewedTargets: belowHi.fn - belowLo.fn,
    reviewedOthers: belowHi.tn - belowLo.tn,
  };
}
