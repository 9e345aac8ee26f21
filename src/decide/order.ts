/** Two texts by code unit: the same order on every machine, in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Started {
  readonly started_at: string;
  readonly record_id: string;
}

/** The records from the oldest to the newest, whatever order they came in. */
export function oldestFirst<T extends Started>(records: readonly T[]): T[] {
  return records.toSorted((a, b) => compareText(a.started_at, b.started_at) || compareText(a.record_id, b.record_id));
}
