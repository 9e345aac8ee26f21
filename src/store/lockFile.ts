import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../shared/errors.ts';
import { cannotWrite, IN_REPORTS } from './cannotWrite.ts';
import { isWriterGone, removeLeftovers, temporaryName } from './leftovers.ts';

const HEARTBEAT_MS = 10_000;
/** Twelve missed heartbeats: its holder is dead or its machine asleep. */
const STALE_MS = 120_000;
const POLL_MS = 200;

/**
 * Runs `use` while no other process holds the lock at `path` below the reports, whose folder must be there. The lock of
 * a process that died is taken over.
 *
 * @param waitMs how long to wait for another holder
 * @returns what `use` gives; `undefined` when another holder kept the lock all that time
 * @throws BeltbenchError `cannot_write` when the folder is read-only or the disk full; what `use` throws
 */
export async function withLock<Result>(
  path: string,
  waitMs: number,
  use: () => Promise<Result>,
): Promise<Result | undefined> {
  const token = temporaryName();
  await removeLeftovers(dirname(path));
  const until = performance.now() + waitMs;
  while (!(await take(path, token))) {
    await removeIfStale(path);
    if (performance.now() >= until) {
      return undefined;
    }
    await sleep(Math.min(POLL_MS, waitMs));
  }
  const heartbeat = setInterval(() => {
    // Best effort: without it, others wait for nothing but the holder's end.
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await use();
  } finally {
    clearInterval(heartbeat);
    if ((await holderOf(path)) === token) {
      await rm(path, { force: true });
    }
  }
}

async function take(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx' });
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') {
      return false;
    }
    throw cannotWrite(path, thrown, IN_REPORTS);
  }
}

async function removeIfStale(path: string): Promise<void> {
  const holder = await holderOf(path);
  const info = await stat(path).catch(() => undefined);
  if (holder === undefined || info === undefined) {
    return;
  }
  if (isWriterGone(holder) || Date.now() - info.mtimeMs > STALE_MS) {
    // By another name first: whoever else found it stale must not remove the lock that is made next.
    const aside = join(dirname(path), temporaryName());
    const moved = await rename(path, aside).then(
      () => true,
      () => false,
    );
    if (moved && (await holderOf(aside)) !== holder) {
      await rename(aside, path).catch(() => undefined);
    }
    await rm(aside, { force: true });
  }
}

/** `undefined` where nobody holds it; empty while somebody is writing his name. */
async function holderOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
