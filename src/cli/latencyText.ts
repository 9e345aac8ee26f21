import type { StudyFile } from '../config/studySchema.ts';
import { aggregateRuns, batch1Mean } from '../decide/aggregate.ts';
import { latencyDemand } from '../decide/demands.ts';
import { judgeLatency } from '../decide/latency.ts';
import type { LatencyJudgement, Percentile } from '../records/judgement.ts';
import { formatAtMost, formatMs } from '../shared/units.ts';
import { printable } from './printable.ts';
import { renderTable } from './tables.ts';
import type { Measured } from './work/measureStudy.ts';
import type { Session } from './work/session.ts';

/** One candidate's record with what its samples say. */
export interface JudgedLatency {
  readonly id: string;
  readonly record_id: string;
  readonly reused: boolean;
  readonly failure: string | null;
  readonly judgement: LatencyJudgement | null;
}

/** Judges what the decision will judge: of several finished runs of one key, the aggregate (rules.md 2). */
export async function judgeMeasured(session: Session, measured: readonly Measured[]): Promise<JudgedLatency[]> {
  const { study, store } = session;
  const { latency } = await store.list();
  const { latency_aggregation: aggregation } = study.file.benchmark;
  return await Promise.all(
    measured.map(async ({ id, record, reused }) => {
      const sameKey = latency.filter(({ benchmark_key: key }) => key === record.benchmark_key);
      const runs = batch1Mean(record) === undefined ? undefined : aggregateRuns(sameKey, aggregation);
      const judgement =
        runs === undefined
          ? null
          : judgeLatency(runs, await store.readSamples(runs.representative), latencyDemand(study.file), aggregation);
      return { id, record_id: record.record_id, reused, failure: record.failure, judgement };
    }),
  );
}

/** The latency table and, below it, the doubts. */
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
  const failures = judged.flatMap(({ id, failure }) => (failure === null ? [] : [`${id}: ${printable(failure)}\n`]));
  const doubts = judged.flatMap(({ id, judgement }) =>
    (judgement?.warnings ?? []).map(({ message }) => `${id}: ${message}\n`),
  );
  const notice = study.notice === undefined ? '' : `${study.notice}\n`;
  return `${notice}${renderTable(
    head,
    rows.map((row) => [...row, ...Array.from({ length: head.length - row.length }, () => '')]),
  )}${[...failures, ...doubts].join('')}`;
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
