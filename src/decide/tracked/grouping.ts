import type { TrialOf } from './sortRuns.ts';

/** Entries by their key, each group in the order that they came in. */
export function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) {
      groups.set(keyOf(entry), [entry]);
    } else {
      group.push(entry);
    }
  }
  return groups;
}

/** Two hashes that cannot run into each other. */
export function idOfTrial({ study, trial }: TrialOf): string {
  return JSON.stringify([study, trial]);
}
