import { readFile } from 'node:fs/promises';

/** The machine's CPU time so far, over all cores, in ms; `undefined` where the system does not say. */
export interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** /proc/stat counts in hundredths of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

export async function readCpuTimes(): Promise<CpuTimes | undefined> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  return parseCpuTimes(text);
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal (guest is within user). */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  const ticks = line?.split(/\s+/).slice(0, 8).map(Number);
  if (ticks?.length !== 8 || ticks.some((value) => !Number.isFinite(value))) {
    return undefined;
  }
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyMs: (total - idle) * MS_PER_TICK, totalMs: total * MS_PER_TICK };
}

/**
 * The share of the machine's CPU time that others took, the host's other guests (steal) included.
 *
 * @param ownMs CPU time of the process under measurement in between
 * @returns `null` where the system does not say, or too little time passed to tell
 */
export function otherCpuShare(before: CpuTimes | undefined, after: CpuTimes | undefined, ownMs: number): number | null {
  if (before === undefined || after === undefined || after.totalMs - before.totalMs < 10 * MS_PER_TICK) {
    return null;
  }
  const others = after.busyMs - before.busyMs - ownMs;
  return Math.max(0, others / (after.totalMs - before.totalMs));
}
