import type { TrainingEpoch, TrainingLogLine } from '../records/trainingLog.ts';

interface Collected {
  train?: Extract<TrainingLogLine, { phase: 'train' }>;
  val?: Extract<TrainingLogLine, { phase: 'val' }>;
}

/**
 * Puts the lines of a training log together, epoch by epoch. A line of an epoch and phase that is
 * there already means that the training was started again from that epoch: what an earlier run
 * wrote from there on belongs to a training that was given up, and is left out.
 */
export class EpochCollector {
  readonly #byEpoch = new Map<number, Collected>();
  readonly #notes: string[] = [];

  add(line: TrainingLogLine): void {
    if (this.#byEpoch.get(line.epoch)?.[line.phase] !== undefined) {
      this.#restartAt(line.epoch);
    }
    const collected = this.#byEpoch.get(line.epoch) ?? {};
    this.#byEpoch.set(line.epoch, line.phase === 'train' ? { ...collected, train: line } : { ...collected, val: line });
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  /** In order, those without a validation line included. */
  epochs(): TrainingEpoch[] {
    return [...this.#byEpoch]
      .toSorted(([a], [b]) => a - b)
      .map(([epoch, { train, val }]) => ({
        epoch,
        step: val?.step ?? train?.step,
        checkpointPath: val?.checkpoint_path ?? train?.checkpoint_path,
        trainLoss: train?.train_loss,
        evalLoss: val?.val_loss,
        accuracy: val?.val_accuracy,
        confusion: val?.val_confusion_matrix,
        inputSize: sizeOf(val?.input_size),
        epochsWithoutImprovement: val?.epochs_without_improvement,
      }));
  }

  #restartAt(epoch: number): void {
    const abandoned = [...this.#byEpoch.keys()].filter((earlier) => earlier >= epoch);
    for (const earlier of abandoned) {
      this.#byEpoch.delete(earlier);
    }
    const until = Math.max(...abandoned);
    const epochs = until === epoch ? `epoch ${epoch}` : `epochs ${epoch} to ${until}`;
    this.#notes.push(`the training was started again at epoch ${epoch}: the earlier run's ${epochs} are left out`);
  }
}

function sizeOf(size: number | readonly [number, number] | undefined): readonly [number, number] | undefined {
  return typeof size === 'number' ? [size, size] : size;
}
