import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../config/problems.ts';
import { predictionsSchema, type Predictions } from '../records/predictions.ts';
import { trialRecordSchema, type TrialRecord } from '../records/quantizationTrial.ts';
import { AT_OUT } from './cannotWrite.ts';
import { hashOf } from './hash.ts';
import { readJsonFile } from './jsonFile.ts';
import { removeLeftovers } from './leftovers.ts';
import { writeRecordFolder } from './recordFolder.ts';

const MAX_RECORD_BYTES = 64 * 1024 * 1024;
const MAX_PREDICTIONS_BYTES = 500 * 1024 * 1024;

/** A trial, or the float model's evaluation, with the answers to every image. */
export interface StoredTrial {
  readonly record: TrialRecord;
  /** `undefined` where the recipe made no file that answers. */
  readonly predictions: Predictions | undefined;
}

/**
 * The trials of a search, a folder each: `record.json` and `predictions.json`. What cannot be read is
 * no trial; it is made again.
 */
export class TrialStore {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The newest trial of this key. */
  async find(key: string): Promise<StoredTrial | undefined> {
    const names = (await readdir(this.dir).catch(() => [])).filter((name) => name.startsWith(nameStart(key)));
    for (const name of names.toSorted().toReversed()) {
      const stored = await this.read(name);
      if (stored?.record.trial_key === key) {
        return stored;
      }
    }
    return undefined;
  }

  /** @throws BeltbenchError `cannot_write` when the folder is read-only or the disk full */
  async write({ record, predictions }: StoredTrial): Promise<void> {
    trialRecordSchema.parse(record);
    predictionsSchema.optional().parse(predictions);
    const files = { ...(predictions !== undefined && { 'predictions.json': predictions }), 'record.json': record };
    await writeRecordFolder(this.dir, record.record_id, files, AT_OUT);
  }

  /** Removes what a killed search was writing. */
  async tidy(): Promise<void> {
    await removeLeftovers(this.dir);
  }

  private async read(name: string): Promise<StoredTrial | undefined> {
    const read = async (file: string, maxBytes: number): Promise<unknown> =>
      await readJsonFile(join(this.dir, name, file), maxBytes).catch(() => undefined);
    const record = check(trialRecordSchema, await read('record.json', MAX_RECORD_BYTES));
    if (!record.ok) {
      return undefined;
    }
    const predictions = check(predictionsSchema, await read('predictions.json', MAX_PREDICTIONS_BYTES));
    const isWhole = predictions.ok || record.value.status === 'failed';
    return isWhole ? { record: record.value, predictions: predictions.ok ? predictions.value : undefined } : undefined;
  }
}

/** The key of a trial, over everything that can change what it comes to. */
export function trialKeyOf(parts: TrialRecord['key_parts']): string {
  return hashOf(parts);
}

/** A trial's folder: which one, and when. */
export function trialId(key: string, startedAt: string): string {
  return `${nameStart(key)}${startedAt.replaceAll(/[-:.]/g, '')}`;
}

function nameStart(key: string): string {
  return `trial-${key.slice(0, 16)}-`;
}
