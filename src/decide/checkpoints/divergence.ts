import type { CheckpointRanking } from '../../records/checkpoints.ts';
import type { TrainingEpoch } from '../../records/trainingLog.ts';
import { mannKendall } from '../../stats/mannKendall.ts';

/** Fewer epochs than this after the turning point show no trend at 5 %. */
const FEWEST = 5;
const ALPHA = 0.05;

/**
 * The epoch from which a training diverges: after the lowest point of the validation loss (smoothed
 * by medians of three, so that one lucky epoch is no turning point) the validation loss rises and
 * the training loss falls, each by a one-sided Mann-Kendall test at 5 % (methods.md A5).
 *
 * @param epochs in order, all at one input size
 * @returns `null` where that cannot be shown
 */
export function findDivergence(epochs: readonly TrainingEpoch[]): CheckpointRanking['divergence'] {
  const known = epochs.flatMap(({ epoch, evalLoss, trainLoss }) =>
    isFinite(evalLoss) && isFinite(trainLoss) ? [{ epoch, evalLoss, trainLoss }] : [],
  );
  const losses = known.map(({ evalLoss }) => evalLoss);
  const turn = losses
    .map((evalLoss, index) => ({ index, evalLoss, smoothed: medianOfThree(losses, index) }))
    .toSorted((a, b) => a.smoothed - b.smoothed || a.evalLoss - b.evalLoss)[0]?.index;
  const after = known.slice(turn ?? 0);
  const first = after[1];
  const last = after.at(-1);
  const rise = mannKendall(losses.slice(turn ?? 0));
  const fall = mannKendall(after.map(({ trainLoss }) => trainLoss));
  if (after.length < FEWEST || first === undefined || last === undefined || rise === undefined || fall === undefined) {
    return null;
  }
  const diverges = rise.s > 0 && rise.p / 2 < ALPHA && fall.s < 0 && fall.p / 2 < ALPHA;
  return diverges ? { epoch: first.epoch, until: last.epoch, eval_rise_p: rise.p / 2, train_fall_p: fall.p / 2 } : null;
}

function isFinite(loss: number | undefined): loss is number {
  return loss !== undefined && Number.isFinite(loss);
}

function medianOfThree(values: readonly number[], index: number): number {
  const around = values.slice(Math.max(0, index - 1), index + 2).toSorted((a, b) => a - b);
  return around[Math.floor(around.length / 2)] ?? Number.POSITIVE_INFINITY;
}
