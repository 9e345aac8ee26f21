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

/** One image as a tensor of 3 x height x width. */
export interface FedImage {
  readonly path: string;
  readonly tensor: Float32Array;
}

/**
 * Yields the images in their order. All of them could be read when they were chosen.
 *
 * @throws BeltbenchError `bad_dataset` for no images or one that is no longer the chosen one, and
 *   whatever a card that suits none of the images throws
 */
export async function* feedImages({ images, preprocessing, inputSize }: ImageSource): AsyncGenerator<FedImage> {
  if (images.length === 0) {
    throw new BeltbenchError('bad_dataset', 'calibration needs at least one image, received none; name another folder');
  }
  const thread = startPreprocessThread({ spec: preprocessing, size: inputSize });
  try {
    for await (const loaded of prefetch(images, ({ path }) => thread.load(path), PREFETCH_DEPTH)) {
      const { path, contentHash } = loaded.item;
      if (loaded.ok) {
        const { contentHash: read, tensor } = loaded.value;
        if (read !== contentHash) {
          throw changed(path, `SHA-256 was ${contentHash.slice(0, 12)}, is ${read.slice(0, 12)}`);
        }
        yield { path, tensor };
      } else {
        throw loaded.error instanceof UnreadableImage ? changed(path, loaded.error.message) : loaded.error;
      }
    }
  } finally {
    await thread.close();
  }
}

/** The manifest names images by their hash, so it must be these bytes that were seen. */
function changed(path: string, how: string): BeltbenchError {
  return new BeltbenchError(
    'bad_dataset',
    `calibration images must not change while they are used, and ${path} did (${how}); run again`,
  );
}
