import { check } from '../config/problems.ts';
import { schemaText } from '../config/schemaText.ts';
import { latencyRecordSchema, type LatencyRecord } from '../records/latency.ts';
import { evaluationRecordSchema, type EvaluationRecord } from '../records/predictions.ts';
import { sweepRecordSchema, type SweepRecord } from '../records/sweep.ts';
import { legacyParts, withLegacyKey } from './legacyRecord.ts';

export type AnyRecord = LatencyRecord | EvaluationRecord | SweepRecord;

const SCHEMAS = {
  'beltbench/latency': latencyRecordSchema,
  'beltbench/evaluation': evaluationRecordSchema,
  'beltbench/sweep': sweepRecordSchema,
};

/** A value that keeps its schema, or in one line why it does not. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problem: string };

/** A record of any kind from its JSON, or in one line why it is none: its kind, its version or a field. */
export function parseRecord(content: unknown): Checked<AnyRecord> {
  const { schema: kind, version } = header(content);
  const schema = Object.entries(SCHEMAS).find(([name]) => name === kind)?.[1];
  if (schema === undefined) {
    return {
      ok: false,
      problem: `a record's schema is one of ${Object.keys(SCHEMAS).join(', ')}, received ${shorten(kind)}; it may be of a newer beltbench`,
    };
  }
  if (version !== 1) {
    return {
      ok: false,
      problem: `this beltbench reads version 1 of ${shorten(kind)}, received ${shorten(version)}; use the newer beltbench that wrote it`,
    };
  }
  const checked = check(schema, withLegacyKey(content));
  return checked.ok
    ? { ok: true, value: checked.value.schema === 'beltbench/latency' ? legacyParts(checked.value) : checked.value }
    : {
        ok: false,
        problem: `it is not as beltbench writes it: ${checked.problem}; correct it, or remove the folder and run again`,
      };
}

/** What records are validated by, as one text. */
export function recordRules(): string {
  return schemaText(Object.values(SCHEMAS));
}

function header(content: unknown): { schema?: unknown; version?: unknown } {
  return typeof content === 'object' && content !== null ? content : {};
}

function shorten(value: unknown): string {
  return (JSON.stringify(value) ?? 'none').slice(0, 100);
}
