// bench:startup: what `beltbench --help` costs over Node loading yargs and printing, as built.
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { median, report } from './common.ts';

const REPEATS = 15;
const REFERENCE = `import yargs from 'yargs'; console.log(await yargs([]).scriptName('x').command('y', 'z').getHelp());`;

function timeOf(args: readonly string[]): number {
  const start = performance.now();
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const ms = performance.now() - start;
  if (child.status !== 0 || child.stdout.length === 0) {
    throw new Error(`\`node ${args.join(' ')}\` failed: ${child.stderr}`);
  }
  return ms;
}

const help: number[] = [];
const reference: number[] = [];
for (let repeat = 0; repeat < REPEATS; repeat += 1) {
  help.push(timeOf(['dist/cli/main.js', '--help']));
  reference.push(timeOf(['--input-type=module', '-e', REFERENCE]));
}
console.log(`--help ${median(help).toFixed(1)} ms, Node with yargs ${median(reference).toFixed(1)} ms`);
report('startup', { help_over_node: median(help) / median(reference), cpu: os.cpus()[0]?.model ?? 'unknown' });
