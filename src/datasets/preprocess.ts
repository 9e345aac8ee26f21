import type { Preprocessing, Size } from '../config/preprocessing.ts';
import { contentHashOf } from './contentHash.ts';
import { decodeImage } from './decode.ts';
import { readImage } from './readImage.ts';
import { resizeImage } from './resize.ts';
import { writeTensor } from './tensor.ts';

/** What the model sees of one file, and which bytes it came from. */
export interface PreprocessedImage {
  /** 3 x height x width. */
  readonly tensor: Float32Array<ArrayBuffer>;
  /** SHA-256 of the file. */
  readonly contentHash: string;
}

/**
 * Turns one file into one tensor: read, decode, resize, write. Whoever times the stages calls the
 * same four functions one by one.
 *
 * @throws UnreadableImage, or BeltbenchError where the size does not suit the card's resize rule
 */
export async function preprocess(path: string, spec: Preprocessing, size: Size): Promise<PreprocessedImage> {
  const bytes = await readImage(path);
  const decoded = await decodeImage(bytes, path);
  const tensor = new Float32Array(3 * size.height * size.width);
  writeTensor(await resizeImage(decoded, spec, size), spec, tensor);
  return { tensor, contentHash: contentHashOf(bytes) };
}
