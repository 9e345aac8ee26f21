import { open, stat } from 'node:fs/promises';
import { reasonWithoutPath } from '../shared/errors.ts';
import { badModel } from './badModel.ts';

/**
 * Reads a whole regular file of at most `mostBytes` bytes. The size is asked for before anything
 * is opened or allocated, so a sparse file, a device or a pipe costs nothing.
 *
 * @param tooLarge completes the message when the file is larger: the rule and the way out.
 * @throws BeltbenchError `bad_model` when it is missing, no regular file, too large or unreadable.
 */
export async function readWholeFile(path: string, mostBytes: number, tooLarge: string): Promise<Uint8Array> {
  const size = await regularFileSize(path);
  if (size > mostBytes) {
    throw badModel(path, `has ${size} bytes; ${tooLarge}`);
  }
  try {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) {
          throw new Error(`it shrank to ${filled} bytes while being read`);
        }
        filled += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw badModel(path, `cannot be read (${reasonWithoutPath(error)}): check its permissions and the disk`, {
      cause: error,
    });
  }
}

async function regularFileSize(path: string): Promise<number> {
  const status = await stat(path).catch((error: unknown) => {
    throw badModel(path, `cannot be read (${reasonWithoutPath(error)}): name a file that exists and may be read`, {
      cause: error,
    });
  });
  if (status.isDirectory()) {
    throw badModel(path, 'is a folder: name the .onnx file inside it');
  }
  if (!status.isFile()) {
    throw badModel(path, 'is a device or pipe: name a regular file');
  }
  return status.size;
}
