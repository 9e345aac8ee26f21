import { dirname } from 'node:path';
import { writeAtomic } from './atomicFile.ts';
import { cannotWrite } from './cannotWrite.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * Writes a text as UTF-8, with the folders it needs: the file appears whole or not at all, and one
 * that stood there before stays as it was until that moment.
 *
 * @param wayOut what helps where it cannot be written; see cannotWrite.ts
 * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or a file in the way
 */
export async function writeTextFile(path: string, text: string, wayOut: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeAtomic(path, text);
  } catch (thrown) {
    throw cannotWrite(path, thrown, wayOut);
  }
}
