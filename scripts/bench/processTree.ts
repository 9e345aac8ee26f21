import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** How long a program took, and how much memory it and its children held at once at most. */
export interface ProcessCost {
  readonly seconds: number;
  readonly peakGb: number;
}

const POLL_MS = 20;

/**
 * Runs a program and watches its whole process tree through /proc.
 *
 * @throws Error when it ends with anything but 0
 */
export async function costOf(command: string, args: readonly string[]): Promise<ProcessCost> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, child.pid === undefined ? 0 : treeBytes(child.pid));
  }, POLL_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(watch);
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${said.slice(-500)}`);
  }
  return { seconds: (performance.now() - start) / 1000, peakGb: peakBytes / 1e9 };
}

/** Resident bytes of a process and all below it; what ends while it is read counts no more. */
function treeBytes(root: number): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) {
      continue;
    }
    const status = readStatus(pid);
    parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    resident.set(pid, Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
  }
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return [...resident].reduce((total, [pid, bytes]) => (isBelow(pid) ? total + bytes : total), 0);
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
