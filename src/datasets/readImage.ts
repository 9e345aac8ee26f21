import { open } from 'node:fs/promises';
import { reasonOf } from '../shared/errors.ts';
import { UnreadableImage } from './unreadableImage.ts';

/** Far above any crop; a larger file is a mistake or an attack and is never read. */
export const MAX_IMAGE_BYTES = 64 * 1024 * 1024;

/**
 * Reads the bytes of one image file.
 *
 * @throws UnreadableImage `cannot_open` or `too_large` (above 64 MB; then nothing is read)
 */
export async function readImage(path: string): Promise<Buffer> {
  try {
    return await readBounded(path);
  } catch (thrown) {
    if (thrown instanceof UnreadableImage) {
      throw thrown;
    }
    throw new UnreadableImage(path, 'cannot_open', reasonOf(thrown), { cause: thrown });
  }
}

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const info = await file.stat();
    if (!info.isFile()) {
      throw new UnreadableImage(path, 'cannot_open', 'it is not a file');
    }
    if (info.size > MAX_IMAGE_BYTES) {
      throw new UnreadableImage(
        path,
        'too_large',
        `it has ${info.size} bytes, and at most ${MAX_IMAGE_BYTES} are read`,
      );
    }
    const bytes = Buffer.allocUnsafe(info.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled);
      if (bytesRead === 0) {
        break;
      }
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}
