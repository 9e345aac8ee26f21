import type { StudyFile } from '../config/studySchema.ts';
import type { Warning } from '../records/common.ts';
import type { LatencyRecord } from '../records/latency.ts';
import { countOf } from '../shared/units.ts';
import { aggregateRuns, batch1Mean, type AggregatedRuns } from './aggregate.ts';
import type { Obstacle } from './gates.ts';
import { oldestFirst } from './order.ts';

/**
 * The runs that stand for a candidate: those that share the benchmark key of its latest finished
 * record, preferably on the given host class. Records that lack a required metric or a valid latency
 * do not count (rules.md 2). The order of the records does not matter.
 */
export function representativeRuns(
  records: readonly LatencyRecord[],
  study: StudyFile,
  hostClass: string | undefined,
): AggregatedRuns | undefined {
  const usable = finished(records).filter(
    (record) => missingMetrics(record, study).length === 0 && batch1Mean(record) !== undefined,
  );
  const onHost = usable.filter((record) => record.key_parts.host_class === hostClass);
  const key = (onHost.at(-1) ?? usable.at(-1))?.benchmark_key;
  return aggregateRuns(
    usable.filter((record) => record.benchmark_key === key),
    study.benchmark.latency_aggregation,
  );
}

/** Whether all that was measured lacks a metric of `benchmark.required_metrics`: then it is no candidate (rules.md 2). */
export function lacksRequiredMetric(records: readonly LatencyRecord[], study: StudyFile): boolean {
  const measured = finished(records);
  return measured.length > 0 && measured.every((record) => missingMetrics(record, study).length > 0);
}

/** Why no run stands for a candidate, and the way out. */
export function whyNotMeasured(records: readonly LatencyRecord[], study: StudyFile): Obstacle {
  const latest = finished(records).at(-1);
  if (latest !== undefined && lacksRequiredMetric(records, study)) {
    const missing = missingMetrics(latest, study).map((name) => `\`${name}\``);
    return {
      kind: 'missing',
      reason: `measured without ${missing.join(', ')}, which \`benchmark.required_metrics\` names, so it is no candidate`,
      needs: `remove the name from \`benchmark.required_metrics\` (its records have ${Object.keys(latest.metrics).join(', ')}), or add its batch size to \`benchmarking.batch_sizes\` and run \`beltbench measure\``,
    };
  }
  if (latest !== undefined) {
    return {
      kind: 'missing',
      reason: 'measured without a valid latency at batch 1',
      needs: 'run `beltbench measure --force-new`',
    };
  }
  const failure = oldestFirst(records).findLast(({ status }) => status === 'failed')?.failure ?? undefined;
  return failure === undefined
    ? { kind: 'missing', reason: 'not measured', needs: 'run `beltbench measure`' }
    : { kind: 'failed', reason: `the measurement failed: ${failure}` };
}

/** Finished runs that do not count, and why. */
export function warnOfSkippedRuns(records: readonly LatencyRecord[], study: StudyFile): Warning[] {
  const measured = finished(records);
  const incomplete = measured.filter((record) => missingMetrics(record, study).length > 0);
  const invalid = measured.filter((record) => batch1Mean(record) === undefined);
  const missing = [...new Set(incomplete.flatMap((record) => missingMetrics(record, study)))];
  const warnings: Warning[] = [];
  if (incomplete.length > 0) {
    warnings.push({
      code: 'required_metric_missing',
      message: `${countOf(incomplete.length, 'finished run')} without the required ${missing.join(', ')} left out`,
    });
  }
  if (invalid.length > 0) {
    warnings.push({
      code: 'no_valid_latency',
      message: `${countOf(invalid.length, 'finished run')} without a valid latency at batch 1 left out`,
    });
  }
  return warnings;
}

function finished(records: readonly LatencyRecord[]): LatencyRecord[] {
  return oldestFirst(records).filter(({ status }) => status === 'finished');
}

function missingMetrics({ metrics }: LatencyRecord, study: StudyFile): string[] {
  return study.benchmark.required_metrics.filter((name) => metrics[name] === undefined);
}
