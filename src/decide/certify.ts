import type { Verdict } from '../records/judgement.ts';
import type { Certificate, OperatingPoint } from '../records/sweep.ts';
import { at } from '../stats/at.ts';
import {
  allowedMisses,
  assessRecallFloor,
  certifiedThreshold,
  targetsNeeded,
  type RecallTarget,
} from '../stats/certificate.ts';
import { complement } from '../stats/complement.ts';
import { confusionAt, highestWithMisses } from '../stats/confusion.ts';
import { assessMissRate } from '../stats/missRate.ts';
import type { SweepCurve } from '../stats/sweep.ts';
import type { RecallDemand } from './demands.ts';
import { toOperatingPoint } from './points.ts';

/** The threshold whose recall is proven (methods.md C2), and whether it keeps the limit on false rejects. */
export function certify(curve: SweepCurve, demand: RecallDemand): Certificate {
  const certified = certifiedThreshold(curve, floorOf(demand));
  if (certified.state === 'not enough data') {
    const { targets, needed, more } = certified;
    // Too few targets prove nothing, yet they may refute: no threshold that they allow keeps the limit.
    const refutedAt = refutingPoint(curve, 0, demand);
    return { state: 'not_enough_data', targets, needed, more, refuted_at: refutedAt };
  }
  const isProven = judgeRejects(certified.falseRejects, curve.others, demand) === 'PASS';
  const refutedAt = isProven ? null : refutingPoint(curve, certified.allowedMisses, demand);
  return {
    state: 'certified',
    allowed_misses: certified.allowedMisses,
    false_rejects: isProven ? 'PASS' : refutedAt === null ? 'NOT_ENOUGH_DATA' : 'FAIL',
    refuted_at: refutedAt,
    point: toOperatingPoint(certified, demand.confidence),
  };
}

/**
 * The same where the images are of one side only, so that there is no curve: without targets nothing
 * is proven, without others nothing is known of false rejects.
 */
export function certifyOneSided(targetScores: Float64Array, demand: RecallDemand): Certificate {
  const targets = targetScores.length;
  const allowed = allowedMisses(targets, floorOf(demand));
  if (allowed === undefined) {
    const needed = targetsNeeded(floorOf(demand));
    return { state: 'not_enough_data', targets, needed, more: needed - targets, refuted_at: null };
  }
  const threshold = at(targetScores.toSorted(), allowed);
  const misses = targetScores.filter((score) => score < threshold).length;
  return {
    state: 'certified',
    allowed_misses: allowed,
    false_rejects: 'NOT_ENOUGH_DATA',
    refuted_at: null,
    point: toOperatingPoint({ threshold, targets, misses, others: 0, falseRejects: 0 }, demand.confidence),
  };
}

/**
 * The highest threshold whose recall the data do not exclude, if even it is proven to reject too
 * many. With more targets a threshold above the certified one might be proven, but none above this.
 *
 * @returns `null` where it may keep the limit
 */
function refutingPoint(curve: SweepCurve, allowed: number, demand: RecallDemand): OperatingPoint | null {
  const { targets, others } = curve;
  const index = highestWithMisses(curve, mostMissesNotRefuted(targets, allowed, demand));
  const { fn: misses, fp: falseRejects } = confusionAt(curve, index);
  return judgeRejects(falseRejects, others, demand) === 'FAIL'
    ? toOperatingPoint(
        { threshold: at(curve.thresholds, index), targets, misses, others, falseRejects },
        demand.confidence,
      )
    : null;
}

function judgeRejects(falseRejects: number, others: number, demand: RecallDemand): Verdict {
  return assessMissRate({
    misses: falseRejects,
    n: others,
    requiredShare: complement(demand.maxFalseRejectRate),
    confidence: demand.confidence,
  }).verdict;
}

/** The most misses of `targets` after which the recall floor could still be true; `allowed` misses prove it. */
function mostMissesNotRefuted(targets: number, allowed: number, demand: RecallDemand): number {
  let possible = allowed;
  let refuted = targets + 1;
  while (refuted - possible > 1) {
    const middle = Math.floor((possible + refuted) / 2);
    if (assessRecallFloor(middle, targets, floorOf(demand)).verdict === 'FAIL') {
      refuted = middle;
    } else {
      possible = middle;
    }
  }
  return possible;
}

function floorOf({ targetRecall, confidence }: RecallDemand): RecallTarget {
  return { recallFloor: targetRecall, confidence };
}
