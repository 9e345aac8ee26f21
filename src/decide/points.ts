import type { OperatingPoint, ReviewBand, Sweep } from '../records/sweep.ts';
import { largestCount } from '../stats/binomialBound.ts';
import { complement } from '../stats/complement.ts';
import { minimiseReview } from '../stats/minReview.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, oneSidedLower } from '../stats/proportion.ts';
import type { SweepCurve } from '../stats/sweep.ts';
import type { RecallDemand } from './demands.ts';
import type { Scores } from './scores.ts';

/** Counts at one setting of the line. */
export interface PointCounts {
  /** `null`: no threshold, the answers at argmax. */
  readonly threshold: number | null;
  readonly targets: number;
  readonly misses: number;
  readonly others: number;
  readonly falseRejects: number;
}

/** The counts with their rates and exact intervals; nothing of nothing has no rate. */
export function toOperatingPoint(counts: PointCounts, confidence: number): OperatingPoint {
  const { threshold, targets, misses, others, falseRejects } = counts;
  return {
    threshold: threshold === null ? null : finiteOrNull(threshold),
    targets,
    others,
    misses,
    false_rejects: falseRejects,
    ...recallOf(misses, targets, confidence),
    false_reject_rate: others === 0 ? null : falseRejects / others,
    false_reject_interval: intervalOf(falseRejects, others),
  };
}

/** At argmax an answer of *maybe* sends the item to review: neither a miss nor a false reject. */
export function argmaxPoint(scores: Scores, confidence: number): OperatingPoint {
  const count = (isTarget: number, answer: string): number =>
    scores.answers.filter((given, index) => given === answer && scores.isTarget[index] === isTarget).length;
  return {
    ...toOperatingPoint(
      {
        threshold: null,
        targets: scores.targets,
        misses: count(1, 'other'),
        others: scores.others,
        falseRejects: count(0, 'target'),
      },
      confidence,
    ),
    recall_lower_bound: distinctBound(scores, (index) => scores.answers[index] === 'other', confidence),
  };
}

/** What the line's two thresholds of today do: an item between them goes to review. */
export function productionPoint(scores: Scores, { production, confidence }: RecallDemand): Sweep['production'] {
  const misses = countBelow(scores, 1, production.maybe);
  const passed = countBelow(scores, 0, production.maybe);
  const notRejected = countBelow(scores, 1, production.target) + countBelow(scores, 0, production.target);
  const reviewed = notRejected - misses - passed;
  const falseRejects = scores.others - countBelow(scores, 0, production.target);
  return {
    maybe_from: production.maybe,
    target_from: production.target,
    misses,
    false_rejects: falseRejects,
    reviewed,
    ...recallOf(misses, scores.targets, confidence),
    recall_lower_bound: distinctBound(scores, (index) => (scores.values[index] ?? 0) < production.maybe, confidence),
    false_reject_interval: intervalOf(falseRejects, scores.others),
    reviewed_interval: intervalOf(reviewed, scores.values.length),
  };
}

/** How many images of one side (1: targets, 0: others) score below a threshold. */
export function countBelow({ values, isTarget }: Scores, side: 0 | 1, threshold: number): number {
  return values.reduce((count, value, index) => count + (isTarget[index] === side && value < threshold ? 1 : 0), 0);
}

/**
 * The two thresholds with the fewest reviews that keep both promises: as many escapes as the
 * certificate allows, and as many false rejects as still prove their limit (methods.md C5).
 *
 * @returns `null` when there are too few others to prove the limit even without a false reject
 */
export function reviewBand(curve: SweepCurve, maxEscapes: number, demand: RecallDemand): ReviewBand | null {
  const maxFalseRejects = largestCount(curve.others, demand.maxFalseRejectRate, complement(demand.confidence));
  if (maxFalseRejects === undefined) {
    return null;
  }
  const plan = minimiseReview(curve, { maxEscapes, maxFalseRejects });
  const { escapes, falseRejects } = plan;
  const [lo, hi] = plan.kind === 'single' ? [plan.threshold, plan.threshold] : [plan.lo, plan.hi];
  const reviewed = plan.kind === 'single' ? 0 : plan.reviewedTargets + plan.reviewedOthers;
  const { targets, others } = curve;
  return {
    maybe_from: finiteOrNull(lo),
    target_from: finiteOrNull(hi),
    reviewed,
    escapes,
    false_rejects: falseRejects,
    recall_interval: intervalOf(targets - escapes, targets),
    false_reject_interval: intervalOf(falseRejects, others),
    reviewed_interval: intervalOf(reviewed, targets + others),
  };
}

function recallOf(
  misses: number,
  targets: number,
  confidence: number,
): Pick<OperatingPoint, 'recall' | 'recall_interval' | 'recall_lower_bound'> {
  const found = targets - misses;
  return {
    recall: targets === 0 ? null : found / targets,
    recall_interval: intervalOf(found, targets),
    recall_lower_bound: oneSidedLower(found, targets, complement(confidence)) ?? null,
  };
}

/** What is certified rests on distinct targets, also at a setting where copies are counted. */
function distinctBound(
  { isTarget, isRepeat }: Scores,
  isMissed: (index: number) => boolean,
  confidence: number,
): number | null {
  let [targets, found] = [0, 0];
  for (const [index, flag] of isTarget.entries()) {
    if (flag === 1 && isRepeat[index] === 0) {
      targets += 1;
      found += isMissed(index) ? 0 : 1;
    }
  }
  return oneSidedLower(found, targets, complement(confidence)) ?? null;
}

/** The exact interval of a share; of nothing there is none. */
function intervalOf(count: number, all: number): [number, number] | null {
  const interval = clopperPearson(count, all, DISPLAY_CONFIDENCE);
  return interval === undefined ? null : [interval.lower, interval.upper];
}

/** JSON has no infinity; `null` stands for "nothing reaches it". */
function finiteOrNull(threshold: number): number | null {
  return Number.isFinite(threshold) ? threshold : null;
}
