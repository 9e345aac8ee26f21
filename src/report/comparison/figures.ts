import type { RootContent } from 'mdast';
import type { ComparedReference, ComparedVariant, Comparison, PairedShare } from '../../records/comparison.ts';
import {
  countOf,
  formatMegabytes,
  formatPoints,
  formatPointsInterval,
  formatRatio,
  formatShare,
  NOT_MEASURED,
} from '../../shared/units.ts';
import { outOf, percentileText, proportionText } from '../figures.ts';
import { code, heading, left, right, table, type Line } from '../mdast.ts';
import { SHARE_VERDICTS, SPEED_VERDICTS } from './verdicts.ts';

/** Latency, size and answers of all models side by side, the reference first. */
export function figures(comparison: Comparison): RootContent[] {
  return [
    heading(2, `Side by side, with ${countOf(comparison.threads, 'thread')}`),
    speedTable(comparison),
    answerTable(comparison),
  ];
}

function speedTable({ reference, variants }: Comparison): RootContent {
  return table(
    [
      left('Model'),
      right('p50'),
      right('p99'),
      right('Of the latency of the reference'),
      left('Speed'),
      right('Size'),
      right('INT8 multiply-adds'),
      right('INT8 weights'),
    ],
    [
      speedRow(reference, '1', 'reference'),
      ...variants.map((variant) => speedRow(variant, ratioText(variant), SPEED_VERDICTS[variant.speed.verdict])),
    ],
  );
}

function speedRow({ id, latency, model }: ComparedReference, ratio: string, verdict: string): Line[] {
  return [
    code(id),
    percentileText(latency, 0.5),
    percentileText(latency, 0.99),
    ratio,
    verdict,
    formatMegabytes(model.file_size_bytes),
    shareOrUnknown(model.int8_multiply_add_share),
    formatShare(model.int8_weight_share, 1),
  ];
}

function answerTable({ reference, variants, target_class: target }: Comparison): RootContent {
  return table(
    [
      left('Model'),
      right('Accuracy'),
      left('Difference'),
      right(`Recall of ${target}`),
      right(`${target} missed`),
      left('Difference'),
    ],
    [
      answerRow(reference, 'reference', 'reference'),
      ...variants.map((variant) =>
        answerRow(variant, differenceText(variant.accuracy_difference), differenceText(variant.recall_difference)),
      ),
    ],
  );
}

function answerRow({ id, accuracy }: ComparedReference, ofAccuracy: string, ofRecall: string): Line[] {
  const recall = accuracy?.target_recall;
  return [
    code(id),
    proportionText(accuracy?.accuracy),
    ofAccuracy,
    proportionText(recall),
    recall === undefined ? NOT_MEASURED : outOf(recall.n - recall.k, recall.n),
    ofRecall,
  ];
}

function shareOrUnknown(share: number | null): string {
  return share === null ? 'unknown' : formatShare(share, 1);
}

function ratioText({ speed: { ratio, interval } }: ComparedVariant): string {
  return ratio === null || interval === null
    ? NOT_MEASURED
    : `${formatRatio(ratio)} (${formatRatio(interval[0])} to ${formatRatio(interval[1])})`;
}

function differenceText({ difference, interval, verdict }: PairedShare): string {
  return difference === null || interval === null
    ? SHARE_VERDICTS[verdict]
    : `${formatPoints(difference)} (${formatPointsInterval(interval)}): ${SHARE_VERDICTS[verdict]}`;
}
