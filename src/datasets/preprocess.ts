import type { Preprocessing, Size } from '../config/preprocessing.ts';
import { contentHashOf } from './contentHash.ts';
import { decodeImage } from './decode.ts';
import { readImage } from './readImage.ts';
import { resizeImage } from './resize.ts';
import { createTensorWriter } from './tensor.ts';

/** What the model sees of one file, and which bytes it came from. */
export interface PreprocessedImage {
  /** 3 x height x width. */
  readonly tensor: Float32Array<ArrayBuffer>;
  /** SHA-256 of the file. */
  readonly contentHash: string;
}

/** Turns one file into one tensor. */
export type Preprocess = (path: string) => Promise<PreprocessedImage>;

/**
 * Makes the function that turns files into tensors of one size: read, decode, resize, write. Whoever
 * times the stages calls the same four functions one by one.
 *
 * The function throws UnreadableImage, or BeltbenchError where the image's size does not suit the
 * card's resize rule.
 */
export function createPreprocess(spec: Preprocessing, size: Size): Preprocess {
  const write = createTensorWriter(spec, size);
  return async (path) => {
    const bytes = await readImage(path);
    const decoded = await decodeImage(bytes, path);
    const tensor = new Float32Array(3 * size.height * size.width);
    write(await resizeImage(decoded, spec, size), tensor);
    return { tensor, contentHash: contentHashOf(bytes) };
  };
}

/** One file on its own; for many, `createPreprocess` computes its tables once. */
export async function preprocess(path: string, spec: Preprocessing, size: Size): Promise<PreprocessedImage> {
  return await createPreprocess(spec, size)(path);
}
