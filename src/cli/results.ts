import { printable } from './printable.ts';

/** How one candidate came out of a measurement or an evaluation. */
export interface Result {
  readonly id: string;
  /** Why its model cannot be used here; `null` where it can. */
  readonly failure: string | null;
  /** How its process was lost, which says nothing of the model; `null` where it was not. */
  readonly lost: string | null;
}

/** A line for each candidate that has no figures, and why. */
export function describeFailures(results: readonly Result[]): string[] {
  return results.flatMap(({ id, failure, lost }) => {
    const reason = failure ?? lost;
    return reason === null ? [] : [`${id}: ${printable(reason)}\n`];
  });
}
