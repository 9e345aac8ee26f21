import { z } from 'zod';
import { scoreCheckpoint as score, type CheckpointScore } from '../stats/checkpointScore.ts';
import { checkArgument } from './checkArgument.ts';

/** What a checkpoint is scored by. */
export interface CheckpointLosses {
  readonly evalLoss?: number | null | undefined;
  /** Left out: the gap is unknown, and the score's possible range is given. */
  readonly trainLoss?: number | null | undefined;
  /** 0 for a checkpoint that improved on all before it. */
  readonly epochsWithoutImprovement: number;
}

/** A diverged training logs NaN: that has a reason, and is no mistake of the caller. */
const loss = z.union([z.number(), z.nan(), z.literal([Infinity, -Infinity])]).nullish();
const losses = z.strictObject({ evalLoss: loss, trainLoss: loss, epochsWithoutImprovement: z.number().min(0) });

/**
 * The earlier tools' score of one checkpoint; lower is better (docs/checkpoints.md). A legacy rule with
 * weak spots: it is blind to recall, and must never decide food safety.
 *
 * @returns the score with its terms, or the reason why there is none
 * @throws BeltbenchError `bad_usage` for anything but numbers
 */
export function scoreCheckpoint(checkpoint: CheckpointLosses): CheckpointScore {
  const { evalLoss, trainLoss, epochsWithoutImprovement } = checkArgument('scoreCheckpoint', losses, checkpoint);
  return score({ evalLoss: evalLoss ?? undefined, trainLoss: trainLoss ?? undefined, epochsWithoutImprovement });
}
