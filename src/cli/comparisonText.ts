import type { ComparedReference, ComparedVariant, Comparison, Flip, PairedShare } from '../records/comparison.ts';
import { verdictLine } from '../report/comparison/verdicts.ts';
import {
  countOf,
  formatMegabytes,
  formatMs,
  formatPoints,
  formatPointsInterval,
  formatRatio,
  formatShare,
} from '../shared/units.ts';
import { printable } from './printable.ts';
import { renderTable } from './tables.ts';

/** Flips shown on the terminal; the report lists more, the JSON all. */
const MOST_FLIPS = 5;

/** One group on the terminal: the table, each variant's verdicts and gravest flips, the doubts, where the files lie. */
export function renderComparisonText(comparison: Comparison, paths: readonly string[]): string {
  const { group, notice, reference, variants, target_class: target, warnings } = comparison;
  const head = [
    'model',
    'p50',
    'of reference (95 %)',
    'size',
    'INT8',
    'accuracy',
    'difference (95 %)',
    `${target} recall`,
  ];
  const table = renderTable(
    [...head, 'difference (95 %)'],
    [
      [...cells(reference, 'reference', 'reference', 'reference')],
      ...variants.map((variant) =>
        cells(variant, ratio(variant), difference(variant.accuracy_difference), difference(variant.recall_difference)),
      ),
    ],
  );
  return [
    ...(notice === null ? [] : [notice]),
    `group ${group}, held against ${reference.id}, within ${formatPoints(comparison.rules.accuracy_margin).replace('+', '+/- ')}`,
    table.trimEnd(),
    ...variants.flatMap((variant) => describe(variant, target)),
    ...warnings.map(({ candidate, message }) => (candidate === null ? message : `${candidate}: ${message}`)),
    'Report:',
    ...paths.map((path) => `  ${path}`),
  ]
    .map((line) => (line === table.trimEnd() ? line : printable(line)))
    .join('\n')
    .concat('\n');
}

function cells(model: ComparedReference, speed: string, accuracy: string, recall: string): string[] {
  const median = model.latency?.percentiles.find(({ p }) => p === 0.5);
  return [
    model.id,
    formatMs(median?.state === 'measured' ? median.value_ms : null),
    speed,
    formatMegabytes(model.model.file_size_bytes),
    model.model.int8_multiply_add_share === null ? 'unknown' : formatShare(model.model.int8_multiply_add_share, 1),
    formatShare(model.accuracy?.accuracy.value),
    accuracy,
    formatShare(model.accuracy?.target_recall.value),
    recall,
  ];
}

function ratio({ speed }: ComparedVariant): string {
  return speed.ratio === null || speed.interval === null
    ? 'not measured'
    : `${formatRatio(speed.ratio)} (${formatRatio(speed.interval[0])} to ${formatRatio(speed.interval[1])})`;
}

function difference({ difference: points, interval }: PairedShare): string {
  return points === null || interval === null
    ? 'not measured'
    : `${formatPoints(points)} (${formatPointsInterval(interval)})`;
}

function describe(variant: ComparedVariant, target: string): string[] {
  const { id, flips, speed, accuracy_difference: accuracy, recall_difference: recall, saturation } = variant;
  const open = Object.entries({ speed, accuracy, [`${target} recall`]: recall }).flatMap(
    ([question, { verdict, reason, needs }]) =>
      verdict === 'failed' ? [`  ${question}: ${reason}`] : needs === null ? [] : [`  to settle ${question}: ${needs}`],
  );
  const change = variant.probability_change;
  return [
    `${id}: ${verdictLine(variant, target)}`,
    ...open,
    ...(change === null
      ? []
      : [
          `  ${countOf(flips.length, 'image')} of ${change.n} changed class; probabilities moved by ${change.mean.toFixed(4)} on average, at most ${change.max.toFixed(4)}`,
        ]),
    ...flips.slice(0, MOST_FLIPS).map((flip) => `    ${describeFlip(flip, target)}`),
    ...(flips.length > MOST_FLIPS ? [`    and ${countOf(flips.length - MOST_FLIPS, 'more image')} in the report`] : []),
    ...(saturation.risk === 'none' ? [] : [`  saturation: ${saturation.reason}`]),
  ];
}

function describeFlip(flip: Flip, target: string): string {
  const moved = `p(${target}) ${flip.reference_probability.toFixed(3)} to ${flip.variant_probability.toFixed(3)}`;
  return `${flip.id} (${flip.label}): ${flip.reference_answer} to ${flip.variant_answer}, ${moved}`;
}
