import { z } from 'zod';
import { proportionSchema } from './judgement.ts';

const whole = z.int().nonnegative();
const size = z.tuple([z.int().positive(), z.int().positive()]);

/** One checkpoint of a training, scored and ranked. */
export const rankedCheckpointSchema = z.strictObject({
  epoch: whole,
  step: whole.nullable(),
  checkpoint_path: z.string().nullable(),
  input_size: size.nullable(),
  /** `null`: the log does not say, or says no finite number; `unscored` tells which. */
  eval_loss: z.number().nullable(),
  train_loss: z.number().nullable(),
  epochs_without_improvement: whole,
  /** Lower is better; `null` ranks last, for the reason in `unscored`. */
  score: z.number().nullable(),
  terms: z.strictObject({ loss: z.number(), gap: z.number(), perplexity: z.number(), bonus: z.number() }).nullable(),
  /** What the score could be, the training loss being unknown; `null` where it is known. */
  score_range: z.tuple([z.number(), z.number()]).nullable(),
  unscored: z.string().nullable(),
  /** `null` for epochs at another input size, which are not ranked against the last one's. */
  rank: z.int().positive().nullable(),
  is_best: z.boolean(),
  accuracy: z.number().nullable(),
  target_recall: proportionSchema.nullable(),
  confusion: z.array(z.array(whole)).nullable(),
});
export type RankedCheckpoint = z.infer<typeof rankedCheckpointSchema>;

/** The checkpoints of one training in the order of their ranks, and what a reader should know of them. */
export const checkpointRankingSchema = z.strictObject({
  schema: z.literal('beltbench/checkpoint-ranking'),
  version: z.literal(1),
  source: z.string(),
  notes: z.array(z.string()),
  /** The row of the confusion matrix whose recall is shown; `null` without a matrix. */
  target_index: whole.nullable(),
  ranked_input_size: size.nullable(),
  checkpoints: z.array(rankedCheckpointSchema),
  best_checkpoint_path: z.string().nullable(),
  best_epoch: whole.nullable(),
  best_step: whole.nullable(),
  lowest_eval_loss_epoch: whole.nullable(),
  /** Why the score and the validation loss choose different epochs; `null` where they agree. */
  disagreement: z.string().nullable(),
  /** The training loss falls on while the validation loss rises, from `epoch` on. */
  divergence: z
    .strictObject({ epoch: whole, until: whole, eval_rise_p: z.number(), train_fall_p: z.number() })
    .nullable(),
});
export type CheckpointRanking = z.infer<typeof checkpointRankingSchema>;
