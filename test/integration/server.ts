import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real MLflow tracking server on loopback, with a SQLite database and artifacts that pass through it. */
export interface MlflowServer {
  readonly uri: string;
  /** Where it puts the artifacts: EXPERIMENT/RUN/artifacts/NAME. */
  readonly artifactsDir: string;
  /** Ends it at once, with SIGKILL, in whatever it is doing. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port, database and artifacts. */
  readonly start: () => Promise<void>;
}

const START_MS = 120_000;

/** Runs `use` against a fresh server, and ends it, whatever happens. */
export async function withServer(use: (server: MlflowServer) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(fromScript('BELTBENCH_INTEGRATION_DIR'), 'server-'));
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const pidFile = join(dir, 'server.pid');
  const kill = async (): Promise<void> => {
    const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
    if (pid > 1) {
      await endGroup(pid);
      await rm(pidFile);
    }
  };
  const start = async (): Promise<void> => {
    const log = await open(join(dir, 'server.log'), 'a');
    const child = spawn(fromScript('BELTBENCH_MLFLOW_PYTHON'), serverArgs(dir, port), {
      cwd: dir,
      // A group of its own: MLflow starts processes that outlive it when only it is killed.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    });
    await log.close();
    if (child.pid === undefined) {
      throw new Error('the interpreter in BELTBENCH_MLFLOW_PYTHON does not start');
    }
    await writeFile(pidFile, String(child.pid));
    await untilHealthy(uri, join(dir, 'server.log'), () => child.exitCode !== null);
  };
  const artifactsDir = join(dir, 'artifacts');
  await mkdir(artifactsDir);
  try {
    await start();
    await use({ uri, artifactsDir, kill, start });
  } finally {
    await kill();
  }
}

function serverArgs(dir: string, port: number): string[] {
  return [
    ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...['--backend-store-uri', `sqlite:///${join(dir, 'mlflow.db')}`],
    ...['--artifacts-destination', join(dir, 'artifacts')],
  ];
}

function fromScript(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run \`npm run test:integration\``);
  }
  return value;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') {
    throw new Error('no free port');
  }
  return address.port;
}

async function untilHealthy(uri: string, logPath: string, hasEnded: () => boolean): Promise<void> {
  for (const end = Date.now() + START_MS; Date.now() < end && !hasEnded(); await sleep(100)) {
    const answer = await fetch(`${uri}/health`).catch(() => undefined);
    if (answer?.ok === true) {
      return;
    }
  }
  throw new Error(`MLflow does not start:\n${(await readFile(logPath, 'utf8')).slice(-3000)}`);
}

/** Returns when every process of the group is gone, so that the port is free. */
async function endGroup(pid: number): Promise<void> {
  try {
    for (let tries = 0; tries < 100; tries += 1) {
      process.kill(-pid, 'SIGKILL');
      await sleep(50);
    }
  } catch {
    // There is none left.
  }
}
