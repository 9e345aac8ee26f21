import { readFile, stat } from 'node:fs/promises';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/**
 * A stored JSON file's content; `undefined` where there is no such file.
 *
 * @param maxBytes a larger file is refused before it is read
 * @throws BeltbenchError `bad_record` when it is no file, too large, or not JSON
 */
export async function readJsonFile(path: string, maxBytes: number): Promise<unknown> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    return undefined;
  }
  // A pipe would never end, and a device has no size to refuse.
  if (!info.isFile()) {
    throw new BeltbenchError('bad_record', `${path} is not a file; remove its folder and measure again`);
  }
  if (info.size > maxBytes) {
    throw new BeltbenchError(
      'bad_record',
      `${path} has ${info.size} bytes, and at most ${maxBytes} are read; move it out of the store`,
    );
  }
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is not valid JSON: ${reasonOf(thrown)}; remove its folder and measure again`,
    );
  }
}
