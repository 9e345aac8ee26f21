import type { CheckpointRanking, RankedCheckpoint } from '../../records/checkpoints.ts';
import type { TrainingEpoch, TrainingRun } from '../../records/trainingLog.ts';
import { scoreCheckpoint, type CheckpointScore, type CheckpointTerms } from '../../stats/checkpointScore.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import { proportion } from '../accuracy.ts';
import { findDivergence } from './divergence.ts';

/**
 * Ranks the checkpoints of one training by the earlier tools' score (rules.md 3), the best first.
 * Losses at different input sizes are not comparable: only the last size's epochs are ranked.
 *
 * @param targetIndex row of the confusion matrix whose recall is shown beside the score
 * @throws BeltbenchError `bad_usage` when the log has matrices, and none with that row
 */
export function rankCheckpoints(run: TrainingRun, targetIndex: number): CheckpointRanking {
  assertRow(run, targetIndex);
  const validated = run.epochs.filter(({ evalLoss, confusion }) => evalLoss !== undefined || confusion !== undefined);
  const epochs = validated.length === 0 ? run.epochs : validated;
  const lastSize = epochs.at(-1)?.inputSize;
  const scored = withImprovement(epochs).map((entry) => ({
    entry,
    score: scoreCheckpoint({ ...entry.epoch, epochsWithoutImprovement: entry.withoutImprovement }),
    ranked: sameSize(entry.epoch.inputSize, lastSize),
  }));
  const order = scored
    .filter(({ ranked }) => ranked)
    .toSorted((a, b) => byTotal(a.score, b.score) || a.entry.epoch.epoch - b.entry.epoch.epoch);
  const best = order.find(({ score }) => score.scored);
  const lowest = order
    .filter(({ score }) => score.scored)
    .toSorted((a, b) => (a.entry.epoch.evalLoss ?? 0) - (b.entry.epoch.evalLoss ?? 0))[0];
  const others = scored.filter(({ ranked }) => !ranked);
  const toRecord = ({ entry, score }: (typeof scored)[number], rank: number | null): RankedCheckpoint => ({
    epoch: entry.epoch.epoch,
    step: entry.epoch.step ?? null,
    checkpoint_path: entry.epoch.checkpointPath ?? null,
    input_size: entry.epoch.inputSize === undefined ? null : [...entry.epoch.inputSize],
    eval_loss: finiteOrNull(entry.epoch.evalLoss),
    train_loss: finiteOrNull(entry.epoch.trainLoss),
    epochs_without_improvement: entry.withoutImprovement,
    score: score.scored ? score.total : null,
    terms: score.scored ? { ...score.terms } : null,
    score_range: score.scored && score.range !== undefined ? [...score.range] : null,
    unscored: score.scored ? null : score.reason,
    rank,
    is_best: entry === best?.entry,
    accuracy: finiteOrNull(entry.epoch.accuracy),
    target_recall: recallOf(entry.epoch, targetIndex),
    confusion: entry.epoch.confusion?.map((row) => [...row]) ?? null,
  });
  return {
    schema: 'beltbench/checkpoint-ranking',
    version: 1,
    source: run.source,
    notes: [...run.notes, ...notesOn(run, epochs.length, others.length, lastSize), ...rowNotes(run, targetIndex)],
    target_index: epochs.some(({ confusion }) => confusion !== undefined) ? targetIndex : null,
    ranked_input_size: lastSize === undefined ? null : [...lastSize],
    checkpoints: [
      ...order.map((each, index) => toRecord(each, index + 1)),
      ...others.map((each) => toRecord(each, null)),
    ],
    best_checkpoint_path: best?.entry.epoch.checkpointPath ?? null,
    best_epoch: best?.entry.epoch.epoch ?? null,
    best_step: best?.entry.epoch.step ?? null,
    lowest_eval_loss_epoch: lowest?.entry.epoch.epoch ?? null,
    disagreement: best === undefined || lowest === undefined ? null : disagreement(best, lowest),
    divergence: findDivergence(scored.filter(({ ranked }) => ranked).map(({ entry }) => entry.epoch)),
  };
}

interface Entry {
  readonly epoch: TrainingEpoch;
  readonly withoutImprovement: number;
}

