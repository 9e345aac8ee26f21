import { createHash } from 'node:crypto';
import { decodeImage } from '../datasets/decode.ts';
import { readImage } from '../datasets/readImage.ts';
import { UnreadableImage } from '../datasets/unreadableImage.ts';
import type { LatencyRecord } from '../records/latency.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { mulberry32, shuffle } from '../stats/prng.ts';

/** Enough different images that no cache or branch predictor learns them, few enough to stay in memory. */
const INPUT_COUNT = 32;

/** An image that may be fed to a model under measurement. */
export interface InputImage {
  readonly path: string;
  readonly contentHash: string;
}

/**
 * Picks the images that are fed in rotation: the same for every candidate, by the study's seed. An
 * audit reads headers only, so each is decoded here, and the next one takes a broken one's place.
 *
 * @throws BeltbenchError `bad_dataset` when no image can be decoded
 */
export async function pickInputs(
  images: readonly InputImage[],
  seed: number,
): Promise<{ paths: string[]; sha256: string }> {
  const picked: InputImage[] = [];
  for (const image of shuffle(images, mulberry32(seed))) {
    if (picked.length === INPUT_COUNT) {
      break;
    }
    if (await canBeDecoded(image.path)) {
      picked.push(image);
    }
  }
  if (picked.length === 0) {
    throw new BeltbenchError(
      'bad_dataset',
      `a measurement needs at least one image to feed, and none of ${images.length} can be decoded; repair the images or name another split`,
    );
  }
  const hash = createHash('sha256');
  for (const { contentHash } of picked) {
    hash.update(`${contentHash}\n`);
  }
  return { paths: picked.map(({ path }) => path), sha256: hash.digest('hex') };
}

async function canBeDecoded(path: string): Promise<boolean> {
  try {
    await decodeImage(await readImage(path), path);
    return true;
  } catch (thrown) {
    if (thrown instanceof UnreadableImage) {
      return false;
    }
    throw thrown;
  }
}

/** One turn of a candidate: which round, which batch size, how many samples. */
export interface PlannedRound {
  readonly round: number;
  readonly batchSize: number;
  readonly iterations: number;
}

/** Every turn that a measurement of these settings takes. */
export function planRounds({
  batch_sizes: batchSizes,
  iterations,
  rounds,
}: Pick<LatencyRecord['settings'], 'batch_sizes' | 'iterations' | 'rounds'>): PlannedRound[] {
  return spreadIterations(iterations, rounds).flatMap((share, index) =>
    batchSizes.map((batchSize) => ({ round: index + 1, batchSize, iterations: share })),
  );
}

/**
 * The iterations of each round, as equal as whole numbers allow; their sum is `iterations`. With
 * fewer iterations than rounds there are fewer rounds, because a round has at least one sample.
 */
export function spreadIterations(iterations: number, rounds: number): number[] {
  const spread = Math.min(iterations, rounds);
  return Array.from({ length: spread }, (_, index) => {
    const until = Math.floor(((index + 1) * iterations) / spread);
    return until - Math.floor((index * iterations) / spread);
  });
}
