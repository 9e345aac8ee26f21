import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BeltbenchError } from '../../shared/errors.ts';

/** Where everything that `quantize` makes is to stand. */
export interface OutPaths {
  readonly folder: string;
  /** File name without `.onnx`. */
  readonly name: string;
  readonly model: string;
  readonly card: string;
  readonly manifest: string;
  /** The trials of a search. */
  readonly trials: string;
}

/** @throws BeltbenchError `bad_usage` when `--out` is no name of an ONNX file */
export function outPathsOf(modelPath: string, out: string | undefined): OutPaths {
  const model = out ?? `${modelPath.replace(/\.onnx$/i, '')}.int8.onnx`;
  const name = basename(model).replace(/\.onnx$/i, '');
  if (!/\.onnx$/i.test(model) || name === '') {
    throw new BeltbenchError(
      'bad_usage',
      `--out must end in .onnx, received ${model}; name a file such as NAME.int8.onnx`,
    );
  }
  const folder = dirname(model);
  return {
    folder,
    name,
    model,
    card: join(folder, `${name}.model.yaml`),
    manifest: join(folder, `${name}.manifest.json`),
    trials: join(folder, `${name}.search`),
  };
}

/**
 * Looks, before anything is made, whether something stands where the files are to go. A manifest
 * without its model is left of a run that was killed, and so is a card that says just what is to be
 * written.
 *
 * @throws BeltbenchError `bad_usage` for an existing file without `--force`, for the model or its
 * card itself, and for what is no file
 */
export async function assertFree(
  { model, card, manifest }: OutPaths,
  source: { readonly modelPath: string; readonly cardPath: string },
  cardText: string,
  force: boolean,
): Promise<void> {
  if (await isSameFile(model, source.modelPath)) {
    throw new BeltbenchError(
      'bad_usage',
      `--out must be another file than the model, received ${model} for both; rename it`,
    );
  }
  for (const path of [card, manifest]) {
    if (await isSameFile(path, source.cardPath)) {
      throw new BeltbenchError(
        'bad_usage',
        `${path} is the float model's card, and would be overwritten; name another file with --out`,
      );
    }
  }
  for (const path of [model, card, manifest]) {
    const info = await lstat(path).catch(() => undefined);
    if (info !== undefined && !info.isFile() && !info.isSymbolicLink()) {
      throw new BeltbenchError('bad_usage', `${path} exists and is not a file; name another place with --out`);
    }
  }
  const taken = (await isThere(model)) ? model : (await holdsOther(card, cardText)) ? card : undefined;
  if (taken !== undefined && !force) {
    throw new BeltbenchError(
      'bad_usage',
      `${taken} exists; name another file with --out, or overwrite it with --force`,
    );
  }
}

/** Whatever links lead there. */
async function isSameFile(path: string, other: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && real === (await realpath(other).catch(() => undefined));
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function holdsOther(path: string, text: string): Promise<boolean> {
  return (await isThere(path)) && (await readFile(path, 'utf8').catch(() => undefined)) !== text;
}
