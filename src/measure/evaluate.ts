import type { EvaluationRecord, Predictions } from '../records/predictions.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import { chooseSoftmax, toProbabilities, type SoftmaxRule } from '../runtime/probabilities.ts';
import { BeltbenchError } from '../shared/errors.ts';
import type { EvaluatedRow, EvaluateOpenParams, NextResult } from './evaluateProtocol.ts';

/** What an evaluation needs to know of one candidate. */
export interface EvaluationJob {
  readonly open: EvaluateOpenParams;
  /** Class names in the model's output order. */
  readonly classes: readonly string[];
  readonly outputs: 'logits' | 'probabilities' | 'auto';
  /** Image id to its class. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface Evaluated {
  readonly predictions: Predictions;
  readonly softmax: SoftmaxRule;
  readonly skipped: readonly { id: string; reason: string }[];
  readonly imagesPerSecond: number;
}

/** Rows per answer of the child: often enough for progress, seldom enough to cost nothing. */
const ROWS_PER_CALL = 64;

/**
 * Runs one model over labelled images in a child process of its own and returns the probabilities
 * of every class for every image.
 *
 * @throws BeltbenchError when the model cannot be loaded, answers NaN, or has another number of classes
 */
export async function evaluateModel(job: EvaluationJob, onProgress: (done: number) => void): Promise<Evaluated> {
  const child = startIsolate(besideModule(import.meta.url, 'evaluateChild'), job.open.modelPath);
  try {
    await child.call('open', job.open);
    const rows: EvaluatedRow[] = [];
    const start = performance.now();
    for (;;) {
      const answer = await child.call<NextResult>('next', { count: ROWS_PER_CALL });
      rows.push(...answer.rows);
      onProgress(rows.length);
      if (answer.done) {
        break;
      }
    }
    const seconds = (performance.now() - start) / 1000;
    return { ...toPredictions(job, rows), imagesPerSecond: rows.length / seconds };
  } finally {
    await child.close();
  }
}

function toPredictions(job: EvaluationJob, rows: readonly EvaluatedRow[]): Omit<Evaluated, 'imagesPerSecond'> {
  const answered = rows.filter((row) => row.ok);
  for (const { outputs } of answered) {
    assertClassCount(job, outputs.length);
  }
  const softmax = chooseSoftmax(
    job.outputs,
    answered.map(({ outputs }) => outputs),
  );
  return {
    softmax,
    skipped: rows.flatMap((row) => (row.ok ? [] : [{ id: row.id, reason: row.reason }])),
    predictions: {
      schema: 'beltbench/predictions',
      version: 1,
      classes: [...job.classes],
      ids: answered.map(({ id }) => id),
      content_hashes: answered.map(({ contentHash }) => contentHash),
      labels: answered.map(({ id }) => labelOf(job, id)),
      probabilities: answered.map(({ id, outputs }) => toProbabilities(outputs, softmax, id)),
    },
  };
}

function assertClassCount(job: EvaluationJob, outputs: number): void {
  if (outputs !== job.classes.length) {
    throw new BeltbenchError(
      'bad_card',
      `${job.open.modelPath} answers ${outputs} values per image, its card names ${job.classes.length} classes (${job.classes.join(', ')}); correct \`classes\` in the model card`,
    );
  }
}

function labelOf(job: EvaluationJob, id: string): string {
  const label = job.labels.get(id);
  if (label === undefined) {
    throw new Error(`no label for ${id}`);
  }
  return label;
}

/** How often each class was answered for each label, at argmax. */
export function countAnswers(predictions: Predictions): Pick<EvaluationRecord, 'correct' | 'confusion'> {
  const { classes, labels, probabilities } = predictions;
  const counts = classes.map(() => classes.map(() => 0));
  let correct = 0;
  for (const [index, row] of probabilities.entries()) {
    const answer = row.indexOf(Math.max(...row));
    const label = classes.indexOf(labels[index] ?? '');
    const ofLabel = counts[label];
    if (ofLabel !== undefined) {
      ofLabel[answer] = (ofLabel[answer] ?? 0) + 1;
    }
    correct += answer === label ? 1 : 0;
  }
  return { correct, confusion: { classes: [...classes], counts } };
}
