import type { StudyFile } from '../config/studySchema.ts';
import type { CandidateDecision } from '../records/decision.ts';

/**
 * A candidate's value of the metric to rank by, at argmax; higher is better.
 *
 * @returns `undefined` when it was not evaluated, or has no image to tell it by
 */
export function metricOf(
  { accuracy }: CandidateDecision,
  metric: StudyFile['selection']['metric'],
): number | undefined {
  switch (metric) {
    case 'accuracy':
      return accuracy?.accuracy.value ?? undefined;
    case 'macro-f1':
      return accuracy?.macro_f1 ?? undefined;
    case 'balanced_accuracy':
      return accuracy?.balanced_accuracy ?? undefined;
    case 'target_recall':
      return accuracy?.target_recall.value ?? undefined;
  }
}
