import type { EvaluationRecord, Predictions } from '../records/predictions.ts';
import type { Certificate, OperatingPoint, ReviewBand, Sweep } from '../records/sweep.ts';
import type { Verdict } from '../records/judgement.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { assessRecallFloor, certifiedThreshold, type CertifiedThreshold } from '../stats/certificate.ts';
import { complement } from '../stats/complement.ts';
import { confusionAt, highestWithMisses, indexOfThreshold } from '../stats/confusion.ts';
import { minimiseReview } from '../stats/minReview.ts';
import { assessMissRate } from '../stats/missRate.ts';
import { operatingPoint } from '../stats/operatingPoint.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, oneSidedLower, type Interval } from '../stats/proportion.ts';
import { rocAuc } from '../stats/rocAuc.ts';
import { sweepThresholds, type SweepCurve } from '../stats/sweep.ts';
import { scoreImages, type ClassRoles, type Scores } from './scores.ts';

/** What the line demands of recall. */
export interface RecallDemand {
  readonly targetRecall: number;
  readonly confidence: number;
  readonly maxFalseRejectRate: number;
  readonly production: { readonly maybe: number; readonly target: number };
}

/**
 * The exact sweep of one candidate's stored predictions, and the threshold it recommends.
 *
 * @throws BeltbenchError `bad_dataset` when one side has no image: nothing can be swept
 */
export function sweepPredictions(
  record: EvaluationRecord,
  predictions: Predictions,
  roles: ClassRoles,
  demand: RecallDemand,
): Sweep {
  const scores = scoreImages(predictions, roles);
  const targets = scores.isTarget.reduce((sum, flag) => sum + flag, 0);
  const others = scores.isTarget.length - targets;
  if (targets === 0 || others === 0) {
    throw new BeltbenchError(
      'bad_dataset',
      `a sweep needs images of the target class and of another, received ${targets} and ${others} for ${record.candidate_id}; add the missing images and evaluate again`,
    );
  }
  const curve = sweepThresholds(scores.values, scores.isTarget);
  const certified = certifiedThreshold(curve, { recallFloor: demand.targetRecall, confidence: demand.confidence });
  return {
    candidate_id: record.candidate_id,
    predictions_key: record.predictions_key,
    evaluation_record_id: record.record_id,
    targets,
    others,
    distinct_scores: curve.thresholds.length - 1,
    auc: rocAuc(curve),
    argmax: argmaxPoint(scores, predictions, roles, demand.confidence),
    production: productionPoint(curve, demand),
    certificate: toCertificate(curve, certified, demand),
    review_band: certified.state === 'certified' ? reviewBand(curve, certified.allowedMisses, demand) : null,
  };
}

function toCertificate(curve: SweepCurve, certified: CertifiedThreshold, demand: RecallDemand): Certificate {
  if (certified.state === 'not enough data') {
    const { targets, needed, more } = certified;
    return { state: 'not_enough_data', targets, needed, more };
  }
  return {
    state: 'certified',
    allowed_misses: certified.allowedMisses,
    false_rejects: judgeFalseRejects(curve, certified, demand),
    point: toPoint(
      certified.threshold,
      certified.targets,
      certified.misses,
      certified.others,
      certified.falseRejects,
      demand.confidence,
    ),
  };
}

/**
 * Whether the recall floor can be held within the limit on false rejects. Proven at the certified
 * threshold: PASS. Refuted only if even the highest threshold whose recall the data do not exclude
 * rejects too many: with more targets a threshold above the certified one might be proven.
 */
function judgeFalseRejects(
  curve: SweepCurve,
  certified: CertifiedThreshold & { state: 'certified' },
  demand: RecallDemand,
): Verdict {
  const assess = (falseRejects: number): Verdict =>
    assessMissRate({
      misses: falseRejects,
      n: curve.others,
      requiredShare: complement(demand.maxFalseRejectRate),
      confidence: demand.confidence,
    }).verdict;
  if (assess(certified.falseRejects) === 'PASS') {
    return 'PASS';
  }
  const mostMisses = mostMissesNotRefuted(curve.targets, certified.allowedMisses, demand);
  const highest = confusionAt(curve, highestWithMisses(curve, mostMisses));
  return assess(highest.fp) === 'FAIL' ? 'FAIL' : 'NOT_ENOUGH_DATA';
}

