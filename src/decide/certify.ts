import type { Verdict } from '../records/judgement.ts';
import type { Certificate } from '../records/sweep.ts';
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
    const refuted = judgeHighestPossible(curve, 0, demand) === 'FAIL';
    return { state: 'not_enough_data', targets, needed, more, refuted };
  }
  return {
    state: 'certified',
    allowed_misses: certified.allowedMisses,
    false_rejects: judgeFalseRejects(curve, certified.falseRejects, certified.allowedMisses, demand),
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
    return { state: 'not_enough_data', targets, needed, more: needed - targets, refuted: false };
  }
  const threshold = at(targetScores.toSorted(), allowed);
  const misses = targetScores.filter((score) => score < threshold).length;
  return {
    state: 'certified',
    allowed_misses: allowed,
    false_rejects: 'NOT_ENOUGH_DATA',
    point: toOperatingPoint({ threshold, targets, misses, others: 0, falseRejects: 0 }, demand.confidence),
  };
}

/**
 * Whether the recall floor can be held within the limit on false rejects. Proven at the certified
 * threshold: PASS. Refuted only if even the highest threshold whose recall the data do not exclude
 * rejects too many: with more targets a threshold above the certified one might be proven.
 */
function judgeFalseRejects(curve: SweepCurve, certified: number, allowed: number, demand: RecallDemand): Verdict {
  if (judgeRejects(certified, curve.others, demand) === 'PASS') {
    return 'PASS';
  }
  return judgeHighestPossible(curve, allowed, demand) === 'FAIL' ? 'FAIL' : 'NOT_ENOUGH_DATA';
}

/** The verdict on the false rejects at the highest threshold whose recall the data do not exclude. */
function judgeHighestPossible(curve: SweepCurve, allowed: number, demand: RecallDemand): Verdict {
  const most = mostMissesNotRefuted(curve.targets, allowed, demand);
  return judgeRejects(confusionAt(curve, highestWithMisses(curve, most)).fp, curve.others, demand);
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
