import type { RootContent } from 'mdast';
import type { AccuracyJudgement } from '../../records/judgement.ts';
import type { CandidateDecision, Decision } from '../../records/decision.ts';
import { formatCount, formatShare, NOT_MEASURED } from '../../shared/units.ts';
import { outOf, proportionText } from '../figures.ts';
import { code, heading, left, paragraph, right, table, type Line } from '../mdast.ts';
import { INTERVAL_METHODS } from '../wordings.ts';

/** Accuracy and recall at argmax, with the counts behind them. */
export function accuracy({ candidates, line: { maybe_class: maybe, target_class: target } }: Decision): RootContent[] {
  return [
    heading(2, 'Accuracy in detail'),
    paragraph(
      'Answers at argmax, the class with the highest probability. In brackets are 95 % intervals; what has none is an estimate from these images.',
      maybe === null
        ? ''
        : ` Images labelled ${maybe} count in their own row alone. A ${target} answered as ${maybe} goes to review: it is not right here, and no miss in the recall above.`,
    ),
    table(
      [
        left('Model'),
        right('Right'),
        right('Accuracy'),
        right('Balanced'),
        right('Macro-F1'),
        right('ROC AUC'),
        right('Skipped'),
      ],
      candidates.map(summaryRow),
    ),
    heading(3, 'Per class'),
    table(
      [
        left('Model'),
        left('Labelled'),
        left('Answered'),
        right('Found'),
        right('Recall'),
        left('Interval'),
        right('F1'),
      ],
      candidates.flatMap(classRows),
    ),
  ];
}

function summaryRow({ id, accuracy: judged, sweep }: CandidateDecision): Line[] {
  if (judged === null) {
    return [code(id), ...Array<string>(6).fill(NOT_MEASURED)];
  }
  return [
    code(id),
    outOf(judged.accuracy.k, judged.accuracy.n),
    proportionText(judged.accuracy),
    formatShare(judged.balanced_accuracy),
    figure(judged.macro_f1),
    figure(sweep?.auc),
    formatCount(judged.skipped),
  ];
}

function classRows({ id, accuracy: judged }: CandidateDecision): Line[][] {
  if (judged === null) {
    return [[code(id), 'all', ...Array<string>(5).fill(NOT_MEASURED)]];
  }
  return judged.per_class.map(({ class: name, recall, f1 }) => [
    code(id),
    name,
    answers(judged.confusion, name),
    outOf(recall.k, recall.n),
    recall.n === 0 ? 'no images' : proportionText(recall),
    recall.interval === null ? 'none' : INTERVAL_METHODS[recall.method],
    recall.n === 0 ? 'no images' : figure(f1),
  ]);
}

/** A row of the confusion matrix in words: "636 clean, 24 pit". */
function answers({ classes, counts }: AccuracyJudgement['confusion'], name: string): string {
  const row = counts[classes.indexOf(name)] ?? [];
  return row.map((count, index) => `${formatCount(count)} ${classes[index] ?? 'unknown'}`).join(', ');
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? NOT_MEASURED : value.toFixed(4);
}
