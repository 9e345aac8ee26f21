import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  evaluationRecordSchema,
  predictionsSchema,
  type EvaluationRecord,
  type Predictions,
} from '../records/predictions.ts';
import {
  latencyRecordSchema,
  latencySamplesSchema,
  type LatencyRecord,
  type LatencySamples,
} from '../records/latency.ts';
import { datasetAuditSchema, type DatasetAudit } from '../records/dataset.ts';
import { sweepRecordSchema, type SweepRecord } from '../records/sweep.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { readJson, writeRecordFolder, type RecordFiles } from './recordFolder.ts';

/** Every record of the store, newest last, and what could not be read. */
export interface StoreListing {
  readonly latency: readonly LatencyRecord[];
  readonly evaluations: readonly EvaluationRecord[];
  readonly sweeps: readonly SweepRecord[];
  /** One line per folder that holds no valid record; it is left out, and said. */
  readonly problems: readonly string[];
}

type AnyRecord = LatencyRecord | EvaluationRecord | SweepRecord;

/** The file store: `reports/runs/`, one folder per record, `record.json` in each. */
export class RunStore {
  readonly dir: string;

  constructor(reportsDir: string) {
    this.dir = join(reportsDir, 'runs');
  }

  /** Reads every record's `record.json`; the raw columns beside it are read on demand. */
  async list(): Promise<StoreListing> {
    const entries = await readdir(this.dir, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
    const read = await Promise.all(names.toSorted().map((name) => this.readRecord(name)));
    const records = read.flatMap((result) => ('record' in result ? [result.record] : [])).toSorted(byStart);
    return {
      latency: records.filter((record) => record.schema === 'beltbench/latency'),
      evaluations: records.filter((record) => record.schema === 'beltbench/evaluation'),
      sweeps: records.filter((record) => record.schema === 'beltbench/sweep'),
      problems: read.flatMap((result) => ('problem' in result ? [result.problem] : [])),
    };
  }

  async readSamples(record: LatencyRecord): Promise<LatencySamples> {
    return parse(latencySamplesSchema, join(this.dir, record.record_id, 'samples.json'));
  }

  async readPredictions(record: EvaluationRecord): Promise<Predictions> {
    return parse(predictionsSchema, join(this.dir, record.record_id, 'predictions.json'));
  }

  /** The audit of the images that an evaluation ran on. */
  async readDataset(record: EvaluationRecord): Promise<DatasetAudit> {
    return parse(datasetAuditSchema, join(this.dir, record.record_id, 'dataset.json'));
  }

  /** Saves a record with its raw files, all or nothing. */
  async write(record: AnyRecord, raw: RecordFiles = {}): Promise<void> {
    await writeRecordFolder(this.dir, record.record_id, { ...raw, 'record.json': record });
  }

  /** Removes what interrupted writes left behind. */
  async sweepTemporary(): Promise<void> {
    const entries = await readdir(this.dir).catch(() => []);
    await Promise.all(
      entries
        .filter((name) => name.startsWith('.tmp-'))
        .map((name) => rm(join(this.dir, name), { recursive: true, force: true }).catch(() => undefined)),
    );
  }

  private async readRecord(name: string): Promise<{ record: AnyRecord } | { problem: string }> {
    try {
      const content = await readJson(join(this.dir, name, 'record.json'));
      if (content === undefined) {
        return { problem: `${name} holds no record.json; remove the folder` };
      }
      const record = anyRecord(content);
      return record.record_id === name
        ? { record }
        : { problem: `${name} holds the record ${record.record_id}; a copied folder must keep its name` };
    } catch (thrown) {
      return { problem: `${name} is left out: ${reasonOf(thrown)}` };
    }
  }
}

function byStart(a: AnyRecord, b: AnyRecord): number {
  return a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : a.record_id < b.record_id ? -1 : 1;
}

function anyRecord(content: unknown): AnyRecord {
  const schemas = {
    'beltbench/latency': latencyRecordSchema,
    'beltbench/evaluation': evaluationRecordSchema,
    'beltbench/sweep': sweepRecordSchema,
  };
  const kind = (content as { schema?: unknown } | null)?.schema;
  const schema = Object.entries(schemas).find(([name]) => name === kind)?.[1];
  if (schema === undefined) {
    throw new BeltbenchError(
      'bad_record',
      `a record's schema is one of ${Object.keys(schemas).join(', ')}, received ${String(kind)}; it may be of a newer beltbench`,
    );
  }
  return schema.parse(content);
}

async function parse<T>(schema: { parse: (value: unknown) => T }, path: string): Promise<T> {
  const content = await readJson(path);
  if (content === undefined) {
    throw new BeltbenchError('bad_record', `${path} is missing; remove its folder and run again`);
  }
  try {
    return schema.parse(content);
  } catch (thrown) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is no valid record: ${reasonOf(thrown).slice(0, 300)}; remove its folder and run again`,
    );
  }
}
