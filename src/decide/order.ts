/** Two texts by code unit: the same order on every machine, in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Comparisons allow this much rounding (rules.md 1). */
export const ROUNDING = 1e-12;

/**
 * From the highest value to the lowest, ties by id. Values that only rounding tells apart tie: the
 * mean of three folds at 0.8 is 0.8000000000000002.
 */
export function bestFirst<T extends { readonly id: string }>(items: readonly T[], valueOf: (item: T) => number): T[] {
  const sorted = items.toSorted((a, b) => valueOf(b) - valueOf(a));
  const tied: T[][] = [];
  for (const item of sorted) {
    const [first] = tied.at(-1) ?? [];
    if (first !== undefined && valueOf(first) - valueOf(item) <= ROUNDING) {
      tied.at(-1)?.push(item);
    } else {
      tied.push([item]);
    }
  }
  return tied.flatMap((equals) => equals.toSorted((a, b) => compareText(a.id, b.id)));
}

interface Started {
  readonly started_at: string;
  readonly record_id: string;
}

/** The records from the oldest to the newest, whatever order they came in. */
export function oldestFirst<T extends Started>(records: readonly T[]): T[] {
  return records.toSorted((a, b) => compareText(a.started_at, b.started_at) || compareText(a.record_id, b.record_id));
}
