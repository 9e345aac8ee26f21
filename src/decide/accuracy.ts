import type { Warning } from '../records/common.ts';
import type { AccuracyJudgement, Proportion, Verdict } from '../records/judgement.ts';
import type { EvaluationRecord } from '../records/predictions.ts';
import { countOf, formatShare } from '../shared/units.ts';
import { assessRecallFloor } from '../stats/certificate.ts';
import { clopperPearson, DISPLAY_CONFIDENCE, wilson } from '../stats/proportion.ts';
import { mean } from '../stats/summary.ts';
import type { RecallDemand } from './demands.ts';
import type { ClassRoles } from './scores.ts';

type Confusion = AccuracyJudgement['confusion'];

/**
 * Accuracy and per-class figures at argmax, from an evaluation's confusion matrix.
 *
 * Images labelled *maybe* are nobody's truth, and count in no figure but their own row: models with
 * and without that class are judged on the same images. A target that is answered *maybe* is looked
 * at, so it counts in `target_recall`; as an answer it is not right.
 *
 * @returns `undefined` when the evaluation failed
 */
export function judgeAccuracy(record: EvaluationRecord, roles: ClassRoles): AccuracyJudgement | undefined {
  const { confusion } = record;
  if (confusion === null) {
    return undefined;
  }
  const judged = {
    ...confusion,
    counts: confusion.counts.map((row, index) => (confusion.classes[index] === roles.maybe ? row.map(() => 0) : row)),
  };
  const perClass = confusion.classes.map((name, index) => {
    const row = confusion.counts[index] ?? [];
    const method = name === roles.target ? 'clopper_pearson' : 'wilson';
    return {
      class: name,
      recall: proportion(row[index] ?? 0, sum(row), method),
      f1: sum(judged.counts[index] ?? []) === 0 ? null : f1(judged, index),
    };
  });
  const present = perClass.filter(({ class: name, recall }) => recall.n > 0 && name !== roles.maybe);
  const correct = sum(judged.counts.map((row, index) => row[index] ?? 0));
  const images = sum(judged.counts.flat());
  return {
    record_id: record.record_id,
    predictions_key: record.predictions_key,
    accuracy: proportion(correct, images, 'wilson'),
    target_recall: targetRecall(confusion, roles),
    per_class: perClass,
    macro_f1: mean(present.map((entry) => entry.f1 ?? 0)) ?? null,
    balanced_accuracy: mean(present.map(({ recall }) => recall.value ?? 0)) ?? null,
    confusion,
    skipped: record.skipped.length,
    softmax: record.softmax,
    warnings: [...record.warnings, ...warnOfChance(correct, images, judged)],
  };
}

/**
 * Whether the model as it answers, at argmax, already holds the recall floor: proven, refuted, or neither.
 *
 * @param copies target images that are copies of others: they prove and refute nothing
 */
export function judgeArgmaxRecall(
  { target_recall: recall }: AccuracyJudgement,
  demand: RecallDemand,
  copies: number,
): Verdict {
  const missed = recall.n - recall.k;
  const distinct = recall.n - copies;
  if (distinct < 1) {
    return 'NOT_ENOUGH_DATA';
  }
  const verdictWith = (misses: number): Verdict =>
    assessRecallFloor(misses, distinct, { recallFloor: demand.targetRecall, confidence: demand.confidence }).verdict;
  // Nobody knows which of the missed ones are copies: none for a PASS, all for a FAIL.
  if (verdictWith(Math.min(missed, distinct)) === 'PASS') {
    return 'PASS';
  }
  return verdictWith(Math.max(0, missed - copies)) === 'FAIL' ? 'FAIL' : 'NOT_ENOUGH_DATA';
}

/** The share of the targets that are not let pass: an answer of *maybe* sends the item to review. */
function targetRecall({ classes, counts }: Confusion, { target, maybe }: ClassRoles): Proportion {
  const row = counts[classes.indexOf(target)] ?? [];
  const stopped = row.filter((_, answer) => classes[answer] === target || classes[answer] === maybe);
  return proportion(sum(stopped), sum(row), 'clopper_pearson');
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
  const labelled = sum(confusion.counts[index] ?? []);
  const answered = sum(confusion.counts.map((row) => row[index] ?? 0));
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

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
