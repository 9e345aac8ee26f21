import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A garbage collection, in ms of the process's performance clock. */
export interface Collection {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Turns of the event loop until Node has handed out what V8 reported. */
const DELIVERY_TURNS = 2;

/** Watches the collections of this process, so that a slow sample can be explained. */
export function watchGc(): { within: (fromMs: number, untilMs: number) => Promise<Collection[]> } {
  let seen: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    /** The collections between two times of the performance clock; all earlier ones are forgotten. */
    within: async (fromMs, untilMs) => {
      for (let turn = 0; turn < DELIVERY_TURNS; turn += 1) {
        await nextTurn();
      }
      const entries = [...seen, ...observer.takeRecords()];
      seen = [];
      return entries
        .filter(({ startTime, duration }) => startTime + duration >= fromMs && startTime <= untilMs)
        .map(({ startTime, duration }) => ({ startMs: startTime, durationMs: duration }));
    },
  };
}

/** Collects garbage now, between turns, so that it need not happen within one. */
export function collectGarbage(): void {
  globalThis.gc?.();
}
