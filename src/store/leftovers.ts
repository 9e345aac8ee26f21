import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../shared/errors.ts';

/** No record takes a day to write; by then even another machine's writer is dead. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;
const TEMPORARY_NAME = /^(?:\.tmp|beltbench)-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}$/;

/**
 * A name for a folder or a file that is being written; it says by whom, so that a dead writer's can be told.
 *
 * @param prefix what it begins with: `.tmp` where a user keeps files, `beltbench` where everybody does
 */
export function temporaryName(prefix: '.tmp' | 'beltbench' = '.tmp'): string {
  return `${prefix}-${machineTag()}-${process.pid}-${randomBytes(6).toString('hex')}`;
}

/**
 * Removes what killed writers left in a folder: what is called so by a process that, on this machine, is
 * gone, and very old ones. What a live process is writing now stays.
 */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await findLeftovers(parent)) {
    // Best effort: another process may be removing it at the same time.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The names of what `removeLeftovers` would remove. */
export async function findLeftovers(parent: string): Promise<string[]> {
  const leftovers: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    if (await isLeftover(parent, name)) {
      leftovers.push(name);
    }
  }
  return leftovers;
}

/** Whether whoever made a temporary name is known to be dead; of another machine's processes nothing is known. */
export function isWriterGone(temporary: string): boolean {
  const [, machine, pid] = TEMPORARY_NAME.exec(temporary) ?? [];
  return machine === machineTag() && !isAlive(Number(pid));
}

async function isLeftover(parent: string, name: string): Promise<boolean> {
  if (!TEMPORARY_NAME.test(name)) {
    return false;
  }
  if (isWriterGone(name)) {
    return true;
  }
  const info = await stat(join(parent, name)).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > MAX_AGE_MS;
}

/** Several machines may share one store; their process numbers say nothing to each other. */
function machineTag(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** Signal 0 only asks. A process of another user answers EPERM, and is alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return codeOf(thrown) !== 'ESRCH';
  }
}