/** The most misses of `targets` after which the recall floor could still be true. */
function mostMissesNotRefuted(targets: number, from: number, demand: RecallDemand): number {
  const refuted = (misses: number): boolean =>
    assessRecallFloor(misses, targets, { recallFloor: demand.targetRecall, confidence: demand.confidence }).verdict ===
    'FAIL';
  let misses = from;
  while (misses < targets && !refuted(misses + 1)) {
    misses += 1;
  }
  return misses;
}

/** At argmax an answer of *maybe* sends the item to review: neither a miss nor a false reject. */
function argmaxPoint(scores: Scores, predictions: Predictions, roles: ClassRoles, confidence: number): OperatingPoint {
  const nameOf = (answer: number): string | undefined => predictions.classes[answer];
  let misses = 0;
  let falseRejects = 0;
  for (const [index, answer] of scores.answers.entries()) {
    const isTarget = scores.isTarget[index] === 1;
    const name = nameOf(answer);
    misses += isTarget && name !== roles.target && name !== roles.maybe ? 1 : 0;
    falseRejects += !isTarget && name === roles.target ? 1 : 0;
  }
  const targets = scores.isTarget.reduce((sum, flag) => sum + flag, 0);
  return toPoint(null, targets, misses, scores.isTarget.length - targets, falseRejects, confidence);
}

function productionPoint(curve: SweepCurve, demand: RecallDemand): Sweep['production'] {
  const { maybe, target } = demand.production;
  const atMaybe = confusionAt(curve, indexOfThreshold(curve, maybe));
  const atTarget = confusionAt(curve, indexOfThreshold(curve, target));
  const point = operatingPoint(curve, maybe, demand.confidence);
  return {
    maybe_from: maybe,
    target_from: target,
    misses: atMaybe.fn,
    false_rejects: atTarget.fp,
    reviewed: atTarget.fn - atMaybe.fn + (atTarget.tn - atMaybe.tn),
    recall: point.recall,
    recall_interval: pair(point.recallInterval),
    recall_lower_bound: point.recallLowerBound,
  };
}

function reviewBand(curve: SweepCurve, maxEscapes: number, demand: RecallDemand): ReviewBand {
  const maxFalseRejects = Math.floor(demand.maxFalseRejectRate * curve.others);
  const plan = minimiseReview(curve, { maxEscapes, maxFalseRejects });
  const [lo, hi] = plan.kind === 'single' ? [plan.threshold, plan.threshold] : [plan.lo, plan.hi];
  return {
    maybe_from: finite(lo),
    target_from: finite(hi),
    reviewed: plan.kind === 'single' ? 0 : plan.reviewedTargets + plan.reviewedOthers,
    escapes: plan.escapes,
    false_rejects: plan.falseRejects,
  };
}

function toPoint(
  threshold: number | null,
  targets: number,
  misses: number,
  others: number,
  falseRejects: number,
  confidence: number,
): OperatingPoint {
  const found = targets - misses;
  return {
    threshold: threshold === null ? null : finite(threshold),
    targets,
    others,
    misses,
    false_rejects: falseRejects,
    recall: targets === 0 ? null : found / targets,
    recall_interval: pair(clopperPearson(found, targets, DISPLAY_CONFIDENCE)),
    recall_lower_bound: oneSidedLower(found, targets, complement(confidence)) ?? null,
    false_reject_rate: others === 0 ? null : falseRejects / others,
    false_reject_interval: pair(clopperPearson(falseRejects, others, DISPLAY_CONFIDENCE)),
  };
}

function pair(interval: Interval | undefined): [number, number] | null {
  return interval === undefined ? null : [interval.lower, interval.upper];
}

/** JSON has no infinity; `null` stands for "nothing reaches it". */
function finite(threshold: number): number | null {
  return Number.isFinite(threshold) ? threshold : null;
}
