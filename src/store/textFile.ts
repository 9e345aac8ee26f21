import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { makeFolder } from './makeFolder.ts';
import { cannotWrite } from './recordFolder.ts';

/**
 * Writes a text as UTF-8, with the folders it needs: the file appears whole or not at all, and one
 * that stood there before stays as it was until that moment.
 *
 * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or a file in the way
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFileAtomic(path, text);
  } catch (thrown) {
    throw cannotWrite(path, thrown);
  }
}
