import type { Size } from '../config/preprocessing.ts';
import { contentHashOf } from './contentHash.ts';
import { readHeader } from './decode.ts';
import type { LabelledImage } from './listImages.ts';
import { readImage } from './readImage.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** One image as the audit sees it: either its size, or why it has none. */
export interface InspectedImage extends LabelledImage {
  readonly split: string;
  /** SHA-256 of the file; `undefined` where it was not read. */
  readonly contentHash: string | undefined;
  readonly header: Size | UnreadableImage;
}

/** Hashes one file and reads its header; an unreadable image is a result here, not an error. */
export async function inspectImage(image: LabelledImage, split: string): Promise<InspectedImage> {
  const bytes = await readImage(image.path).catch(keepUnreadable);
  if (bytes instanceof UnreadableImage) {
    return { ...image, split, contentHash: undefined, header: bytes };
  }
  const header = await readHeader(bytes, image.id).catch(keepUnreadable);
  return { ...image, split, contentHash: contentHashOf(bytes), header };
}

function keepUnreadable(thrown: unknown): UnreadableImage {
  if (thrown instanceof UnreadableImage) {
    return thrown;
  }
  throw thrown;
}
