// The test gate. uvu can be green with failing tests in six ways (CONTRIBUTING.md, "Tests"), so its
// exit code is not enough: every test counted must have passed, and there must be some.
import { spawnSync } from 'node:child_process';

const pattern = process.argv[2] ?? String.raw`\.test\.ts$`;
const run = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'node_modules/uvu/bin.js', 'test', pattern, '-c', 'false'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
);
process.stdout.write(run.stdout + run.stderr);

function count(label: string): number {
  const match = new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(run.stdout);
  return match === null ? Number.NaN : Number(match[1]);
}
const total = count('Total');
const passed = count('Passed');
const skipped = count('Skipped');
const green = run.status === 0 && total > 0 && passed === total && skipped === 0;
const failed = Number.isNaN(total) ? 1 : Math.max(total - passed, green ? 0 : 1);
console.log(`${Number.isNaN(passed) ? 0 : passed} passed, ${failed} failed`);
process.exitCode = green ? 0 : 1;
