import { at } from './at.ts';
import { largestCount, smallestTrials } from './binomialBound.ts';
import { complement } from './complement.ts';
import { highestWithMisses } from './confusion.ts';
import { assessMissRate } from './missRate.ts';
import type { Verdict } from './missRate.ts';
import { operatingPoint } from './operatingPoint.ts';
import type { OperatingPoint } from './operatingPoint.ts';
import type { SweepCurve } from './sweep.ts';

/** A recall that must be proven. Both strictly between 0 and 1. */
export interface RecallTarget {
  readonly recallFloor: number;
  readonly confidence: number;
}

/**
 * How many of `targets` may be missed for the recall still to be proven: 1 of 566 for 99 % at 95 %
 * (methods.md C2, D1).
 *
 * @returns undefined when there are too few targets even without a miss
 */
export function allowedMisses(targets: number, { recallFloor, confidence }: RecallTarget): number | undefined {
  return largestCount(targets, complement(recallFloor), complement(confidence));
}

/** How many targets prove the recall when `misses` of them are missed: 299 for 99 % at 95 % without one (methods.md D2). */
export function targetsNeeded({ recallFloor, confidence }: RecallTarget, misses = 0): number {
  return smallestTrials(misses, complement(recallFloor), complement(confidence));
}

export type CertifiedThreshold =
  | (OperatingPoint & { readonly state: 'certified'; readonly allowedMisses: number })
  | {
      readonly state: 'not enough data';
      readonly targets: number;
      /** How many targets it takes at least, and how many more that is. */
      readonly needed: number;
      readonly more: number;
    };

/**
 * The highest threshold, so the one with the fewest false rejects, at which the recall is proven:
 * the Neyman-Pearson umbrella rule (Tong, Feng & Li 2018; methods.md C2). Choosing and proving on
 * the same targets is exact, because the number of allowed misses is fixed before their scores are
 * seen. The targets must not have served for training or for the choice of model or checkpoint.
 */
export function certifiedThreshold(curve: SweepCurve, target: RecallTarget): CertifiedThreshold {
  const allowed = allowedMisses(curve.targets, target);
  if (allowed === undefined) {
    const needed = targetsNeeded(target);
    return { state: 'not enough data', targets: curve.targets, needed, more: needed - curve.targets };
  }
  const threshold = at(curve.thresholds, highestWithMisses(curve, allowed));
  return { state: 'certified', allowedMisses: allowed, ...operatingPoint(curve, threshold, target.confidence) };
}

export interface RecallAssessment {
  readonly verdict: Verdict;
  /** The share found; undefined, like the bounds, without targets. */
  readonly recall: number | undefined;
  readonly lowerBound: number | undefined;
  readonly upperBound: number | undefined;
  /** Present with NOT_ENOUGH_DATA: how many more targets would pass if none of them were missed. */
  readonly moreTargets?: number;
}

/**
 * Does a threshold that was fixed beforehand reach the recall? PASS when the one-sided lower bound
 * on the recall reaches the floor, FAIL when the upper bound stays below it (methods.md G2).
 */
export function assessRecallFloor(
  misses: number,
  targets: number,
  { recallFloor, confidence }: RecallTarget,
): RecallAssessment {
  const { verdict, missRate, lowerBound, upperBound, moreSamples } = assessMissRate({
    misses,
    n: targets,
    requiredShare: recallFloor,
    confidence,
  });
  return {
    verdict,
    recall: found(missRate),
    lowerBound: found(upperBound),
    upperBound: found(lowerBound),
    ...(moreSamples !== undefined && { moreTargets: moreSamples }),
  };
}

function found(missRate: number | undefined): number | undefined {
  return missRate === undefined ? undefined : 1 - missRate;
}
