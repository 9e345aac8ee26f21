import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../config/problems.ts';
import { datasetAuditSchema, type DatasetAudit } from '../records/dataset.ts';
import { latencySamplesSchema, type LatencyRecord, type LatencySamples } from '../records/latency.ts';
import { predictionsSchema, type EvaluationRecord, type Predictions } from '../records/predictions.ts';
import type { SweepRecord } from '../records/sweep.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { readJsonFile } from './jsonFile.ts';
import { parseRecord, type AnyRecord, type Checked } from './parseRecord.ts';
import { recordPath, writeRecordFolder } from './recordFolder.ts';

/** Every record of the store, newest last, and what could not be read. */
export interface StoreListing {
  readonly latency: readonly LatencyRecord[];
  readonly evaluations: readonly EvaluationRecord[];
  readonly sweeps: readonly SweepRecord[];
  /** One line per folder that holds no valid record; it is left out, and said. */
  readonly problems: readonly string[];
}

/** What lies beside `record.json`: columns and audits, read only when they are needed. */
export interface RawFiles {
  readonly 'samples.json'?: LatencySamples;
  readonly 'predictions.json'?: Predictions;
  readonly 'dataset.json'?: DatasetAudit;
}

/** Above any real file of its kind; a larger one is refused before it is read. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const MAX_RAW_BYTES = 500 * 1024 * 1024;

/** The file store: `reports/runs/`, one folder per record, `record.json` in each. */
export class RunStore {
  readonly dir: string;

  constructor(reportsDir: string) {
    this.dir = join(reportsDir, 'runs');
  }

  /**
   * Reads every record's `record.json`; the raw columns beside it are read on demand.
   *
   * @throws BeltbenchError `bad_record` when the store itself cannot be read; a missing one is empty
   */
  async list(): Promise<StoreListing> {
    const records: AnyRecord[] = [];
    const problems: string[] = [];
    // One after the other: thousands at once would run out of file handles.
    for (const name of await this.names()) {
      const read = await this.readRecord(name);
      if (read.ok) {
        records.push(read.value);
      } else {
        problems.push(`${JSON.stringify(name)} is left out: ${read.problem}`);
      }
    }
    const sorted = records.toSorted(byStart);
    return {
      latency: sorted.filter((record) => record.schema === 'beltbench/latency'),
      evaluations: sorted.filter((record) => record.schema === 'beltbench/evaluation'),
      sweeps: sorted.filter((record) => record.schema === 'beltbench/sweep'),
      problems,
    };
  }

  async readSamples(record: LatencyRecord): Promise<LatencySamples> {
    return await this.readRaw(record, 'samples.json', (content) => check(latencySamplesSchema, content));
  }

  async readPredictions(record: EvaluationRecord): Promise<Predictions> {
    return await this.readRaw(record, 'predictions.json', (content) => check(predictionsSchema, content));
  }

  /** The audit of the images that an evaluation ran on. */
  async readDataset(record: EvaluationRecord): Promise<DatasetAudit> {
    return await this.readRaw(record, 'dataset.json', (content) => check(datasetAuditSchema, content));
  }

  /**
   * Saves a record with its raw files, all or nothing.
   *
   * @throws BeltbenchError `cannot_write` when the store is read-only, the disk full, or the record there already
   */
  async write(record: AnyRecord, raw: RawFiles = {}): Promise<void> {
    assertReadableAgain(record, raw);
    await writeRecordFolder(this.dir, record.record_id, { ...raw, 'record.json': record });
  }

  /** The folders that may hold a record, in the order of their names. */
  private async names(): Promise<string[]> {
    try {
      const entries = await readdir(this.dir, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map(({ name }) => name)
        .toSorted();
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') {
        return [];
      }
      throw new BeltbenchError(
        'bad_record',
        `${this.dir} cannot be read: ${reasonOf(thrown)}; name another folder in \`reports\``,
        { cause: thrown },
      );
    }
  }

  private async readRecord(name: string): Promise<Checked<AnyRecord>> {
    const content = await readJsonFile(join(this.dir, name, 'record.json'), MAX_RECORD_BYTES).catch(keepKnown);
    if (content instanceof BeltbenchError) {
      return { ok: false, problem: content.message };
    }
    if (content === undefined) {
      return { ok: false, problem: 'it holds no record.json; remove the folder' };
    }
    const read = parseRecord(content);
    return read.ok && read.value.record_id !== name
      ? {
          ok: false,
          problem: `it holds the record ${JSON.stringify(read.value.record_id)}; a copied folder must keep its name`,
        }
      : read;
  }

  private async readRaw<T>(
    record: AnyRecord,
    file: keyof RawFiles,
    parse: (content: unknown) => Checked<T>,
  ): Promise<T> {
    const path = join(recordPath(this.dir, record.record_id), file);
    const content = await readJsonFile(path, MAX_RAW_BYTES);
    if (content === undefined) {
      throw new BeltbenchError('bad_record', `${path} is missing; remove its folder and run again`);
    }
    const checked = parse(content);
    if (!checked.ok) {
      throw new BeltbenchError(
        'bad_record',
        `${path} is not as beltbench writes it: ${checked.problem}; remove its folder and run again`,
      );
    }
    return checked.value;
  }
}

/** What could not be read again is never written; it is a bug of ours, and throws as one. */
function assertReadableAgain(record: AnyRecord, raw: RawFiles): void {
  latencySamplesSchema.optional().parse(raw['samples.json']);
  predictionsSchema.optional().parse(raw['predictions.json']);
  datasetAuditSchema.optional().parse(raw['dataset.json']);
  const parsed = parseRecord(record);
  if (!parsed.ok) {
    throw new Error(`${record.record_id} would not be read again: ${parsed.problem}`);
  }
}

function keepKnown(thrown: unknown): BeltbenchError {
  if (thrown instanceof BeltbenchError) {
    return thrown;
  }
  throw thrown;
}

function byStart(a: AnyRecord, b: AnyRecord): number {
  return a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : a.record_id < b.record_id ? -1 : 1;
}
