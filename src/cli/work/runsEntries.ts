import { isLegacy } from '../../store/legacyRecord.ts';
import type { AnyRecord } from '../../store/parseRecord.ts';
import type { Unfinished } from '../../store/unfinished.ts';

/** What `runs list` says of one stored record, or of a measurement that has none yet. */
export interface RunEntry {
  readonly kind: RunKind;
  /** `null` while it is not finished. */
  readonly record_id: string | null;
  readonly candidate: string;
  /** In full; people get 12 characters. */
  readonly key: string;
  /** `null`: its journal does not say. */
  readonly started_at: string | null;
  readonly status: 'finished' | 'failed' | 'interrupted';
  readonly failure: string | null;
  /** Latency at batch 1. */
  readonly mean_ms: number | null;
  readonly p50_ms: number | null;
  /** Evaluations: the share of right answers, of so many images. */
  readonly accuracy: number | null;
  readonly images: number | null;
  /** Sweeps: the certified bound on the recall; `null` also where it is not proved. */
  readonly recall_at_least: number | null;
  /** Rounds that an interrupted measurement has already. */
  readonly rounds: number | null;
}

export const RUN_KINDS = ['latency', 'evaluation', 'sweep'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

const NOTHING = {
  failure: null,
  mean_ms: null,
  p50_ms: null,
  accuracy: null,
  images: null,
  recall_at_least: null,
  rounds: null,
};

export function entryOf(record: AnyRecord): RunEntry {
  const common = {
    ...NOTHING,
    record_id: record.record_id,
    candidate: candidateOf(record),
    key: keyOf(record),
    started_at: record.started_at,
  };
  switch (record.schema) {
    case 'beltbench/latency':
      return {
        ...common,
        kind: 'latency',
        status: record.status,
        failure: record.failure,
        mean_ms: record.batch_1?.mean_ms ?? null,
        p50_ms: record.batch_1?.median_ms ?? null,
      };
    case 'beltbench/evaluation':
      return {
        ...common,
        kind: 'evaluation',
        status: record.status,
        failure: record.failure,
        accuracy: record.correct === null || record.images === 0 ? null : record.correct / record.images,
        images: record.images,
      };
    case 'beltbench/sweep': {
      const { certificate } = record.sweep;
      const bound = certificate.state === 'certified' ? certificate.point.recall_lower_bound : null;
      return { ...common, kind: 'sweep', status: 'finished', recall_at_least: bound };
    }
  }
}

export function entryOfUnfinished({ candidateId, benchmarkKey, content }: Unfinished): RunEntry {
  return {
    ...NOTHING,
    kind: 'latency',
    record_id: null,
    candidate: candidateId,
    key: benchmarkKey,
    started_at: content.begunAt ?? null,
    status: 'interrupted',
    rounds: content.rounds.length,
  };
}

/** The key that a record may be reused by. */
export function keyOf(record: AnyRecord): string {
  switch (record.schema) {
    case 'beltbench/latency':
      return record.benchmark_key;
    case 'beltbench/evaluation':
      return record.predictions_key;
    case 'beltbench/sweep':
      return record.sweep_key;
  }
}

/**
 * What the runs of one group share, and no others: the key, and for older records without one, whose
 * stand-in says the trial alone, also the study.
 */
export function groupOf(record: AnyRecord): string {
  const study = record.schema === 'beltbench/latency' && isLegacy(record) ? record.study_key_hash : '';
  return `${record.schema} ${study} ${keyOf(record)}`;
}

export function candidateOf(record: AnyRecord): string {
  return record.schema === 'beltbench/sweep' ? record.sweep.candidate_id : record.candidate_id;
}
