import type { AccuracyJudgement } from '../../../records/judgement.ts';
import type { RunDraft } from '../../../records/mlflow.ts';
import type { EvaluationRecord } from '../../../records/predictions.ts';
import { PREDICTIONS_KEY_TAG } from '../tagNames.ts';
import { datasetOf, modelMetrics, subjectDraft, type DraftContext } from './common.ts';
import { metricsOf } from './fields.ts';

/** An evaluation record as a run. `judged`: its figures per class; `undefined` where it failed. */
export function evaluationDraft(
  record: EvaluationRecord,
  context: DraftContext,
  judged: AccuracyJudgement | undefined,
): RunDraft {
  return {
    ...subjectDraft(context, 'evaluation', record, {
      tags: {
        [PREDICTIONS_KEY_TAG]: record.predictions_key,
        'beltbench.data_fingerprint': record.data_fingerprint,
      },
      params: {
        dataset_root: record.dataset_root,
        split: record.split,
        target_class: record.target_class,
        classes: record.classes.join(', '),
        outputs: record.outputs,
        runtime: record.runtime,
        isa: record.isa.join(' '),
      },
    }),
    metrics: metricsOf([
      ['images', record.images],
      ['skipped', record.skipped.length],
      ['correct', record.correct],
      ['images_per_second', record.images_per_second],
      ...(judged === undefined ? [] : accuracyMetrics(judged)),
      ...modelMetrics(record),
    ]),
    dataset: datasetOf(record.story, record.data_fingerprint, 'evaluation', {
      root: record.dataset_root,
      split: record.split,
      images: record.images,
    }),
  };
}

/** Under the names that `selection.metric` knows, then per class. */
function accuracyMetrics(judged: AccuracyJudgement): (readonly [string, number | null])[] {
  const { confusion } = judged;
  return [
    ['accuracy', judged.accuracy.value],
    ['macro-f1', judged.macro_f1],
    ['balanced_accuracy', judged.balanced_accuracy],
    ['target_recall', judged.target_recall.value],
    ...judged.per_class.flatMap(
      ({ class: name, recall, f1 }) =>
        [
          [`recall.${name}`, recall.value],
          [`recall_lower.${name}`, recall.interval?.[0] ?? null],
          [`recall_upper.${name}`, recall.interval?.[1] ?? null],
          [`f1.${name}`, f1],
          [`support.${name}`, recall.n],
        ] as const,
    ),
    ...confusion.counts.flatMap((row, label) =>
      row.map(
        (count, answer) => [`confusion.${confusion.classes[label]}.${confusion.classes[answer]}`, count] as const,
      ),
    ),
  ];
}
