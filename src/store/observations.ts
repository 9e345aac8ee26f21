import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { observationOf, type Observation, type Tracked } from '../records/observation.ts';
import { BeltbenchError, codeOf, reasonOf } from '../shared/errors.ts';
import { ObservationFold } from './observationFold.ts';
import { readSealed, writeSealed } from './sealedFile.ts';
import { syncFolder } from './syncFolder.ts';

/** What the log says, and how many of its lines were no whole record. */
export interface ReadObservations {
  readonly tracked: readonly Tracked[];
  readonly damaged: number;
}

/** Names are bounded, so every record is far shorter; a longer line is none of ours. */
const MAX_LINE_BYTES = 4096;
const CHUNK_BYTES = 1024 * 1024;
/** A summary is written once so much of the log stands behind it: some 1,500 records. */
const SUMMARISE_AFTER_BYTES = 256 * 1024;
const MAX_SUMMARY_BYTES = 64 * 1024 * 1024;
/** So much of the log, some 200,000 records, is hashed in the time that a line's controller can wait. */
const HASHED_ALWAYS_BYTES = 32 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;
/** Of the summary, and of what is counted in it. */
const VERSION = 2;
// A pipe in the log's place must not keep the line's controller waiting.
const TO_READ = constants.O_RDONLY | constants.O_NONBLOCK;
const TO_APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const NEWLINE = 0x0a;

/** What the first `bytes` bytes of the log come to. */
interface Summary {
  readonly version: number;
  readonly bytes: number;
  /** Of the log: an editor that writes a new file makes another one. */
  readonly inode: number;
  /** Hashes of them all and of the last of them: a line that was changed by hand makes it another log. */
  readonly hash: string | undefined;
  readonly tail: string | undefined;
  readonly damaged: number;
  readonly tracked: readonly Tracked[];
}

/**
 * The observations and the workers' feedback of one plan, beside it: `observations.jsonl`, which only
 * grows, and `observations.jsonl.summary`, a cache of what its beginning comes to.
 *
 * A record is one write(2) to a file opened with O_APPEND, which local file systems do one after the
 * other: any number of processes append at once and none loses a record. Each begins a line of its
 * own, so that one torn by a full disk or a power cut spoils itself only. A killed process loses
 * nothing that `append` has returned for; a power cut may, unless it was asked to be durable.
 */
export class ObservationLog {
  readonly path: string;
  private readonly summaryPath: string;
  private readonly hashedAlwaysBytes: number;
  /** How much of the log the summary is known to cover. */
  private summarised = 0;

  /** @param hashedAlwaysBytes a summary of more than these is held against the whole log only when it is due to be written anew */
  constructor(planPath: string, hashedAlwaysBytes = HASHED_ALWAYS_BYTES) {
    this.hashedAlwaysBytes = hashedAlwaysBytes;
    this.path = join(dirname(planPath), 'observations.jsonl');
    this.summaryPath = join(dirname(planPath), 'observations.jsonl.summary');
  }

  /**
   * Appends one record.
   *
   * @param durable wait until the disk has it
   * @throws BeltbenchError `cannot_write` when the folder is read-only or the disk full; the log stays readable
   */
  async append(observation: Observation, durable = false): Promise<void> {
    const line = Buffer.from(`\n${JSON.stringify(observation)}\n`);
    if (observationOf(observation) === undefined || line.length > MAX_LINE_BYTES) {
      throw new Error(`an observation that would not be read again: ${line.toString().trim()}`);
    }
    const size = await this.write(line, durable);
    if (size - this.summarised > SUMMARISE_AFTER_BYTES) {
      // The record stands, whatever becomes of the summary.
      await this.read().catch(() => undefined);
    }
  }

  /**
   * Everything in the log so far. What its summary covers is not read again; where much has come
   * since, the summary is written anew.
   *
   * @throws BeltbenchError `bad_record` when the log cannot be read; a missing one is empty
   */
  async read(): Promise<ReadObservations> {
    const file = await this.open();
    if (file === undefined) {
      return { tracked: [], damaged: 0 };
    }
    try {
      const { fold, from } = await this.start(file);
      const bytes = await foldFrom(file, from, fold);
      this.summarised = from;
      if (bytes - from > SUMMARISE_AFTER_BYTES) {
        await this.summarise(file, bytes, fold);
      }
      return { tracked: fold.tracked, damaged: fold.damaged };
    } finally {
      await file.close();
    }
  }

