// bench:sweep: the exact sweep of 10 million scores over sorting them as a Float64Array, and its
// peak memory, the input included, over the input's bytes. Each run in a fresh process, alternating.
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { join } from 'node:path';
import { median, report } from './common.ts';

const REPEATS = 3;

interface Measured {
  readonly ms: number;
  readonly peakBytes: number;
  readonly inputBytes: number;
}

function measure(what: 'sweep' | 'sort'): Measured {
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--expose-gc', join(import.meta.dirname, 'sweepChild.ts'), what],
    { encoding: 'utf8' },
  );
  if (child.status !== 0) {
    throw new Error(`the ${what} failed: ${child.stderr}`);
  }
  return JSON.parse(child.stdout) as Measured;
}

const sweeps: Measured[] = [];
const sorts: Measured[] = [];
for (let repeat = 0; repeat < REPEATS; repeat += 1) {
  sorts.push(measure('sort'));
  sweeps.push(measure('sweep'));
}
const sweepMs = median(sweeps.map(({ ms }) => ms));
const sortMs = median(sorts.map(({ ms }) => ms));
const memory = median(sweeps.map(({ peakBytes, inputBytes }) => peakBytes / inputBytes));
console.log(`sweep ${sweepMs.toFixed(0)} ms, sort ${sortMs.toFixed(0)} ms, peak ${memory.toFixed(2)} times the input`);
report('sweep', { time_over_sort: sweepMs / sortMs, memory_over_input: memory, cpu: os.cpus()[0]?.model ?? 'unknown' });
