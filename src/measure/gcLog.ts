import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

/** A garbage collection, in ms of the process's performance clock. */
export interface Collection {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Watches the collections of this process, so that a slow sample can be explained. */
export function watchGc(): { take: () => Collection[] } {
  let seen: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    take: () => {
      const entries = [...seen, ...observer.takeRecords()];
      seen = [];
      return entries.map((entry) => ({ startMs: entry.startTime, durationMs: entry.duration }));
    },
  };
}

/** Collects garbage now, between turns, so that it need not happen within one. */
export function collectGarbage(): void {
  globalThis.gc?.();
}
