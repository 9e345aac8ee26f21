import { BeltbenchError } from '../shared/errors.ts';

// Array reads in this file end in `as number`: every index lies inside by construction, and the
// loops run over ten million items.

/**
 * Every threshold that can make a difference, in ascending order: the distinct scores, and Infinity
 * last. An item whose score is >= the threshold is called a target. All three arrays are as long as
 * there are thresholds.
 */
export interface SweepCurve {
  readonly thresholds: Float64Array;
  /** How many targets score below the threshold: the misses. */
  readonly targetsBelow: Uint32Array;
  /** How many others score below the threshold: those rightly left alone. */
  readonly othersBelow: Uint32Array;
  /** All targets, at least 1. */
  readonly targets: number;
  /** All others, at least 1. */
  readonly others: number;
}

/**
 * The exact threshold sweep (methods.md C1). It sorts the scores of each class natively and merges
 * them. Time: that of sorting the scores plus a third. Memory: 17 bytes an item, 16 of them the curve.
 *
 * @param scores one finite number per item, higher for "more likely a target"; -0 counts as 0
 * @param isTarget 1 for a target, 0 for any other item
 * @throws BeltbenchError bad_record when the arrays do not fit, hold other values or lack a class
 */
export function sweepThresholds(scores: Float64Array, isTarget: Uint8Array): SweepCurve {
  const items = scores.length;
  const targets = countTargets(scores, isTarget);
  const sorted = new Float64Array(items + 1);
  // The counts are written last; until then their memory serves to sort the targets' scores.
  const memory = new ArrayBuffer(2 * (items + 1) * Uint32Array.BYTES_PER_ELEMENT);
  const labels = sortTogether(scores, isTarget, sorted, new Float64Array(memory, 0, targets));
  const targetsBelow = new Uint32Array(memory, 0, items + 1);
  const othersBelow = new Uint32Array(memory, targetsBelow.byteLength, items + 1);
  const length = collectGroups(sorted, labels, targetsBelow, othersBelow);
  return {
    thresholds: sorted.subarray(0, length),
    targetsBelow: targetsBelow.subarray(0, length),
    othersBelow: othersBelow.subarray(0, length),
    targets,
    others: items - targets,
  };
}

function countTargets(scores: Float64Array, isTarget: Uint8Array): number {
  const items = scores.length;
  if (isTarget.length !== items) {
    throw new BeltbenchError(
      'bad_record',
      `a sweep needs one label per score, got ${items} scores and ${isTarget.length} labels: evaluate again`,
    );
  }
  let targets = 0;
  for (let item = 0; item < items; item++) {
    const label = isTarget[item] as number;
    if (label > 1 || !Number.isFinite(scores[item])) {
      throw new BeltbenchError(
        'bad_record',
        `a sweep needs finite scores and labels 0 or 1, got score ${scores[item]} and label ${label} for item ${item}: evaluate again`,
      );
    }
    targets += label;
  }
  if (targets === 0 || targets === items) {
    throw new BeltbenchError(
      'bad_record',
      `a sweep needs items of the target class and others, got ${targets} and ${items - targets}: add images of both`,
    );
  }
  return targets;
}

/**
 * Fills `sorted` with all scores in ascending order.
 *
 * @param ofTargets room for the scores of the targets, left in disorder
 * @returns for each of the sorted scores, whether it is a target's
 */
function sortTogether(
  scores: Float64Array,
  isTarget: Uint8Array,
  sorted: Float64Array,
  ofTargets: Float64Array,
): Uint8Array {
  const items = scores.length;
  const targets = ofTargets.length;
  // The others wait in the back of `sorted`: the merge reads them before it needs their places.
  const ofOthers = sorted.subarray(targets, items);
  let target = 0;
  let other = 0;
  for (let item = 0; item < items; item++) {
    const score = (scores[item] as number) + 0; // -0 + 0 is 0
    if (isTarget[item] === 1) ofTargets[target++] = score;
    else ofOthers[other++] = score;
  }
  ofTargets.sort();
  ofOthers.sort();

  const labels = new Uint8Array(items);
  target = 0;
  other = 0;
  for (let place = 0; place < items; place++) {
    const takeTarget =
      other === ofOthers.length || (target < targets && (ofTargets[target] as number) <= (ofOthers[other] as number));
    sorted[place] = takeTarget ? (ofTargets[target++] as number) : (ofOthers[other++] as number);
    labels[place] = takeTarget ? 1 : 0;
  }
  return labels;
}

/** Reduces `sorted` to its distinct values and Infinity, and counts what lies below each; returns how many there are. */
function collectGroups(
  sorted: Float64Array,
  labels: Uint8Array,
  targetsBelow: Uint32Array,
  othersBelow: Uint32Array,
): number {
  const items = labels.length;
  sorted[items] = Infinity;
  let groups = 0;
  let targets = 0;
  for (let place = 0; place <= items; groups++) {
    const value = sorted[place] as number;
    sorted[groups] = value;
    targetsBelow[groups] = targets;
    othersBelow[groups] = place - targets;
    do targets += labels[place] ?? 0;
    while (sorted[++place] === value);
  }
  return groups;
}
