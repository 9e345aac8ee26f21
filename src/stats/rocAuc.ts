import { at } from './at.ts';
import type { SweepCurve } from './sweep.ts';

/**
 * The area under the ROC curve: the chance that a random target scores above a random other item,
 * a tie counting half (methods.md B4).
 */
export function rocAuc(curve: SweepCurve): number {
  let won = 0;
  for (let index = 0; index + 1 < curve.thresholds.length; index++) {
    const targetsHere = at(curve.targetsBelow, index + 1) - at(curve.targetsBelow, index);
    const othersHere = at(curve.othersBelow, index + 1) - at(curve.othersBelow, index);
    won += targetsHere * (at(curve.othersBelow, index) + othersHere / 2);
  }
  return won / (curve.targets * curve.others);
}
