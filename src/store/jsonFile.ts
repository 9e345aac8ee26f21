import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs';
import { BeltbenchError, isMissing, reasonOf } from '../shared/errors.ts';

const OF_A_RECORD = 'remove its folder and measure again';

/**
 * A stored JSON file's content; `undefined` where there is no such file.
 *
 * @param maxBytes a larger file is refused before it is read
 * @param wayOut what people should do about a file that cannot be used
 * @throws BeltbenchError `bad_record` when it cannot be reached or read, is no file, too large, or not
 *   JSON; only what is no JSON has a SyntaxError as its cause
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
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new BeltbenchError('bad_record', `${path} is not valid JSON: ${reasonOf(thrown)}; ${wayOut}`, {
      cause: thrown,
    });
  }
}

/** Absent is only what is surely not there, and no link: its target may be away for a while. */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (thrown) {
    if (!isMissing(thrown)) {
      throw unreadable(path, thrown, reasonOf(thrown));
    }
    if (isLink(path)) {
      throw unreadable(path, thrown, 'it is a link that leads nowhere');
    }
    return undefined;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw unreadable(path, thrown, reasonOf(thrown));
  }
}

function unreadable(path: string, cause: unknown, reason: string): BeltbenchError {
  return new BeltbenchError('bad_record', `${path} cannot be read: ${reason}; make it readable`, { cause });
}
