import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/** A record's files by name; each value is saved as JSON. */
export type RecordFiles = Readonly<Record<string, unknown>>;

/** Above any real record; a larger file is refused before it is read. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/**
 * Saves a record's files as one folder, all or nothing: they are written and fsynced in a temporary
 * folder beside it, which is then renamed.
 *
 * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or the name taken
 */
export async function writeRecordFolder(parent: string, name: string, files: RecordFiles): Promise<void> {
  const temporary = join(parent, `.tmp-${name}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(temporary, { recursive: true });
    for (const [file, value] of Object.entries(files)) {
      await writeSynced(join(temporary, file), `${JSON.stringify(value, null, indentOf(file))}\n`);
    }
    await rename(temporary, join(parent, name));
    await syncFolder(parent);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw cannotWrite(join(parent, name), thrown);
  }
}

/** `record.json` is for people too; the raw columns are not, and would double in size. */
function indentOf(file: string): number {
  return file === 'record.json' ? 2 : 0;
}

export function cannotWrite(path: string, thrown: unknown): BeltbenchError {
  return new BeltbenchError(
    'cannot_write',
    `${path} cannot be written: ${reasonOf(thrown)}; nothing half-written is left: free the disk or name another folder in \`reports\`, and run again`,
    { cause: thrown },
  );
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut; not every system can, and then it is the best there is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** A stored JSON file's content; `undefined` where there is no such file. */
export async function readJson(path: string): Promise<unknown> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    return undefined;
  }
  if (info.size > MAX_FILE_BYTES) {
    throw new BeltbenchError(
      'bad_record',
      `${path} has ${info.size} bytes, and at most ${MAX_FILE_BYTES} are read; move it out of the store`,
    );
  }
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is not valid JSON: ${reasonOf(thrown)}; remove its folder and measure again`,
    );
  }
}
