import { readFile, stat } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { BeltbenchError, reasonOf, type ErrorCode } from '../shared/errors.ts';

/** Far above any real study; a larger file is a mistake or an attack. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads one YAML (or JSON) document.
 *
 * @param code the error code to report problems under
 * @throws BeltbenchError when the file is missing, not a file, too large or not YAML; the message names the line
 */
export async function readYamlFile(path: string, code: ErrorCode, wayOut: string): Promise<unknown> {
  const text = await readBounded(path, code, wayOut);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const at = lines.linePos(problem.pos[0]);
    const rule = problem.message.split(' at line ')[0];
    throw new BeltbenchError(code, `${path}:${at.line}:${at.col} is not valid YAML: ${rule}; correct that line`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw new BeltbenchError(
      code,
      `${path} cannot be read as YAML: ${reasonOf(thrown)}; write it without so many aliases`,
    );
  }
}

async function readBounded(path: string, code: ErrorCode, wayOut: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) {
    throw new BeltbenchError(code, `there is no file ${path}; ${wayOut}`);
  }
  if (!info.isFile()) {
    throw new BeltbenchError(code, `${path} is not a file; ${wayOut}`);
  }
  if (info.size > MAX_BYTES) {
    throw new BeltbenchError(code, `${path} has ${info.size} bytes, and at most ${MAX_BYTES} are read; ${wayOut}`);
  }
  return await readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new BeltbenchError(code, `${path} cannot be read: ${reasonOf(thrown)}; ${wayOut}`);
  });
}
