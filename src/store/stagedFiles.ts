import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSynced } from './atomicFile.ts';
import { AT_OUT, cannotWrite } from './cannotWrite.ts';
import { removeLeftovers, temporaryName } from './leftovers.ts';
import { makeFolder } from './makeFolder.ts';

/** A hidden folder in which files are made before they take their places; the next call removes what a killed process left. */
export interface Stage {
  readonly path: (name: string) => string;
  readonly writeText: (name: string, text: string) => Promise<void>;
  /** Moves a file to its place, over one that stands there. */
  readonly place: (name: string, path: string) => Promise<void>;
}

/**
 * Runs `use` with a stage in `folder`, which is made where it is missing, and removes the stage
 * whatever happens: a file stands in its place whole or not at all.
 *
 * @throws BeltbenchError `cannot_write` when the folder is read-only or the disk full; what `use` throws
 */
export async function withStage<Result>(folder: string, use: (stage: Stage) => Promise<Result>): Promise<Result> {
  const dir = join(folder, temporaryName());
  await orCannotWrite(folder, makeFolder(dir));
  await removeLeftovers(folder);
  try {
    return await use({
      path: (name) => join(dir, name),
      writeText: async (name, text) => await orCannotWrite(join(folder, name), writeSynced(join(dir, name), text)),
      place: async (name, path) => await orCannotWrite(path, rename(join(dir, name), path)),
    });
  } finally {
    await rm(dir, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function orCannotWrite(path: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    throw cannotWrite(path, thrown, AT_OUT);
  }
}
