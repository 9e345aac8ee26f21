import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BeltbenchError, codeOf, reasonOf } from '../shared/errors.ts';
import { writeSynced } from './atomicFile.ts';
import { cannotWrite } from './cannotWrite.ts';
import { removeLeftovers, temporaryName } from './leftovers.ts';
import { makeFolder } from './makeFolder.ts';
import { syncFolder } from './syncFolder.ts';

/** A record's files by name; each value is saved as JSON. */
export type RecordFiles = Readonly<Record<string, unknown>>;

/** Neither a path nor hidden, and short enough for every file system. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/**
 * Where a record lies. Its id may come from a file that somebody else wrote.
 *
 * @throws BeltbenchError `bad_record` when the id is no plain name, so that nothing outside `parent` is ever touched
 */
export function recordPath(parent: string, recordId: string): string {
  if (!SAFE_NAME.test(recordId)) {
    throw new BeltbenchError(
      'bad_record',
      `a record_id is 1 to 255 letters, digits, ".", "_" or "-", first a letter or digit, received ${JSON.stringify(recordId.slice(0, 300))}; remove that record`,
    );
  }
  return join(parent, recordId);
}

/**
 * Saves a record's files as one folder, all or nothing: they are written and fsynced in a temporary
 * folder beside it, which is then renamed.
 *
 * @param wayOut what helps where it cannot be written; see cannotWrite.ts
 * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or the name taken
 */
export async function writeRecordFolder(
  parent: string,
  recordId: string,
  files: RecordFiles,
  wayOut: string,
): Promise<void> {
  const path = recordPath(parent, recordId);
  const temporary = join(parent, temporaryName());
  try {
    await makeFolder(temporary);
    for (const [file, value] of Object.entries(files)) {
      await writeSynced(join(temporary, file), `${JSON.stringify(value, null, indentOf(file))}\n`);
    }
    await syncFolder(temporary);
    await moveTo(path, temporary);
    await syncFolder(parent);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(path, thrown, wayOut);
  }
  await removeLeftovers(parent);
}

/**
 * Removes a folder of a store, all or nothing for whoever reads it: it gets a temporary name first, under
 * which the next writer removes what a killed remover left.
 *
 * @param parent the store
 * @param path the folder, anywhere below it
 * @throws BeltbenchError `cannot_write` when it cannot be renamed; it is then still whole
 */
export async function discardFolder(parent: string, path: string): Promise<void> {
  const temporary = join(parent, temporaryName());
  try {
    await rename(path, temporary);
  } catch (thrown) {
    throw new BeltbenchError(
      'cannot_write',
      `${path} cannot be removed: ${reasonOf(thrown)}; allow writing to ${parent} and run again`,
      { cause: thrown },
    );
  }
  await rm(temporary, { recursive: true, force: true });
}

/** `record.json` is for people too; the raw columns are not, and would double in size. */
function indentOf(file: string): number {
  return file === 'record.json' ? 2 : 0;
}

/** A rename onto a folder that holds files fails, so that a record is never overwritten. */
async function moveTo(path: string, temporary: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (thrown) {
    const isTaken = ['ENOTEMPTY', 'EEXIST'].includes(String(codeOf(thrown)));
    throw isTaken ? new Error('a record of that name is there already', { cause: thrown }) : thrown;
  }
}
