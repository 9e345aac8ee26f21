import { stat } from 'node:fs/promises';
import { check } from '../../config/problems.ts';
import { printable } from '../../config/shown.ts';
import { readTextFile } from '../../config/textFile.ts';
import { goldenPairSchema, type StoredTensor } from '../../records/golden.ts';
import { BeltbenchError, reasonOf } from '../../shared/errors.ts';

/** Room for an input of 1400x1400 pixels; a larger file is a mistake or an attack. */
const MOST_BYTES = 32 * 1024 * 1024;
const WAY_OUT = 'export the model again, or remove the file';

/** A float32 tensor, row-major, and the name of the input or output it belongs to. */
export interface NamedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** An input, the answer it must get, and how far an answer may be from it. */
export interface GoldenPair {
  readonly path: string;
  readonly modelSha256: string;
  readonly tolerance: number;
  readonly input: NamedTensor;
  readonly output: NamedTensor;
}

/** Where a model's golden pair lies: `models/net.onnx` has `models/net.golden.json`. */
export function goldenPathOf(modelPath: string): string {
  return `${modelPath.replace(/\.onnx$/i, '')}.golden.json`;
}

/**
 * Reads the golden pair beside a model; `undefined` where there is none.
 *
 * @throws BeltbenchError `bad_record` when it is no file, larger than 32 MiB, not JSON, breaks its schema,
 *   or its numbers are not as many as its sizes say or not finite
 */
export async function readGoldenPair(modelPath: string): Promise<GoldenPair | undefined> {
  const path = goldenPathOf(modelPath);
  if ((await stat(path).catch(() => undefined)) === undefined) {
    return undefined;
  }
  const checked = check(goldenPairSchema, parseJson(path, await readTextFile(path, 'bad_record', WAY_OUT, MOST_BYTES)));
  if (!checked.ok) {
    throw badPair(path, checked.problem);
  }
  const { model_sha256: modelSha256, tolerance, input, output } = checked.value;
  return { path, modelSha256, tolerance, input: decode(path, 'input', input), output: decode(path, 'output', output) };
}

/** A pair that cannot be used, whatever the model answers. */
export function badPair(path: string, problem: string): BeltbenchError {
  return new BeltbenchError('bad_record', `${path}: ${problem}; ${WAY_OUT}`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw badPair(path, `it is not valid JSON: ${printable(reasonOf(thrown), 200)}`);
  }
}

function decode(
  path: string,
  key: 'input' | 'output',
  { name, dims, float32_base64: text }: StoredTensor,
): NamedTensor {
  const bytes = Buffer.from(text, 'base64');
  const count = dims.reduce((product, size) => product * size, 1);
  if (bytes.length !== 4 * count) {
    throw badPair(
      path,
      `\`${key}\` of the sizes [${dims.join(', ')}] must hold ${4 * count} bytes, received ${bytes.length}`,
    );
  }
  const values = Float32Array.from({ length: count }, (_, index) => bytes.readFloatLE(4 * index));
  const strange = values.find((value) => !Number.isFinite(value));
  if (strange !== undefined) {
    throw badPair(path, `\`${key}\` must hold finite numbers, received ${strange}`);
  }
  return { name, dims, values };
}
