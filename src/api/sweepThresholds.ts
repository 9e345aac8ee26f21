import { shown } from '../config/shown.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { operatingPoint, type OperatingPoint } from '../stats/operatingPoint.ts';
import { rocAuc } from '../stats/rocAuc.ts';
import { sweepThresholds as sweepCurve, type SweepCurve } from '../stats/sweep.ts';
import { checkArgument, checkNumbers, isNumberList } from './checkArgument.ts';
import { countOptions, type CountOptions } from './options.ts';

/** A model's scores, and which of the items are targets: of the class that must not be missed. */
export interface LabelledScores {
  /** One finite number per item, higher for "more likely a target". */
  readonly scores: ArrayLike<number>;
  /** `true` or 1 for a target, `false` or 0 for any other item; as long as `scores`. */
  readonly isTarget: ArrayLike<boolean | number>;
}

/** Every threshold that can make a difference, and what it does. */
export interface ThresholdSweep {
  /** The distinct scores in ascending order, and Infinity; a score at or above a threshold means target. */
  readonly thresholds: Float64Array;
  /** For each threshold, how many targets score below it: the misses. */
  readonly misses: Uint32Array;
  /** For each threshold, how many others score below it: those rightly left alone. */
  readonly passed: Uint32Array;
  /** All targets. */
  readonly targets: number;
  /** All other items. */
  readonly others: number;
  /** The area under the ROC curve; ties count half. */
  readonly auc: number;
  /** The counts, rates and exact intervals at any threshold, also one that is no score. */
  readonly at: (threshold: number, options?: CountOptions) => OperatingPoint;
}

/**
 * The exact sweep of a model's scores: no grid, no interpolation. Ten million items take seconds.
 *
 * @throws BeltbenchError `bad_usage` when scores and labels do not fit or hold other values, `bad_record` when a class is missing
 */
export function sweepThresholds(items: LabelledScores): ThresholdSweep {
  const curve = curveOf('sweepThresholds', items);
  const { thresholds, targetsBelow: misses, othersBelow: passed, targets, others } = curve;
  return {
    thresholds,
    misses,
    passed,
    targets,
    others,
    auc: rocAuc(curve),
    at: (threshold, options) => {
      if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
        throw new BeltbenchError('bad_usage', `at: a threshold must be a number, received ${shown(threshold)}`);
      }
      return operatingPoint(curve, threshold, checkArgument('at', countOptions, options).confidence);
    },
  };
}

/**
 * The checked items as a curve.
 *
 * @param call the function's name, for the messages
 * @throws BeltbenchError as `sweepThresholds` does
 */
export function curveOf(call: string, items: LabelledScores): SweepCurve {
  // Callers from JavaScript pass anything.
  const given: { readonly [key in keyof LabelledScores]?: unknown } = Object(items);
  const scores = checkNumbers(call, 'scores', given.scores);
  const isTarget = checkLabels(call, given.isTarget);
  if (isTarget.length !== scores.length) {
    throw new BeltbenchError(
      'bad_usage',
      `${call}: \`isTarget\` must have one label per score, received ${isTarget.length} for ${scores.length} scores`,
    );
  }
  return sweepCurve(scores, isTarget);
}

function checkLabels(call: string, value: unknown): Uint8Array {
  if (!isNumberList(value)) {
    throw new BeltbenchError(
      'bad_usage',
      `${call}: \`isTarget\` must be an array of true and false, or 1 and 0, received ${shown(value)}`,
    );
  }
  const labels = new Uint8Array(value.length);
  for (let index = 0; index < labels.length; index += 1) {
    const label = value[index];
    if (label !== true && label !== false && label !== 1 && label !== 0) {
      throw new BeltbenchError(
        'bad_usage',
        `${call}: \`isTarget\` must hold true and false, or 1 and 0, received ${shown(label)} at ${index}`,
      );
    }
    labels[index] = Number(label);
  }
  return labels;
}
