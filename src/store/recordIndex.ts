import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { writeAtomic } from './atomicFile.ts';
import type { AnyRecord } from './parseRecord.ts';

/** A file at one moment: any change of it, also one that keeps its size and sets its time back, changes this. */
export type FileStamp = string & { readonly brand: 'FileStamp' };

/** A record as its file, with that stamp, was read and validated. */
export interface IndexedRecord {
  readonly name: string;
  readonly stamp: FileStamp;
  readonly record: AnyRecord;
}

/** Raise it when `parseRecord` makes something else of a file than before. */
const FORMAT = 1;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
/** Within this time a file system may give a second change the stamp of the first. */
const SETTLED_MS = 2000;

/**
 * The stamp of a file; `undefined` where there is none, or it changed so lately that its stamp proves
 * nothing. The time of its inode counts too, which no program can set.
 */
export function stampOf(path: string): FileStamp | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return Date.now() - Math.max(mtimeMs, ctimeMs) > SETTLED_MS
      ? (`${ino} ${size} ${mtimeMs} ${ctimeMs}` as FileStamp)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the index of a store: an accelerator, never more. A record of it stands for its file only while
 * the file has the stamp that it had when it was read.
 *
 * @param rules what records are validated by; an index made by others is as good as none
 * @returns by folder; empty where there is no index, or a damaged one
 */
export function readIndex(path: string, rules: string): ReadonlyMap<string, IndexedRecord> {
  try {
    if (!isReadable(path)) {
      return new Map();
    }
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    const packed = text.slice(end + 1);
    // The hash first: what was damaged on the disk may still be JSON.
    return text.slice(0, end) === headerOf(packed, rules) ? unpack(JSON.parse(packed)) : new Map();
  } catch {
    return new Map();
  }
}

/** Saves an index, whole or not at all. Where it cannot be, the store works without. */
export async function writeIndex(path: string, rules: string, entries: readonly IndexedRecord[]): Promise<void> {
  const packed = JSON.stringify(pack(entries));
  await writeAtomic(path, `${headerOf(packed, rules)}\n${packed}`).catch(() => undefined);
}

function isReadable(path: string): boolean {
  const info = statSync(path);
  return info.isFile() && info.size <= MAX_INDEX_BYTES;
}

function headerOf(packed: string, rules: string): string {
  return `beltbench/record-index ${FORMAT} ${sha256(rules)} ${sha256(packed)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Thousands of records repeat the same keys, models, hosts and settings. Each of these objects stands
 * here once, as `shared`, and the records of one form name their keys once, so that an index is read in
 * a fraction of the time that its records take.
 */
interface Packed {
  readonly shared: readonly unknown[];
  /** The keys of a record in their order, and whether the value is an index into `shared`. */
  readonly forms: readonly (readonly (readonly [key: string, isShared: boolean])[])[];
  readonly rows: readonly (readonly [name: string, stamp: FileStamp, form: number, ...values: unknown[]])[];
}

/** How many values of a row come before those of its record. */
const HEAD = 3;

function pack(entries: readonly IndexedRecord[]): Packed {
  const shared = new Interned();
  const forms = new Interned();
  const rows = entries.map(({ name, stamp, record }) => {
    const fields = Object.entries(record).map(([key, value]) => ({
      key,
      value: value as unknown,
      isShared: typeof value === 'object' && value !== null,
    }));
    const form = forms.indexOf(fields.map(({ key, isShared }) => [key, isShared]));
    const values = fields.map(({ value, isShared }) => (isShared ? shared.indexOf(value) : value));
    return [name, stamp, form, ...values] as const;
  });
  return { shared: shared.values, forms: forms.values as Packed['forms'], rows };
}

function unpack({ shared, forms, rows }: Packed): ReadonlyMap<string, IndexedRecord> {
  const entries = new Map<string, IndexedRecord>();
  for (const row of rows) {
    const [name, stamp, form] = row;
    const record: Record<string, unknown> = {};
    for (const [index, [key, isShared]] of (forms[form] ?? []).entries()) {
      const value = row[index + HEAD];
      record[key] = isShared ? shared[Number(value)] : value;
    }
    // It was validated before it was packed; the header's hashes say that both are still the same.
    entries.set(name, { name, stamp, record: record as unknown as AnyRecord });
  }
  return entries;
}

/** Values, each kept once, by their JSON. */
class Interned {
  readonly values: unknown[] = [];
  private readonly indexes = new Map<string, number>();

  indexOf(value: unknown): number {
    const text = JSON.stringify(value);
    const known = this.indexes.get(text);
    if (known !== undefined) {
      return known;
    }
    this.indexes.set(text, this.values.length);
    return this.values.push(value) - 1;
  }
}