  private async open(): Promise<FileHandle | undefined> {
    try {
      const file = await open(this.path, TO_READ);
      if ((await file.stat()).isFile()) {
        return file;
      }
      await file.close();
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') {
        return undefined;
      }
      throw new BeltbenchError('bad_record', `${this.path} cannot be read: ${reasonOf(thrown)}; make it readable`, {
        cause: thrown,
      });
    }
    throw new BeltbenchError('bad_record', `${this.path} is not a file; move it away`);
  }

  /** @returns the log's size afterwards */
  private async write(line: Buffer, durable: boolean): Promise<number> {
    const file = await open(this.path, TO_APPEND).catch((thrown: unknown) => {
      throw this.cannotWrite(thrown);
    });
    try {
      const { bytesWritten } = await file.write(line).catch((thrown: unknown) => {
        throw this.cannotWrite(thrown);
      });
      if (bytesWritten < line.length) {
        throw this.cannotWrite(new Error(`only ${bytesWritten} of ${line.length} bytes fitted`));
      }
      if (durable) {
        await file.datasync().catch((thrown: unknown) => {
          throw this.notConfirmed(thrown);
        });
        await syncFolder(dirname(this.path));
      }
      return await file.stat().then(
        ({ size }) => size,
        () => 0,
      );
    } finally {
      await file.close();
    }
  }

  private cannotWrite(cause: unknown): BeltbenchError {
    const message = `${this.path} cannot be written: ${reasonOf(cause)}; free the disk or name another --plan, and report it again`;
    return new BeltbenchError('cannot_write', message, { cause });
  }

  private notConfirmed(cause: unknown): BeltbenchError {
    const message = `${this.path} has the record, but the disk did not confirm it: ${reasonOf(cause)}; check the disk, and do not report it again, or it counts twice`;
    return new BeltbenchError('cannot_write', message, { cause });
  }

  /** Where to go on from: behind the summary, if it is of this log, or else at its beginning. */
  private async start(file: FileHandle): Promise<{ fold: ObservationFold; from: number }> {
    // The seal says that we wrote it.
    const summary = (await readSealed(this.summaryPath, MAX_SUMMARY_BYTES)) as Summary | undefined;
    return summary?.version === VERSION && (await this.isOf(file, summary))
      ? { fold: new ObservationFold(summary.tracked, summary.damaged), from: summary.bytes }
      : { fold: new ObservationFold(), from: 0 };
  }

  private async isOf(file: FileHandle, { bytes, inode, hash, tail }: Summary): Promise<boolean> {
    const { ino, size } = await file.stat();
    const mustHashAll = bytes <= this.hashedAlwaysBytes || ino !== inode || size - bytes > SUMMARISE_AFTER_BYTES;
    return mustHashAll
      ? hash === (await hashOf(file, 0, bytes))
      : tail === (await hashOf(file, Math.max(0, bytes - TAIL_BYTES), bytes));
  }

  /** Of two writers at once the last one wins, and either is right. */
  private async summarise(file: FileHandle, bytes: number, { damaged, tracked }: ObservationFold): Promise<void> {
    const summary: Summary = {
      version: VERSION,
      bytes,
      inode: (await file.stat()).ino,
      hash: await hashOf(file, 0, bytes),
      tail: await hashOf(file, Math.max(0, bytes - TAIL_BYTES), bytes),
      damaged,
      tracked,
    };
    if (await writeSealed(this.summaryPath, summary)) {
      this.summarised = bytes;
    }
  }
}

/** A hash of the bytes from one offset to another; `undefined` where the log is shorter. */
async function hashOf(file: FileHandle, from: number, to: number): Promise<string | undefined> {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let position = from;
  while (position < to) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, to - position), position);
    if (bytesRead === 0) {
      return undefined;
    }
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

/**
 * Adds every whole line from an offset on. A last line without its end is not whole yet.
 *
 * @returns the offset behind the last whole line
 */
async function foldFrom(file: FileHandle, from: number, fold: ObservationFold): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let whole = from;
  let position = from;
  // The line that the last chunk broke off; of one that is too long only so much is kept as tells that it is.
  let begun = Buffer.alloc(0);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) {
      return whole;
    }
    const bytes = chunk.subarray(0, bytesRead);
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE, at); end !== -1; end = bytes.indexOf(NEWLINE, at)) {
      const line = begun.length === 0 ? bytes.subarray(at, end) : Buffer.concat([begun, bytes.subarray(at, end)]);
      fold.addLine(line.length > MAX_LINE_BYTES ? 'too long' : line.toString('utf8'));
      begun = Buffer.alloc(0);
      at = end + 1;
      whole = position + at;
    }
    const rest = bytes.subarray(at);
    begun = Buffer.concat([begun, rest.subarray(0, MAX_LINE_BYTES + 1)]).subarray(0, MAX_LINE_BYTES + 1);
    position += bytesRead;
  }
}
