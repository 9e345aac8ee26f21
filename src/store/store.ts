import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../config/problems.ts';
import { datasetAuditSchema, type DatasetAudit } from '../records/dataset.ts';
import { latencySamplesSchema, type LatencyRecord, type LatencySamples } from '../records/latency.ts';
import { predictionsSchema, type EvaluationRecord, type Predictions } from '../records/predictions.ts';
import type { SweepRecord } from '../records/sweep.ts';
import { asKnown, BeltbenchError, codeOf, reasonOf } from '../shared/errors.ts';
import { IN_REPORTS } from './cannotWrite.ts';
import { readJsonFile, readJsonFileSync } from './jsonFile.ts';
import { parseRecord, recordRules, type AnyRecord, type Checked } from './parseRecord.ts';
import { recordPath, writeRecordFolder } from './recordFolder.ts';
import { readIndex, stampOf, writeIndex } from './recordIndex.ts';

/** Every record of the store, newest last, and what could not be read. */
export interface StoreListing {
  readonly latency: readonly LatencyRecord[];
  readonly evaluations: readonly EvaluationRecord[];
  readonly sweeps: readonly SweepRecord[];
  /** One line per folder that holds no valid record; it is left out, and said. */
  readonly problems: readonly string[];
}

/** A folder of the store that holds no valid record. */
export interface UnreadableFolder {
  readonly name: string;
  /** One line: why it is none, and the way out. */
  readonly problem: string;
  /** Whether the record is broken for good: missing, or no JSON. Else it may be sound but for one field, or another beltbench's. */
  readonly damaged: boolean;
}

/** What lies beside `record.json`: columns and audits, read only when they are needed. */
export interface RawFiles {
  readonly 'samples.json'?: LatencySamples;
  readonly 'predictions.json'?: Predictions;
  readonly 'dataset.json'?: DatasetAudit;
}

export const RAW_FILE_NAMES: readonly string[] = [
  'samples.json',
  'predictions.json',
  'dataset.json',
] satisfies (keyof RawFiles)[];

/** Beside the records, hidden. */
const INDEX = '.index';
/** Fewer records are read as fast as an index of them. */
const WORTH_AN_INDEX = 500;
/** The share of records that the index may lack before it is written anew. */
const WORTH_WRITING = 0.02;
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
    const { records, unreadable } = await this.scan();
    return {
      latency: records.filter((record) => record.schema === 'beltbench/latency'),
      evaluations: records.filter((record) => record.schema === 'beltbench/evaluation'),
      sweeps: records.filter((record) => record.schema === 'beltbench/sweep'),
      problems: unreadable.map(({ name, problem }) => `${JSON.stringify(name)} is left out: ${problem}`),
    };
  }

  /** As `list`, with all kinds of records in one list, newest last, and the unreadable folders by name. */
  async scan(): Promise<{ records: readonly AnyRecord[]; unreadable: readonly UnreadableFolder[] }> {
    const names = await this.names();
    if (names.length < WORTH_AN_INDEX) {
      const { records, unreadable } = this.readFolders(names);
      return { records: records.toSorted(byStart), unreadable };
    }
    const path = join(this.dir, INDEX);
    const index = readIndex(path, recordRules());
    const stamped = names.map((name) => ({ name, stamp: stampOf(join(this.dir, name, 'record.json')) }));
    const known = stamped.flatMap(({ name, stamp }) => {
      const entry = index.get(name);
      return entry !== undefined && entry.stamp === stamp ? [entry] : [];
    });
    const isKnown = new Set(known.map(({ name }) => name));
    const { records, unreadable } = this.readFolders(names.filter((name) => !isKnown.has(name)));
    const stamps = new Map(stamped.map(({ name, stamp }) => [name, stamp]));
    const added = records.flatMap((record) => {
      const stamp = stamps.get(record.record_id);
      return stamp === undefined ? [] : [{ name: record.record_id, stamp, record }];
    });
    if (added.length > names.length * WORTH_WRITING) {
      await writeIndex(path, recordRules(), [...known, ...added]);
    }
    return { records: [...known.map(({ record }) => record), ...records].toSorted(byStart), unreadable };
  }

  private readFolders(names: readonly string[]): { records: AnyRecord[]; unreadable: UnreadableFolder[] } {
    const records: AnyRecord[] = [];
    const unreadable: UnreadableFolder[] = [];
    for (const name of names) {
      // Synchronously: awaiting thousands of small files takes twice as long as reading and validating them.
      const read = this.readFolder(name);
      if (read !== undefined && 'problem' in read) {
        unreadable.push(read);
      } else if (read !== undefined) {
        records.push(read);
      }
    }
    return { records, unreadable };
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
    await writeRecordFolder(this.dir, record.record_id, { ...raw, 'record.json': record }, IN_REPORTS);
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
      if (codeOf(thrown) === 'ENOENT') {
        return [];
      }
      throw new BeltbenchError(
        'bad_record',
        `${this.dir} cannot be read: ${reasonOf(thrown)}; name another folder in \`reports\``,
        { cause: thrown },
      );
    }
  }

  /** `undefined`: it was removed meanwhile, by `runs gc` in another process. */
  private readFolder(name: string): AnyRecord | UnreadableFolder | undefined {
    let content: unknown;
    try {
      content = readJsonFileSync(join(this.dir, name, 'record.json'), MAX_RECORD_BYTES);
    } catch (thrown) {
      const { message, cause } = asKnown(thrown);
      return { name, problem: message, damaged: cause instanceof SyntaxError };
    }
    if (content === undefined) {
      return existsSync(join(this.dir, name))
        ? { name, problem: 'it holds no record.json; move it out of the store, or remove it', damaged: true }
        : undefined;
    }
    const read = parseRecord(content);
    if (!read.ok) {
      return { name, problem: read.problem, damaged: false };
    }
    const { record_id: id } = read.value;
    return id === name
      ? read.value
      : {
          name,
          problem: `it holds the record ${JSON.stringify(id)}; a copied folder must keep its name`,
          damaged: false,
        };
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

function byStart(a: AnyRecord, b: AnyRecord): number {
  return a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : a.record_id < b.record_id ? -1 : 1;
}
