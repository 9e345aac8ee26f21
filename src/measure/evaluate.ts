import type { EvaluationRecord, Predictions } from '../records/predictions.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import {
  assertFinite,
  assertLogits,
  assertProbabilities,
  chooseSoftmax,
  toProbabilities,
  type SoftmaxRule,
} from '../runtime/probabilities.ts';
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

type AnsweredRow = Extract<EvaluatedRow, { ok: true }>;

/**
 * Runs one model over labelled images in a child process of its own and returns the probabilities
 * of every class for every image, in the order of the images.
 *
 * @throws BeltbenchError when the model cannot be loaded or run, answers NaN, has another number of
 * classes, or none of the images can be used
 */
export async function evaluateModel(job: EvaluationJob, onProgress: (done: number) => void): Promise<Evaluated> {
  const child = startIsolate(besideModule(import.meta.url, 'evaluateChild'), job.open.modelPath);
  try {
    await child.call('open', job.open);
    const rows: EvaluatedRow[] = [];
    const start = performance.now();
    for (;;) {
      const answer = await child.call<NextResult>('next', { count: ROWS_PER_CALL });
      for (const row of answer.rows.filter(isAnswered)) {
        // Now, because a model that cannot be used must not run over all images first.
        assertUsable(job, row);
      }
      rows.push(...answer.rows);
      onProgress(rows.length);
      if (answer.done) {
        break;
      }
    }
    const seconds = (performance.now() - start) / 1000;
    return toEvaluated(job, rows, seconds);
  } finally {
    await child.close();
  }
}

function toEvaluated(job: EvaluationJob, rows: readonly EvaluatedRow[], seconds: number): Evaluated {
  const answered = rows.filter(isAnswered);
  const skipped = rows.flatMap((row) => (row.ok ? [] : [{ id: row.id, reason: row.reason }]));
  if (answered.length === 0) {
    throw new BeltbenchError(
      'bad_dataset',
      `an evaluation needs at least one image, and none of ${rows.length} can be used${skipped[0] === undefined ? '' : ` (${skipped[0].reason})`}; repair the images or name another split`,
    );
  }
  const outputsOfAll = answered.map(({ outputs }) => outputs);
  if (job.outputs === 'logits') {
    assertLogits(outputsOfAll, job.open.modelPath);
  }
  const softmax = chooseSoftmax(job.outputs, outputsOfAll);
  return {
    softmax,
    skipped,
    imagesPerSecond: answered.length / seconds,
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

function isAnswered(row: EvaluatedRow): row is AnsweredRow {
  return row.ok;
}

function assertUsable(job: EvaluationJob, { id, outputs }: AnsweredRow): void {
  if (outputs.length !== job.classes.length) {
    throw new BeltbenchError(
      'bad_card',
      `${job.open.modelPath} answers ${outputs.length} values per image, its card names ${job.classes.length} classes (${job.classes.join(', ')}); correct \`classes\` in the model card`,
    );
  }
  assertFinite(outputs, id);
  if (job.outputs === 'probabilities') {
    assertProbabilities(outputs, `${job.open.modelPath} on ${id}`);
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
