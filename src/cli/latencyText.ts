import type { StudyFile } from '../config/studySchema.ts';
import type { LatencyJudgement, Percentile } from '../records/judgement.ts';
import { groupTexts } from '../report/groupTexts.ts';
import { formatAtMost, formatMs } from '../shared/units.ts';
import { printable } from './printable.ts';
import { describeFailures } from './results.ts';
import { renderTable } from './tables.ts';
import type { JudgedLatency } from './work/judgeMeasured.ts';

/** The latency table and, below it, the failures and the doubts. */
export function renderLatency(study: StudyFile, judged: readonly JudgedLatency[]): string {
  const head = [
    'candidate',
    'mean',
    'p50',
    'p95',
    'p99',
    'p99.9',
    'max',
    `over ${formatMs(study.line.budget_ms)}`,
    'at most',
    'verdict',
    'steady state',
  ];
  const rows = judged.map(({ id, failure, judgement }) =>
    judgement === null ? [id, failure === null ? 'no record' : 'failed'] : [id, ...cells(judgement)],
  );
  const doubts = groupTexts(
    judged.flatMap(({ id, judgement }) =>
      (judgement?.warnings ?? []).map(({ code, message }) => ({ kind: code, text: message, candidate: id })),
    ),
  ).map(({ text, candidates }) => `${candidates.join(', ')}: ${printable(text)}\n`);
  const notice = study.notice === undefined ? '' : `${study.notice}\n`;
  return `${notice}${renderTable(
    head,
    rows.map((row) => [...row, ...Array.from({ length: head.length - row.length }, () => '')]),
  )}${[...describeFailures(judged), ...doubts].join('')}`;
}

function cells(judged: LatencyJudgement): string[] {
  const at = (p: number): string => describePercentile(judged.percentiles.find((entry) => entry.p === p));
  return [
    formatMs(judged.mean_ms),
    at(0.5),
    at(0.95),
    at(0.99),
    at(0.999),
    formatMs(judged.max_ms),
    `${judged.over_budget} of ${judged.n}`,
    formatAtMost(judged.miss_rate_upper),
    judged.verdict.replaceAll('_', ' '),
    judged.steady_state === 'flat' ? 'steady' : judged.steady_state.replaceAll('_', ' '),
  ];
}

function describePercentile(percentile: Percentile | undefined): string {
  if (percentile === undefined) {
    return 'not measured';
  }
  return percentile.state === 'measured' ? formatMs(percentile.value_ms) : `needs ${percentile.needs} samples`;
}
