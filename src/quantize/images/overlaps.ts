import { contentHashOf } from '../../datasets/contentHash.ts';
import { prefetch } from '../../datasets/prefetch.ts';
import { readImage } from '../../datasets/readImage.ts';
import { UnreadableImage } from '../../datasets/unreadableImage.ts';
import type { EvaluationImage } from './evaluationImages.ts';

/** Files read at once; each may be up to 64 MB. */
const READ_DEPTH = 8;

interface File {
  readonly path: string;
  readonly bytes: number;
}

/** A calibration image that models are judged on, too. */
export interface Overlap {
  readonly contentHash: string;
  /** Ids of the images with the same bytes. */
  readonly alsoAt: readonly string[];
}

/**
 * Which of `files` also stand among the images that models are judged on, byte for byte. Only files
 * of a length that occurs on both sides are read.
 *
 * @returns by path
 */
export async function findOverlaps(
  files: readonly File[],
  judged: readonly EvaluationImage[],
): Promise<Map<string, Overlap>> {
  const lengths = new Set(files.map(({ bytes }) => bytes));
  const candidates = judged.filter(({ bytes }) => lengths.has(bytes));
  const idsByHash = new Map<string, string[]>();
  for await (const { item, hash } of hashAll(candidates)) {
    idsByHash.set(hash, [...(idsByHash.get(hash) ?? []), item.id]);
  }
  const shared = new Set(candidates.map(({ bytes }) => bytes));
  const overlaps = new Map<string, Overlap>();
  for await (const { item, hash } of hashAll(files.filter(({ bytes }) => shared.has(bytes)))) {
    const alsoAt = idsByHash.get(hash);
    if (alsoAt !== undefined) {
      overlaps.set(item.path, { contentHash: hash, alsoAt });
    }
  }
  return overlaps;
}

/** What cannot be read is no image that anything is judged on or calibrated with. */
async function* hashAll<T extends File>(files: readonly T[]): AsyncGenerator<{ item: T; hash: string }> {
  for await (const read of prefetch(files, async ({ path }) => contentHashOf(await readImage(path)), READ_DEPTH)) {
    if (read.ok) {
      yield { item: read.item, hash: read.value };
    } else if (!(read.error instanceof UnreadableImage)) {
      throw read.error;
    }
  }
}
