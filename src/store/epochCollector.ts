import type { TrainingEpoch, TrainingLogLine } from '../records/trainingLog.ts';

interface Collected {
  train?: Extract<TrainingLogLine, { phase: 'train' }>;
  val?: Extract<TrainingLogLine, { phase: 'val' }>;
}

/** An epoch, and whether its input size is that of an epoch before it. */
export interface CollectedEpoch extends TrainingEpoch {
  readonly sizeIsCarried: boolean;
}

/**
 * Puts the lines of a training log together, epoch by epoch. An epoch number that does not rise from one
 * line of a phase to its next means that the training was started again from that epoch: what an
 * earlier run wrote from there on belongs to a training that was given up, and is left out.
 */
export class EpochCollector {
  readonly #byEpoch = new Map<number, Collected>();
  readonly #restarts: string[] = [];
  /** The last epoch of each phase; the phases apart, because validation may come later. */
  #last: { train?: number; val?: number } = {};

  add(line: TrainingLogLine): void {
    if (line.epoch <= (this.#last[line.phase] ?? -1)) {
      this.#restartAt(line.epoch);
    }
    this.#last[line.phase] = line.epoch;
    const collected = this.#byEpoch.get(line.epoch) ?? {};
    this.#byEpoch.set(line.epoch, line.phase === 'train' ? { ...collected, train: line } : { ...collected, val: line });
  }

  /** The epochs in order, those without a validation line included, and one line for each restart. */
  collected(): { readonly epochs: readonly CollectedEpoch[]; readonly restarts: readonly string[] } {
    const epochs: CollectedEpoch[] = [];
    let size: TrainingEpoch['inputSize'];
    for (const [epoch, { train, val }] of [...this.#byEpoch].toSorted(([a], [b]) => a - b)) {
      const stated = sizeOf(val?.input_size);
      size = stated ?? size;
      epochs.push({
        epoch,
        step: val?.step ?? train?.step,
        checkpointPath: val?.checkpoint_path ?? train?.checkpoint_path,
        trainLoss: train?.train_loss,
        evalLoss: val?.val_loss,
        accuracy: val?.val_accuracy,
        confusion: val?.val_confusion_matrix,
        inputSize: size,
        sizeIsCarried: val !== undefined && stated === undefined && size !== undefined,
        epochsWithoutImprovement: val?.epochs_without_improvement,
      });
    }
    return { epochs, restarts: this.#restarts };
  }

  #restartAt(epoch: number): void {
    let [from, until] = [Number.POSITIVE_INFINITY, epoch];
    for (const earlier of [...this.#byEpoch.keys()].filter((each) => each >= epoch)) {
      this.#byEpoch.delete(earlier);
      [from, until] = [Math.min(from, earlier), Math.max(until, earlier)];
    }
    this.#last = {};
    const epochs = from === until ? `epoch ${until} is` : `epochs ${from} to ${until} are`;
    this.#restarts.push(`the training was started again at epoch ${epoch}: the earlier run's ${epochs} left out`);
  }
}

function sizeOf(size: number | readonly [number, number] | undefined): readonly [number, number] | undefined {
  return typeof size === 'number' ? [size, size] : size;
}
