import { BeltbenchError, type ErrorCode } from '../shared/errors.ts';
import { printable } from './shown.ts';
import { readTextFile } from './textFile.ts';
import { parseYaml } from './yamlText.ts';

/**
 * Reads one YAML (or JSON) document.
 *
 * @param code the error code to report problems under
 * @param wayOut what to do about a file that is missing or cannot be used at all
 * @throws BeltbenchError when the file is missing, no file, too large, not UTF-8, empty or not YAML; the message names the line
 */
export async function readYamlFile(path: string, code: ErrorCode, wayOut: string): Promise<unknown> {
  const parsed = parseYaml(await readTextFile(path, code, wayOut));
  if (!parsed.ok) {
    const at = parsed.at === undefined ? '' : `:${parsed.at}`;
    throw new BeltbenchError(code, `${path}${at} is not valid YAML: ${printable(parsed.fault, 200)}; correct it there`);
  }
  if (parsed.value === null) {
    throw new BeltbenchError(code, `${path} is empty; ${wayOut}`);
  }
  return parsed.value;
}
