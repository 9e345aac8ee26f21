import { contentHashOf } from './contentHash.ts';
import { dataFingerprint, type FingerprintEntry } from './fingerprint.ts';
import { openRoot } from './folders.ts';
import { listSplit, type ClassFolders } from './listImages.ts';
import { prefetch } from './prefetch.ts';
import { readImage } from './readImage.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** Files read at once; each may be up to 64 MB. */
const READ_DEPTH = 8;

/**
 * The fingerprint that `auditDataset` gives a split, and how many images it is of, without looking
 * into the images or at other splits.
 *
 * @param onProgress called after each file with how many are read, of how many
 * @throws BeltbenchError `bad_dataset` when the split cannot be listed (see `listSplit`)
 */
export async function splitFingerprint(
  root: string,
  split: string,
  classes: ClassFolders,
  onProgress?: (done: number, total: number) => void,
): Promise<{ fingerprint: string; images: number }> {
  const { images } = await listSplit(await openRoot(root), split, classes);
  const entries: FingerprintEntry[] = [];
  for await (const loaded of prefetch(images, async ({ path }) => contentHashOf(await readImage(path)), READ_DEPTH)) {
    if (!loaded.ok && !(loaded.error instanceof UnreadableImage)) {
      throw loaded.error;
    }
    entries.push({ ...loaded.item, contentHash: loaded.ok ? loaded.value : undefined });
    onProgress?.(entries.length, images.length);
  }
  return { fingerprint: dataFingerprint(entries), images: images.length };
}
