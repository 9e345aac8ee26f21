import { readFile, stat } from 'node:fs/promises';
import { BeltbenchError, isMissing, reasonWithoutPath, type ErrorCode } from '../shared/errors.ts';

/** Far above any real study; a larger file is a mistake or an attack. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads a text file of at most 1 MiB, or as large as said.
 *
 * @throws BeltbenchError `code` when it is missing, no file, too large or not UTF-8; the message ends with `wayOut`
 */
export async function readTextFile(
  path: string,
  code: ErrorCode,
  wayOut: string,
  mostBytes = MOST_BYTES,
): Promise<string> {
  const fail = (fault: string): never => {
    throw new BeltbenchError(code, `${fault}; ${wayOut}`);
  };
  const info = await stat(path).catch((thrown: unknown) =>
    fail(isMissing(thrown) ? `there is no file ${path}` : `${path} cannot be read: ${reasonWithoutPath(thrown)}`),
  );
  if (!info.isFile()) {
    fail(`${path} is not a file`);
  }
  if (info.size > mostBytes) {
    fail(`${path} has ${info.size} bytes, and at most ${mostBytes} are read`);
  }
  const bytes = await readFile(path).catch((thrown: unknown) =>
    fail(`${path} cannot be read: ${reasonWithoutPath(thrown)}`),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BeltbenchError(code, `${path} is not UTF-8 text; save it with the encoding UTF-8`);
  }
}
