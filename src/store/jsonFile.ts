import { readFileSync, statSync, type Stats } from 'node:fs';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

/**
 * A stored JSON file's content; `undefined` where there is no such file.
 *
 * @param maxBytes a larger file is refused before it is read
 * @throws BeltbenchError `bad_record` when it is no file, too large, or not JSON
 */
export async function readJsonFile(path: string, maxBytes: number): Promise<unknown> {
  return readJsonFileSync(path, maxBytes);
}

/** As `readJsonFile`, for thousands of small files. */
export function readJsonFileSync(path: string, maxBytes: number): unknown {
  const info = statIfThere(path);
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
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new BeltbenchError(
      'bad_record',
      `${path} is not valid JSON: ${reasonOf(thrown)}; remove its folder and measure again`,
      { cause: thrown },
    );
  }
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