/** What the log says, or else the epochs since the lowest validation loss at the same input size. */
function withImprovement(epochs: readonly TrainingEpoch[]): Entry[] {
  let lowest = Number.POSITIVE_INFINITY;
  let since = 0;
  let size: TrainingEpoch['inputSize'];
  return epochs.map((epoch) => {
    if (!sameSize(epoch.inputSize, size)) {
      lowest = Number.POSITIVE_INFINITY;
      size = epoch.inputSize;
    }
    const { evalLoss = Number.NaN } = epoch;
    // An invalid loss is no improvement, and nothing could ever be lower.
    const improved = evalLoss > 0 && evalLoss < lowest;
    since = improved ? 0 : since + 1;
    lowest = improved ? evalLoss : lowest;
    return { epoch, withoutImprovement: epoch.epochsWithoutImprovement ?? since };
  });
}

interface Scored {
  readonly entry: Entry;
  readonly score: CheckpointScore;
}

/** Which term of the score outweighs the lower validation loss. */
function disagreement(best: Scored, lowest: Scored): string | null {
  if (best.entry === lowest.entry || !best.score.scored || !lowest.score.scored) {
    return null;
  }
  const names: Record<keyof CheckpointTerms, string> = {
    loss: 'the validation loss',
    gap: 'the gap between training and validation loss',
    perplexity: 'the perplexity',
    bonus: 'the bonus for an improvement',
  };
  const [of, against] = [best.score.terms, lowest.score.terms];
  const gains = (Object.keys(names) as (keyof CheckpointTerms)[])
    .map((term) => ({ term, gain: against[term] - of[term] }))
    .toSorted((a, b) => b.gain - a.gain);
  const [most] = gains;
  return most === undefined
    ? null
    : `the score takes epoch ${best.entry.epoch.epoch} (${best.score.total.toFixed(6)}), the validation loss epoch ${lowest.entry.epoch.epoch} (score ${lowest.score.total.toFixed(6)}): ${names[most.term]} decides, by ${most.gain.toFixed(6)}`;
}

function recallOf({ confusion }: TrainingEpoch, targetIndex: number): RankedCheckpoint['target_recall'] {
  const row = confusion?.[targetIndex];
  const k = row?.[targetIndex];
  return row === undefined || k === undefined
    ? null
    : proportion(
        k,
        row.reduce((sum, count) => sum + count, 0),
        'clopper_pearson',
      );
}

/** @throws BeltbenchError `bad_usage` when there are matrices, and none has the row */
function assertRow(run: TrainingRun, targetIndex: number): void {
  const rows = run.epochs.flatMap(({ confusion }) => (confusion === undefined ? [] : [confusion.length]));
  const most = rows.reduce((a, b) => Math.max(a, b), 0);
  if (most > 0 && targetIndex >= most) {
    throw new BeltbenchError(
      'bad_usage',
      `--target-index is a row of the confusion matrix, from 0 to ${most - 1} in ${run.source}, received ${targetIndex}; correct it`,
    );
  }
}

function rowNotes(run: TrainingRun, targetIndex: number): string[] {
  const short = run.epochs.filter((epoch) => epoch.confusion !== undefined && recallOf(epoch, targetIndex) === null);
  const matrices = short.length === 1 ? 'confusion matrix has' : 'confusion matrices have';
  return short.length === 0
    ? []
    : [
        `${short.length} ${matrices} no row ${targetIndex}: no recall is shown of ${short.length === 1 ? 'it' : 'them'}`,
      ];
}

function notesOn(run: TrainingRun, used: number, otherSizes: number, lastSize: TrainingEpoch['inputSize']): string[] {
  const withoutValidation = run.epochs.length - used;
  return [
    ...(withoutValidation > 0
      ? [
          `${countOf(withoutValidation, 'epoch has', 'epochs have')} no validation and ${withoutValidation === 1 ? 'is' : 'are'} left out`,
        ]
      : []),
    ...(otherSizes > 0
      ? [
          `${countOf(otherSizes, 'epoch')} at another input size than the last (${(lastSize ?? []).join('x') || 'unknown'}) ${otherSizes === 1 ? 'is' : 'are'} not ranked: losses of different sizes do not compare`,
        ]
      : []),
  ];
}

/** The unscored come last, as equals. */
function byTotal(a: CheckpointScore, b: CheckpointScore): number {
  if (a.scored && b.scored) {
    return a.total - b.total;
  }
  return Number(b.scored) - Number(a.scored);
}

function sameSize(a: TrainingEpoch['inputSize'], b: TrainingEpoch['inputSize']): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1];
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
