import { constants, copyFile, lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../config/problems.ts';
import { trialBenchmarkSchema, type TrialBenchmark } from '../records/trialBenchmark.ts';
import { BeltbenchError, codeOf } from '../shared/errors.ts';
import { BESIDE, cannotWrite } from './cannotWrite.ts';
import { readJsonFile } from './jsonFile.ts';
import { writeTextFile } from './textFile.ts';

/** A hundred times of what any benchmark's summary takes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** `benchmark.json` beside a trial's model. */
export class BenchmarkFile {
  readonly path: string;

  constructor(folder: string, name: string) {
    this.path = join(folder, name);
  }

  /** What stands there; `undefined` for no file and for one that beltbench did not write. */
  async read(): Promise<TrialBenchmark | undefined> {
    if (!(await this.isFile())) {
      return undefined;
    }
    const content = await readJsonFile(this.path, MAX_BYTES).catch(() => undefined);
    const checked = check(trialBenchmarkSchema, content);
    return checked.ok ? checked.value : undefined;
  }

  /**
   * Writes it whole or not at all, and only where it changed. Another tool's file is kept under its
   * name with `.before` behind it.
   *
   * @returns where the other tool's file was kept; `undefined` when there was none
   * @throws BeltbenchError `cannot_write` when the folder is read-only, the disk full, or something else stands in the way
   */
  async write(benchmark: TrialBenchmark): Promise<string | undefined> {
    const isForeign = (await this.isFile()) && (await this.read()) === undefined;
    const kept = isForeign ? await this.keep() : undefined;
    const text = `${JSON.stringify(benchmark, null, 2)}\n`;
    if ((await smallFile(this.path))?.equals(Buffer.from(text)) !== true) {
      await writeTextFile(this.path, text, BESIDE);
    }
    return kept;
  }

  private async keep(): Promise<string> {
    const kept = `${this.path}.before`;
    try {
      await copyFile(this.path, kept, constants.COPYFILE_EXCL);
    } catch (thrown) {
      const [standing, before] = [await smallFile(this.path), await smallFile(kept)];
      // The same twice: it was kept already, and a kill came before our own was written.
      if (standing === undefined || before?.equals(standing) !== true) {
        throw cannotWrite(kept, thrown, codeOf(thrown) === 'EEXIST' ? 'move it away' : BESIDE);
      }
    }
    return kept;
  }

  /** A link may lead out of the tree, and is not written through. */
  private async isFile(): Promise<boolean> {
    const info = await lstat(this.path).catch(() => undefined);
    if (info !== undefined && !info.isFile()) {
      throw new BeltbenchError('cannot_write', `${this.path} is no regular file; remove it and run again`);
    }
    return info !== undefined;
  }
}

/** A file's bytes; `undefined` where there is none, or a larger one than ours are. */
async function smallFile(path: string): Promise<Buffer | undefined> {
  const info = await lstat(path).catch(() => undefined);
  return info?.isFile() === true && info.size <= MAX_BYTES ? await readFile(path) : undefined;
}
