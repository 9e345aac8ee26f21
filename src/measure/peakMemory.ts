import { readFile } from 'node:fs/promises';

/**
 * The most resident memory this process ever had, in bytes.
 *
 * Linux is asked for the peak of this address space: what `getrusage` reports also covers the
 * moment between fork and exec, in which a child is as large as its parent.
 */
export async function peakRssBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  return parsePeakRss(status) ?? process.resourceUsage().maxRSS * 1024;
}

/** The line "VmHWM: 43976 kB" ("high water mark") of /proc/PID/status. */
export function parsePeakRss(status: string): number | undefined {
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
