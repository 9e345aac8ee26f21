import { dirname } from 'node:path';
import { writeTogether } from './atomicFile.ts';
import { cannotWrite } from './cannotWrite.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * Writes a text as UTF-8, with the folders it needs: the file appears whole or not at all, and one
 * that stood there before stays as it was until that moment.
 *
 * @param wayOut what helps where it cannot be written; see cannotWrite.ts
 * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or something in the way
 */
export async function writeTextFile(path: string, text: string, wayOut: string): Promise<void> {
  await writeTextFiles([[path, text]], wayOut);
}

/** The same for texts that belong together, such as a decision for people and for machines: all are new, or none. */
export async function writeTextFiles(
  files: readonly (readonly [path: string, text: string])[],
  wayOut: string,
): Promise<void> {
  try {
    for (const [path] of files) {
      await makeFolder(dirname(path));
    }
    await writeTogether(files);
  } catch (thrown) {
    throw cannotWrite(files.map(([path]) => path).join(' and '), thrown, wayOut);
  }
}
