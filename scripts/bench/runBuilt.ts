import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { median } from './common.ts';

export interface RunSettings {
  readonly cwd: string;
  readonly repeats: number;
}

/**
 * The median time of a command of the built product, in seconds, after one run that does not count:
 * so the disk is warm.
 *
 * @throws Error when a run does not answer with 0, 1 or 3: it was not the work that was timed
 */
export function runBuilt(args: readonly string[], { cwd, repeats }: RunSettings): number {
  const cli = resolve('dist/cli/main.js');
  const seconds = Array.from({ length: repeats + 1 }, () => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1024 * 1024 * 1024,
    });
    const taken = (performance.now() - start) / 1000;
    if (![0, 1, 3].includes(status ?? -1)) {
      throw new Error(`\`beltbench ${args.join(' ')}\` ended with ${status}: ${stderr}`);
    }
    return taken;
  });
  return median(seconds.slice(1));
}
