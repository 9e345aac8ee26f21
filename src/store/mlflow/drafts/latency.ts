import type { Percentile } from '../../../records/judgement.ts';
import type { LatencyRecord } from '../../../records/latency.ts';
import type { RunDraft } from '../../../records/mlflow.ts';
import { isLegacy } from '../../legacyRecord.ts';
import { BENCHMARK_KEY_TAG, HOST_CLASS_TAG } from '../tagNames.ts';
import { datasetOf, modelMetrics, subjectDraft, type DraftContext } from './common.ts';
import { metricsOf } from './fields.ts';

/**
 * A latency record as a run.
 *
 * @param percentiles per batch size, from the samples; empty where they cannot be read
 */
export function latencyDraft(
  record: LatencyRecord,
  context: DraftContext,
  percentiles: ReadonlyMap<number, readonly Percentile[]>,
): RunDraft {
  const { settings, host_class: host } = record;
  const { session_options: sessionOptions, ...plain } = settings;
  return {
    ...subjectDraft(context, 'latency', record, {
      tags: {
        // An older record without a key stays one there; it knows no images either, so it has no dataset.
        ...(!isLegacy(record) && {
          [BENCHMARK_KEY_TAG]: record.benchmark_key,
          'beltbench.data_fingerprint': record.key_parts.data,
        }),
        [HOST_CLASS_TAG]: record.key_parts.host_class,
      },
      params: {
        ...plain,
        session_options: JSON.stringify(sessionOptions),
        cpu_model: host.cpu_model,
        isa: host.isa.join(' '),
        physical_cores: host.physical_cores,
        logical_cores: host.logical_cores,
        os: host.os,
        arch: host.arch,
        node: host.node,
      },
    }),
    metrics: metricsOf([
      ...Object.entries(record.metrics),
      ...batchesOf(record).flatMap(([size, summary]) => summaryMetrics(size, summary)),
      ...[...percentiles].flatMap(([size, measured]) => measured.flatMap((entry) => percentileMetrics(size, entry))),
      ['peak_rss_bytes', record.peak_rss_bytes],
      ...modelMetrics(record),
    ]),
    dataset: isLegacy(record) ? undefined : datasetOf(record.story, record.key_parts.data, 'benchmark'),
  };
}

type Summary = NonNullable<LatencyRecord['batch_1']>;
type Metric = readonly [string, number | null];

function batchesOf({ batch_1: one, other_batches: others }: LatencyRecord): (readonly [number, Summary])[] {
  return [
    ...(one === null ? [] : [[1, one] as const]),
    ...Object.entries(others).map(([name, summary]) => [Number(name.slice('batch_'.length)), summary] as const),
  ];
}

/** The mean stands in the record's own metrics, as `latency_batch_1_ms`. */
function summaryMetrics(
  size: number,
  { n, std_ms: std, min_ms: min, median_ms: median, max_ms: max }: Summary,
): Metric[] {
  const name = `latency_batch_${size}`;
  return [
    [`${name}_n`, n],
    [`${name}_std_ms`, std],
    [`${name}_min_ms`, min],
    [`${name}_median_ms`, median],
    [`${name}_max_ms`, max],
  ];
}

/** 0.999 -> "latency_batch_1_p99.9_ms", and the bound that the true one does not exceed. */
function percentileMetrics(size: number, percentile: Percentile): Metric[] {
  if (percentile.state !== 'measured') {
    return [];
  }
  const name = `latency_batch_${size}_p${Number((percentile.p * 100).toFixed(6))}`;
  return [
    [`${name}_ms`, percentile.value_ms],
    [`${name}_upper_ms`, percentile.upper_bound_ms],
  ];
}
