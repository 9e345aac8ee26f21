import type { TrialCandidate, TrialSelection } from '../records/trialSelection.ts';
import { formatMegabytes, formatMillions, formatMs, formatProbability } from '../shared/units.ts';
import { renderTable } from './tables.ts';

/** A trial has as many classes as it likes; --json has them all. */
const MOST_CLASS_ROWS = 40;

/** The selection as people read it: the answer and its reason first, then what it was chosen among. */
export function renderSelection(selection: TrialSelection, costUnit: string | undefined): string {
  const { best_configuration: best, candidates, frontier_axes: axes } = selection;
  const { metric, reason } = best.selection_criteria;
  const isFolded = candidates.some(({ folds }) => folds.length > 1);
  const isPriced = candidates.some(({ cost }) => cost !== null);
  const table = renderTable(
    [
      '',
      'backbone',
      'trial',
      metric,
      ...(isFolded ? ['std', 'folds'] : []),
      'speed',
      'latency',
      'parameters',
      'size',
      ...(isPriced ? [costUnit === undefined ? 'cost' : `cost (${costUnit})`] : []),
      'frontier',
    ],
    candidates.map((candidate) => [
      candidate.selected ? '>' : '',
      candidate.backbone,
      candidate.trial_name,
      candidate.value.toFixed(4),
      ...(isFolded ? [candidate.std?.toFixed(4) ?? '', String(candidate.folds.length)] : []),
      candidate.speed_score?.toFixed(2) ?? 'unknown',
      formatMs(candidate.benchmark_latency_ms),
      candidate.parameters === null ? 'unknown' : formatMillions(candidate.parameters),
      candidate.size_bytes === null ? 'unknown' : formatMegabytes(candidate.size_bytes),
      ...(isPriced ? [candidate.cost === null ? 'unknown' : String(candidate.cost)] : []),
      candidate.on_frontier ? 'yes' : 'dominated',
    ]),
  );
  const blocks = [
    `selected: ${best.backbone}/${best.trial_name} (${metric} ${best.selection_criteria.best_value.toFixed(4)})\nwhy: ${reason}\n`,
    `${table}frontier: not dominated by ${axes.join(', ')}; speed: the fastest is 1.00\n`,
    ...renderFolds(selection),
    ...renderClasses(candidates),
    ...renderThresholds(selection),
  ];
  return blocks.join('\n');
}

function renderFolds({ fold_differences: differences }: TrialSelection): string[] {
  const lines = differences.map(({ backbone, trial_name: trial, difference, interval, p, method, distinguishable }) => {
    const test = method === 'paired_t' ? 'paired on the same folds' : "Welch's, on folds of their own";
    return `against ${backbone}/${trial}: ${signed(difference)} (95 %: ${signed(interval[0])} to ${signed(interval[1])}), ${distinguishable ? 'distinguishable from' : 'NOT distinguishable from'} fold noise (corrected t-test, ${test}: p = ${formatProbability(p)})\n`;
  });
  return lines.length === 0 ? [] : [lines.join('')];
}

function renderClasses(candidates: readonly TrialCandidate[]): string[] {
  const rows = candidates.flatMap(({ backbone, trial_name: trial, per_class: classes }) =>
    Object.entries(classes).map(([name, figures]) => [
      name,
      `${backbone}/${trial}`,
      fixed(figures.precision),
      fixed(figures.recall),
      fixed(figures.f1),
      figures.support === null ? 'unknown' : String(Number(figures.support.toFixed(1))),
    ]),
  );
  if (rows.length === 0) {
    return [];
  }
  const more = rows.length - MOST_CLASS_ROWS;
  const table = renderTable(
    ['class', 'candidate', 'precision', 'recall', 'f1', 'support'],
    rows.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)).slice(0, MOST_CLASS_ROWS),
  );
  return [`${table}${more > 0 ? `${more} more; --json has them all\n` : ''}`];
}

function renderThresholds({ thresholds, best_configuration: best }: TrialSelection): string[] {
  if (thresholds.length === 0) {
    return [];
  }
  const { metric } = best.selection_criteria;
  return [
    renderTable(
      ['threshold', 'reaches down by', 'selects', metric, 'below the best', 'speed'],
      thresholds.map((row) => [
        row.accuracy_threshold === null ? 'none' : String(row.accuracy_threshold),
        row.reach?.toFixed(4) ?? '',
        `${row.backbone}/${row.trial_name}`,
        row.value.toFixed(4),
        row.accuracy_diff_from_best.toFixed(4),
        row.speed_score?.toFixed(2) ?? 'unknown',
      ]),
    ),
  ];
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

function fixed(value: number | null): string {
  return value?.toFixed(4) ?? 'unknown';
}
