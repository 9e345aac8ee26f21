import { readFileSync, statSync, type Stats } from 'node:fs';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';

const OF_A_RECORD = 'remove its folder and measure again';

/**
 * A stored JSON file's content; `undefined` where there is no such file.
 *
 * @param maxBytes a larger file is refused before it is read
 * @param wayOut what people should do about a file that cannot be used
 * @throws BeltbenchError `bad_record` when it is no file, too large, or not JSON
 */
export async function readJsonFile(path: string, maxBytes: number, wayOut?: string): Promise<unknown> {
  return readJsonFileSync(path, maxBytes, wayOut);
}

/** As `readJsonFile`, for thousands of small files. */
export function readJsonFileSync(path: string, maxBytes: number, wayOut = OF_A_RECORD): unknown {
  const info = statIfThere(path);
  if (info === undefined) {
    return undefined;
  }
  // A pipe would never end, and a device has no size to refuse.
  if (!info.isFile()) {
    throw new BeltbenchError('bad_record', `${path} is not a file; ${wayOut}`);
  }
  if (info.size > maxBytes) {
    throw new BeltbenchError(
      'bad_record',
      `${path} has ${info.size} bytes, and at most ${maxBytes} are read; ${wayOut === OF_A_RECORD ? 'move it out of the store' : wayOut}`,
    );
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new BeltbenchError('bad_record', `${path} is not valid JSON: ${reasonOf(thrown)}; ${wayOut}`, {
      cause: thrown,
    });
  }
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
