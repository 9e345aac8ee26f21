import type { Stats } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeLeftovers, temporaryName } from './leftovers.ts';

/**
 * Writes a file whole or not at all: one that stood there before stays as it was until that moment, and
 * the new one has its owner and its rights. A link is written through. What a kill leaves, the next
 * writer in that folder removes.
 *
 * @throws the file system's error
 */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await writeTogether([[path, content]]);
}

/**
 * The same for files that belong together: all are on the disk before the first takes its place, so
 * that no new one stands beside an old one for want of room.
 *
 * @throws the file system's error
 */
export async function writeTogether(
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): Promise<void> {
  const staged: { readonly place: string; readonly temporary: string }[] = [];
  try {
    for (const [path, content] of files) {
      const place = await realpath(path).catch(() => path);
      const folder = dirname(place);
      const temporary = join(folder, temporaryName());
      const before = await stat(place).catch(() => undefined);
      if (before?.isDirectory() === true) {
        throw new Error('a folder stands there');
      }
      await removeLeftovers(folder);
      staged.push({ place, temporary });
      await writeSynced(temporary, content, before);
    }
    for (const { place, temporary } of staged) {
      await rename(temporary, place);
    }
  } catch (thrown) {
    await Promise.all(staged.map(async ({ temporary }) => await rm(temporary, { force: true }).catch(() => undefined)));
    throw thrown;
  }
}

/**
 * Writes a new file and waits until the disk has it.
 *
 * @param like whose owner and rights it gets
 * @throws the file system's error, also where there is a file already
 */
export async function writeSynced(path: string, content: string | Uint8Array, like?: Stats): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (like !== undefined) {
      // Best effort, and before the content: not everybody may give a file away, nor every system know rights.
      await file.chown(like.uid, like.gid).catch(() => undefined);
      await file.chmod(like.mode & 0o777).catch(() => undefined);
    }
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
