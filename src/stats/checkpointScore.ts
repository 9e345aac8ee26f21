/** The three terms and the bonus of a checkpoint's score; their sum is the score. */
export interface CheckpointTerms {
  /** Half the validation loss. */
  readonly loss: number;
  /** 0.3 times the distance of training and validation loss, relative to the validation loss; 0 where the training loss is unknown. */
  readonly gap: number;
  /** 0.1 times exp(validation loss) / 20, at most 0.1. */
  readonly perplexity: number;
  /** -0.1 for a checkpoint that improved on all before it. */
  readonly bonus: number;
}

export type CheckpointScore =
  | {
      readonly scored: true;
      /** Lower is better. */
      readonly total: number;
      readonly terms: CheckpointTerms;
      /**
       * Without a training loss: what the score would be for any training loss from 0 to twice the
       * validation loss. `undefined` where the training loss is known.
       */
      readonly range: readonly [number, number] | undefined;
    }
  | { readonly scored: false; readonly reason: string };

/** What a checkpoint is scored by. */
export interface CheckpointLosses {
  readonly evalLoss: number | undefined;
  readonly trainLoss: number | undefined;
  readonly epochsWithoutImprovement: number;
}

const LOSS_WEIGHT = 0.5;
const GAP_WEIGHT = 0.3;
const PERPLEXITY_WEIGHT = 0.1;
const HIGHEST_PERPLEXITY = 20;
const IMPROVEMENT_BONUS = -0.1;

/**
 * The earlier tools' score of one checkpoint (rules.md 3; methods.md E lists its weak spots: it is
 * not monotone in the validation loss, and it flatters a missing training loss).
 *
 * A checkpoint without a positive, finite validation loss has no score and ranks last.
 */
export function scoreCheckpoint({ evalLoss, trainLoss, epochsWithoutImprovement }: CheckpointLosses): CheckpointScore {
  if (evalLoss === undefined) {
    return { scored: false, reason: 'no validation loss' };
  }
  if (!Number.isFinite(evalLoss) || evalLoss <= 0) {
    return { scored: false, reason: `the validation loss is ${evalLoss}` };
  }
  const known = trainLoss !== undefined && Number.isFinite(trainLoss);
  const terms: CheckpointTerms = {
    loss: LOSS_WEIGHT * evalLoss,
    gap: known ? (GAP_WEIGHT * Math.abs(trainLoss - evalLoss)) / evalLoss : 0,
    perplexity: PERPLEXITY_WEIGHT * Math.min(Math.exp(evalLoss) / HIGHEST_PERPLEXITY, 1),
    bonus: epochsWithoutImprovement === 0 ? IMPROVEMENT_BONUS : 0,
  };
  const total = terms.loss + terms.gap + terms.perplexity + terms.bonus;
  return { scored: true, total, terms, range: known ? undefined : [total, total + GAP_WEIGHT] };
}
