import { z } from 'zod';
import {
  assessRecallFloor,
  certifiedThreshold,
  targetsNeeded as countTargetsNeeded,
  type CertifiedThreshold,
  type RecallAssessment,
} from '../stats/certificate.ts';
import { checkArgument } from './checkArgument.ts';
import { count, recallOptions, type RecallOptions } from './options.ts';
import { curveOf, type LabelledScores } from './sweepThresholds.ts';

/**
 * The highest threshold, so the one with the fewest false rejects, at which the recall is proven
 * (docs/measuring.md, "The threshold sweep"). Choosing and proving on the same targets is exact; they
 * must not have served for training or for the choice of the model.
 *
 * @returns `state: 'certified'` with the operating point, or `'not enough data'` with how many targets more it takes
 * @throws BeltbenchError `bad_usage` when the items do not fit or an option is out of range, `bad_record` when a class is missing
 */
export function certifyRecall(items: LabelledScores, options?: RecallOptions): CertifiedThreshold {
  const target = checkArgument('certifyRecall', recallOptions, options);
  return certifiedThreshold(curveOf('certifyRecall', items), target);
}

const missesOfTargets = z
  .strictObject({ misses: count, targets: count })
  .refine(({ misses, targets }) => misses <= targets, 'expected misses to be at most targets');

/**
 * Whether a threshold that was fixed beforehand reaches the recall, from what it missed.
 *
 * @returns PASS: proven. FAIL: refuted. NOT_ENOUGH_DATA: neither, with how many more targets would prove it without a miss
 * @throws BeltbenchError `bad_usage` for anything but counts, or an option out of range
 */
export function assessRecall(
  found: { readonly misses: number; readonly targets: number },
  options?: RecallOptions,
): RecallAssessment {
  const { misses, targets } = checkArgument('assessRecall', missesOfTargets, found);
  return assessRecallFloor(misses, targets, checkArgument('assessRecall', recallOptions, options));
}

const neededOptions = recallOptions
  .unwrap()
  .extend({ misses: z.int().min(0).max(1e6).default(0) })
  .prefault({});

/**
 * How many targets prove a recall when `misses` of them are missed: 299 for 99 % at 95 % without one.
 *
 * @throws BeltbenchError `bad_usage` for an option out of range
 */
export function targetsNeeded(options?: RecallOptions & { readonly misses?: number | undefined }): number {
  const { misses, ...target } = checkArgument('targetsNeeded', neededOptions, options);
  return countTargetsNeeded(target, misses);
}
