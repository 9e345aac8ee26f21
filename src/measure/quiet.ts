import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
/** One poll may look idle because a busy machine gave the spinning thread no time in it. */
const QUIET_POLLS = 2;
/** The runtime's threads spin for some 30 ms after a run; far longer means something else burns CPU. */
const PATIENCE_MS = 2000;
/** CPU time within one poll below which the process counts as idle: the poll itself and timers. */
const IDLE_MS = 2;

/** CPU time of this process, all its threads, user and system, in milliseconds. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Waits until this process burns no CPU: after a run the runtime's worker threads spin, and would
 * take the core from whoever measures next.
 *
 * @returns whether it became quiet within two seconds
 */
export async function untilQuiet(): Promise<boolean> {
  const start = performance.now();
  let before = cpuTimeMs();
  let quietPolls = 0;
  while (performance.now() - start < PATIENCE_MS) {
    await sleep(POLL_MS);
    const after = cpuTimeMs();
    quietPolls = after - before < IDLE_MS ? quietPolls + 1 : 0;
    if (quietPolls === QUIET_POLLS) {
      return true;
    }
    before = after;
  }
  return false;
}
