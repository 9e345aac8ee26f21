import { complement } from './complement.ts';
import { confusionAt, indexOfThreshold } from './confusion.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, oneSidedLower } from './proportion.ts';
import type { Interval } from './proportion.ts';
import type { SweepCurve } from './sweep.ts';

/** What one threshold does: an item whose score is >= `threshold` is called a target. */
export interface OperatingPoint {
  readonly threshold: number;
  readonly targets: number;
  /** Targets below the threshold. */
  readonly misses: number;
  readonly recall: number;
  /** Clopper-Pearson, two-sided, 95 %. */
  readonly recallInterval: Interval;
  /** One-sided, at the confidence that was asked for. */
  readonly recallLowerBound: number;
  readonly others: number;
  /** Others at or above the threshold. */
  readonly falseRejects: number;
  readonly falseRejectRate: number;
  /** Clopper-Pearson, two-sided, 95 %. */
  readonly falseRejectInterval: Interval;
}

/**
 * The rates at any threshold, with their exact intervals (methods.md B1, C3). The bounds are those
 * of a threshold fixed beforehand, or of one that `certifiedThreshold` chose.
 */
export function operatingPoint(curve: SweepCurve, threshold: number, confidence: number): OperatingPoint {
  const { targets, others } = curve;
  const { tp, fn, fp } = confusionAt(curve, indexOfThreshold(curve, threshold));
  return {
    threshold,
    targets,
    misses: fn,
    recall: tp / targets,
    recallInterval: known(clopperPearson(tp, targets, DISPLAY_CONFIDENCE)),
    recallLowerBound: known(oneSidedLower(tp, targets, complement(confidence))),
    others,
    falseRejects: fp,
    falseRejectRate: fp / others,
    falseRejectInterval: known(clopperPearson(fp, others, DISPLAY_CONFIDENCE)),
  };
}

/** A curve has items of both classes, so the intervals of its rates exist. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('a curve must have items of both classes');
  return value;
}
