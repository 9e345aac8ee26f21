import { z } from 'zod';
import { figure } from './common.ts';

const whole = z.int().nonnegative();
const text = z.string().max(1000);
const square = z.int().positive().max(8192);

const common = {
  epoch: whole,
  step: whole.optional(),
  experiment: text.optional(),
  checkpoint_path: text.optional(),
};

/** One line of a training log (JSON lines); what it holds beside these keys is not read. */
export const trainingLogLineSchema = z.discriminatedUnion('phase', [
  z.object({ ...common, phase: z.literal('train'), train_loss: figure }),
  z.object({
    ...common,
    phase: z.literal('val'),
    val_loss: figure.optional(),
    val_accuracy: figure.optional(),
    /** Counts: a row per true class, a column per answer. */
    val_confusion_matrix: z.array(z.array(whole).max(100)).max(100).optional(),
    learning_rate: figure.optional(),
    input_size: z.union([square, z.tuple([square, square])]).optional(),
    epochs_without_improvement: whole.optional(),
  }),
]);
export type TrainingLogLine = z.infer<typeof trainingLogLineSchema>;

/** One entry of a listing of checkpoints, as the earlier tools wrote it. */
export const checkpointEntrySchema = z.object({
  epoch: whole,
  step: whole.optional(),
  checkpoint_path: text.optional(),
  path: text.optional(),
  eval_loss: figure.nullish(),
  train_loss: figure.nullish(),
  epochs_without_improvement: whole.nullish(),
});

/** A listing of checkpoints: a list, or the list under `checkpoints`. */
export const checkpointListingSchema = z.union([
  z.array(checkpointEntrySchema),
  z.object({ checkpoints: z.array(checkpointEntrySchema) }).transform(({ checkpoints }) => checkpoints),
]);

/** What a log says of one epoch, once its lines are put together. */
export interface TrainingEpoch {
  readonly epoch: number;
  readonly step: number | undefined;
  readonly checkpointPath: string | undefined;
  /** May be NaN or infinite, where the log says so. */
  readonly trainLoss: number | undefined;
  readonly evalLoss: number | undefined;
  readonly accuracy: number | undefined;
  /** A row per true class, a column per answer. */
  readonly confusion: readonly (readonly number[])[] | undefined;
  /** Height and width in pixels; where an epoch does not say it, that of the one before it. */
  readonly inputSize: readonly [number, number] | undefined;
  readonly epochsWithoutImprovement: number | undefined;
}

/** One training, from one log. */
export interface TrainingRun {
  readonly source: string;
  /** In the order of epoch and step, each once. */
  readonly epochs: readonly TrainingEpoch[];
  /** What the reader should know: restarts, lines that were left out. */
  readonly notes: readonly string[];
}
