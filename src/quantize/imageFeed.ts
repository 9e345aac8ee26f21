import type { Preprocessing, Size } from '../config/preprocessing.ts';
import { prefetch } from '../datasets/prefetch.ts';
import { startPreprocessThread } from '../datasets/preprocessThread.ts';
import { UnreadableImage } from '../datasets/unreadableImage.ts';
import { BeltbenchError } from '../shared/errors.ts';
import type { CalibrationImage } from './job.ts';

/** Images ready ahead of the model; another thread prepares them while the model runs. */
const PREFETCH_DEPTH = 4;

/** Which images a model is to see, and how they become its input. */
export interface ImageSource {
  readonly images: readonly CalibrationImage[];
  readonly preprocessing: Preprocessing;
  readonly inputSize: Size;
}

/** An image that was listed and could not be used. */
export interface LeftOutImage {
  readonly path: string;
  readonly reason: string;
}

export type FedImage =
  | { readonly ok: true; readonly path: string; readonly tensor: Float32Array }
  | { readonly ok: false; readonly leftOut: LeftOutImage };

/**
 * Yields the images in order as tensors of 3 x height x width, one that cannot be read in its place.
 *
 * @throws BeltbenchError `bad_dataset` for an image that is no longer the listed one, and whatever
 *   a card that suits none of the images throws
 */
export async function* feedImages({ images, preprocessing, inputSize }: ImageSource): AsyncGenerator<FedImage> {
  const thread = startPreprocessThread({ spec: preprocessing, size: inputSize });
  try {
    for await (const loaded of prefetch(images, ({ path }) => thread.load(path), PREFETCH_DEPTH)) {
      const { path, contentHash } = loaded.item;
      if (loaded.ok) {
        assertListed(path, contentHash, loaded.value.contentHash);
        yield { ok: true, path, tensor: loaded.value.tensor };
      } else if (loaded.error instanceof UnreadableImage) {
        yield { ok: false, leftOut: { path, reason: loaded.error.message } };
      } else {
        throw loaded.error;
      }
    }
  } finally {
    await thread.close();
  }
}

/** The manifest names images by their hash, so it must be these bytes that were seen. */
function assertListed(path: string, listed: string, read: string): void {
  if (listed !== read) {
    throw new BeltbenchError(
      'bad_dataset',
      `calibration images must not change while they are used, and ${path} did (SHA-256 was ${listed.slice(0, 12)}, is ${read.slice(0, 12)}); run again`,
    );
  }
}

/** @throws BeltbenchError `bad_dataset` when no image could be used */
export function assertSomeUsed(used: number, leftOut: readonly LeftOutImage[]): void {
  if (used === 0) {
    const [first] = leftOut;
    throw new BeltbenchError(
      'bad_dataset',
      `calibration needs at least one image, and none of ${leftOut.length} can be used${first === undefined ? '' : ` (${first.reason})`}; repair the images or name another folder`,
    );
  }
}
