import { spawn } from 'node:child_process';

export interface TestFiles {
  /** Below which files are looked for. */
  readonly dir: string;
  /** A regular expression on the path below `dir`. */
  readonly pattern: string;
  /** What is left out, likewise. */
  readonly ignore?: string;
  /** Laid over the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the tests; then `runTests` rejects. */
  readonly signal?: AbortSignal;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/**
 * The test gate. uvu can be green with failing tests in six ways (CONTRIBUTING.md, "Tests"), so its
 * exit code is not enough: every test counted must have passed, and there must be some.
 */
export async function runTests({ dir, pattern, ignore, env, signal }: TestFiles): Promise<Tally> {
  const leftOut = ignore === undefined ? [] : ['-i', ignore];
  const run = spawn(
    process.execPath,
    ['--import', 'tsx', 'node_modules/uvu/bin.js', dir, pattern, '-c', 'false', ...leftOut],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env }, ...(signal !== undefined && { signal }) },
  );
  let printed = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    process.stdout.write(text);
  });
  const status = await new Promise<number | null>((resolve, reject) => run.on('close', resolve).on('error', reject));
  const count = (label: string): number => {
    const match = new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(printed);
    return match === null ? Number.NaN : Number(match[1]);
  };
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const green = status === 0 && total > 0 && passed === total && skipped === 0;
  return {
    passed: Number.isNaN(passed) ? 0 : passed,
    failed: Number.isNaN(total) ? 1 : Math.max(total - passed, green ? 0 : 1),
  };
}

/** Prints the tally alone on a line, which is to be the last, and sets the exit code. */
export function report({ passed, failed }: Tally): void {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
