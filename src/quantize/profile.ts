import { join } from 'node:path';
import type { Size } from '../config/preprocessing.ts';
import { besideModule, startIsolate } from '../runtime/isolate.ts';
import type { OperatorTime } from './profiling/readProfile.ts';
import { withScratchFolder } from './scratchFolder.ts';

export interface ProfileSettings {
  readonly threads: number;
  readonly inputSize: Size;
}

export interface ProfileParams extends ProfileSettings {
  readonly modelPath: string;
  /** Where the runtime's trace goes; the runtime completes the name. */
  readonly folder: string;
  readonly prefix: string;
}

/**
 * Where the time of an inference goes, by operator, the slowest first: from a profiled run of its
 * own in a child process, on random pixels, after a warm-up. Profiling itself costs some 10 % on
 * graphs of 400 nodes and more on smaller nodes, so these figures say where, and never how fast:
 * they are no verdict on latency.
 *
 * @throws BeltbenchError when the model cannot be loaded or run, or the runtime writes no profile
 */
export async function profileModel(modelPath: string, settings: ProfileSettings): Promise<readonly OperatorTime[]> {
  return await withScratchFolder(async (folder) => {
    const child = startIsolate(besideModule(import.meta.url, 'profileChild'), modelPath);
    try {
      const params: ProfileParams = { ...settings, modelPath, folder, prefix: join(folder, 'profile') };
      return await child.call<readonly OperatorTime[]>('profile', params);
    } finally {
      await child.close();
    }
  });
}
