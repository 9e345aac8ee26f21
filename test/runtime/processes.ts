import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits up to ten seconds for processes to end; answers those that did not. */
export async function survivors(pids: readonly number[]): Promise<number[]> {
  for (let wait = 0; wait < 200 && pids.some(isAlive); wait += 1) {
    await sleep(50);
  }
  return pids.filter(isAlive);
}

/** A process's children whose command line holds `text`; Linux only, elsewhere none are seen. */
export function childrenRunning(text: string, parent = process.pid): number[] {
  return childrenOf(parent).filter((pid) => readProc(`${pid}/cmdline`).includes(text));
}

/** Every thread of a process has children of its own. */
function childrenOf(pid: number): number[] {
  return listProc(`${pid}/task`).flatMap((thread) =>
    readProc(`${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}

function listProc(name: string): string[] {
  return existsSync(`/proc/${name}`) ? readdirSync(`/proc/${name}`) : [];
}

/** Empty where the process has ended meanwhile. */
function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return '';
  }
}
