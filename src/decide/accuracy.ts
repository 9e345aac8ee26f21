import type { Warning } from '../records/common.ts';
import type { AccuracyJudgement, Proportion, Verdict } from '../records/judgement.ts';
import type { EvaluationRecord } from '../records/predictions.ts';
import { countOf, formatShare } from '../shared/units.ts';
import { assessRecallFloor } from '../stats/certificate.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, wilson } from '../stats/proportion.ts';
import { mean } from '../stats/summary.ts';
import type { RecallDemand } from './demands.ts';

type Confusion = AccuracyJudgement['confusion'];

/**
 * Accuracy and per-class figures at argmax, from an evaluation's confusion matrix.
 *
 * @returns `undefined` when the evaluation failed
 */
export function judgeAccuracy(record: EvaluationRecord, targetClass: string): AccuracyJudgement | undefined {
  const { confusion } = record;
  if (confusion === null || record.correct === null) {
    return undefined;
  }
  const perClass = confusion.classes.map((name, index) => {
    const row = confusion.counts[index] ?? [];
    const support = row.reduce((sum, count) => sum + count, 0);
    const hit = row[index] ?? 0;
    return {
      class: name,
      recall: proportion(hit, support, name === targetClass ? 'clopper_pearson' : 'wilson'),
      f1: support === 0 ? null : f1(confusion, index),
    };
  });
  const present = perClass.filter(({ recall }) => recall.n > 0);
  return {
    record_id: record.record_id,
    predictions_key: record.predictions_key,
    accuracy: proportion(record.correct, record.images, 'wilson'),
    per_class: perClass,
    macro_f1: mean(present.map((entry) => entry.f1 ?? 0)) ?? null,
    balanced_accuracy: mean(present.map(({ recall }) => recall.value ?? 0)) ?? null,
    confusion,
    skipped: record.skipped.length,
    warnings: [...record.warnings, ...warnOfChance(record.correct, record.images, confusion)],
  };
}

/** Whether the model as it answers, at argmax, already holds the recall floor: proven, refuted, or neither. */
export function judgeArgmaxRecall(judged: AccuracyJudgement, targetClass: string, demand: RecallDemand): Verdict {
  const recall = judged.per_class.find((entry) => entry.class === targetClass)?.recall;
  return recall === undefined || recall.n === 0
    ? 'NOT_ENOUGH_DATA'
    : assessRecallFloor(recall.n - recall.k, recall.n, {
        recallFloor: demand.targetRecall,
        confidence: demand.confidence,
      }).verdict;
}

/** k of n with its interval; nothing of n is no rate at all. */
export function proportion(k: number, n: number, method: Proportion['method']): Proportion {
  const bounds = method === 'wilson' ? wilson(k, n, DISPLAY_CONFIDENCE) : clopperPearson(k, n, DISPLAY_CONFIDENCE);
  return {
    k,
    n,
    value: n === 0 ? null : k / n,
    interval: bounds === undefined ? null : [bounds.lower, bounds.upper],
    method,
  };
}

/** With images of the class at hand, its F1 is 0, not undefined, when none was found. */
function f1(confusion: Confusion, index: number): number {
  const hit = confusion.counts[index]?.[index] ?? 0;
  const labelled = (confusion.counts[index] ?? []).reduce((sum, count) => sum + count, 0);
  const answered = confusion.counts.reduce((sum, row) => sum + (row[index] ?? 0), 0);
  return (2 * hit) / (labelled + answered);
}

/** Fewer images than these can fall below chance by themselves. */
const ENOUGH_FOR_CHANCE = 20;

/** Clearly below chance means that something is read the wrong way round. */
function warnOfChance(correct: number, images: number, confusion: Confusion): Warning[] {
  const classes = confusion.counts.filter((row) => row.some((count) => count > 0)).length;
  return images >= ENOUGH_FOR_CHANCE && correct / images < 0.8 / classes
    ? [
        {
          code: 'below_chance',
          message: `${formatShare(correct / images, 1)} of ${countOf(images, 'image')} is below chance: the class order in the model card may be reversed, or the scale wrong`,
        },
      ]
    : [];
}
