import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelProto } from '../onnx/generated/onnx_pb.ts';
import { encodeModel } from '../onnx/encode.ts';
import { BeltbenchError, reasonOf } from '../shared/errors.ts';
import { removeLeftovers, temporaryName } from '../store/leftovers.ts';

/** How messages call a model that lies in a temporary file, with more in it than the user's own. */
export const PREPARED_MODEL = 'the prepared model';

/**
 * Runs `use` with a folder for files that nobody keeps, and removes it, whatever happens; and those
 * that killed processes left.
 *
 * @throws BeltbenchError `cannot_write` when the system's temporary folder takes none
 */
export async function withScratchFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const parent = tmpdir();
  const folder = join(parent, temporaryName('beltbench'));
  await mkdir(folder, { mode: 0o700 }).catch((thrown: unknown) => {
    throw cannotWrite(parent, thrown);
  });
  await removeLeftovers(parent);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes a model that lives no longer than its folder; unlike `writeModel` it does not wait for the disk.
 *
 * @throws BeltbenchError `cannot_write` when there is no room for it
 */
export async function writeScratchModel(folder: string, name: string, model: ModelProto): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, encodeModel(model)).catch((thrown: unknown) => {
    throw cannotWrite(folder, thrown);
  });
  return path;
}

function cannotWrite(folder: string, thrown: unknown): BeltbenchError {
  return new BeltbenchError(
    'cannot_write',
    `quantizing needs room for a copy of the model in ${folder} (${reasonOf(thrown)}); make room, or name another temporary folder with TMPDIR`,
    { cause: thrown },
  );
}
