// The tests against a real MLflow tracking server. It needs Python: the interpreter that
// BELTBENCH_MLFLOW_PYTHON names, or an environment made here once, in a folder that git ignores.
import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { report, runTests } from './gate.ts';

const MLFLOW = 'mlflow==3.17.2';
const ENVIRONMENT = resolve('node_modules/.cache/beltbench', MLFLOW.replace('==', '-'));
/** Several hundred megabytes are fetched and unpacked. */
const INSTALL_MS = 15 * 60_000;

const run = promisify(execFile);

/** What cannot be had here, in one line: no fault of the code. */
class Unavailable extends Error {}

async function findPython(): Promise<string> {
  const given = process.env['BELTBENCH_MLFLOW_PYTHON'];
  if (given !== undefined && given !== '') {
    await run(given, ['-c', 'import mlflow']);
    return given;
  }
  const python = join(ENVIRONMENT, 'bin', 'python');
  // Written last: an installation that was interrupted is made anew.
  const isComplete = await access(join(ENVIRONMENT, 'complete')).then(
    () => true,
    () => false,
  );
  if (isComplete) {
    return python;
  }
  await rm(ENVIRONMENT, { recursive: true, force: true });
  await attempt('no Python that makes environments', 'python3', ['-m', 'venv', ENVIRONMENT]);
  console.log(`Installing ${MLFLOW} into ${ENVIRONMENT}`);
  const install = ['-m', 'pip', 'install', '--quiet', '--no-input', '--only-binary', ':all:', '--retries', '1', MLFLOW];
  await attempt(`no ${MLFLOW} from the package index`, python, install);
  await writeFile(join(ENVIRONMENT, 'complete'), '');
  return python;
}

async function attempt(what: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 });
  } catch (thrown) {
    const { stderr, message } = thrown as Error & { stderr?: string };
    const reason = (stderr ?? '').trim().split('\n').at(-1);
    throw new Unavailable(`${what}: ${reason === undefined || reason === '' ? message : reason}`, { cause: thrown });
  }
}

/** Servers whose test did not live to stop them. */
async function stopServers(dir: string): Promise<void> {
  const files = await readdir(dir, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('server.pid'))) {
    const pid = Number(await readFile(join(dir, file), 'utf8'));
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

async function testAgainst(python: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'beltbench-integration-'));
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort(new Error(`ended by ${name}`)));
  }
  try {
    const pattern = process.argv[2] ?? String.raw`\.test\.ts$`;
    const env = { BELTBENCH_MLFLOW_PYTHON: python, BELTBENCH_INTEGRATION_DIR: dir };
    report(await runTests({ dir: 'test/integration', pattern, env, signal: interrupted.signal }));
  } finally {
    await stopServers(dir);
    await rm(dir, { recursive: true, force: true });
  }
}

const python = await findPython().catch((thrown: unknown) => {
  if (thrown instanceof Unavailable) {
    console.log(`SKIPPED: the tests against a real MLflow server (${thrown.message})`);
    report({ passed: 0, failed: 0 });
    return undefined;
  }
  throw thrown;
});
if (python !== undefined) {
  await testAgainst(python);
}
