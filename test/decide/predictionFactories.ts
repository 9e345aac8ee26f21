import {
  evaluationRecordSchema,
  predictionsSchema,
  type EvaluationRecord,
  type Predictions,
} from '../../src/records/predictions.ts';
import { LINE_PC, minute, model, sha, SUBJECT } from './baseFactories.ts';

/** Images as `[label, probabilities]`, their ids in order. */
export function predictionsOf(
  classes: readonly string[],
  rows: readonly (readonly [label: string, probabilities: readonly number[]])[],
  ids: readonly string[] = rows.map(([label], index) => `${label}/${String(index).padStart(5, '0')}.png`),
): Predictions {
  return predictionsSchema.parse({
    schema: 'beltbench/predictions',
    version: 1,
    classes: [...classes],
    ids: [...ids],
    content_hashes: ids.map(sha),
    labels: rows.map(([label]) => label),
    probabilities: rows.map(([, probabilities]) => [...probabilities]),
  });
}

/** Two classes, from the targets' and the others' scores. */
export function predictionsFrom(pits: readonly number[], cleans: readonly number[]): Predictions {
  return predictionsOf(
    ['clean', 'pit'],
    [
      ...pits.map((score) => ['pit', [1 - score, score]] as const),
      ...cleans.map((score) => ['clean', [1 - score, score]] as const),
    ],
  );
}

export interface EvaluationFacts {
  readonly candidate?: string;
  readonly startedAt?: string;
  readonly data?: string;
  readonly status?: 'finished' | 'failed';
  readonly failure?: string;
  readonly skipped?: readonly string[];
}

/** The record that the evaluation of these predictions leaves. */
export function evaluationOf(predictions: Predictions | undefined, facts: EvaluationFacts = {}): EvaluationRecord {
  const { candidate: id = 'a', startedAt = minute(30), data = 'data', status = 'finished' } = facts;
  const counts = predictions === undefined ? undefined : confusionOf(predictions);
  return evaluationRecordSchema.parse({
    schema: 'beltbench/evaluation',
    version: 1,
    record_id: `evaluation-${id}`,
    status,
    failure: facts.failure ?? null,
    ...SUBJECT,
    candidate_id: id,
    model: model(),
    predictions_key: sha(`predictions of ${id}`),
    data_fingerprint: sha(data),
    dataset_root: 'data',
    split: 'val',
    target_class: 'pit',
    maybe_class: null,
    classes: ['clean', 'pit'],
    outputs: 'logits',
    started_at: startedAt,
    finished_at: startedAt,
    runtime: 'onnxruntime-node 1.30.0',
    isa: LINE_PC.isa,
    softmax: { applied: true, decided_by: 'card' },
    images: predictions?.ids.length ?? 0,
    correct: counts === undefined ? null : counts.reduce((sum, row, index) => sum + (row[index] ?? 0), 0),
    confusion: counts === undefined ? null : { classes: predictions?.classes, counts },
    skipped: (facts.skipped ?? []).map((image) => ({ id: image, reason: 'broken: it does not decode' })),
    images_per_second: predictions === undefined ? null : 100,
    warnings: [],
  });
}

function confusionOf({ classes, labels, probabilities }: Predictions): number[][] {
  const counts = classes.map(() => classes.map(() => 0));
  for (const [index, row] of probabilities.entries()) {
    const ofLabel = counts[classes.indexOf(labels[index] ?? '')];
    const answer = row.indexOf(Math.max(...row));
    if (ofLabel !== undefined) {
      ofLabel[answer] = (ofLabel[answer] ?? 0) + 1;
    }
  }
  return counts;
}
