import { normalCdf } from './normal.ts';

export interface Trend {
  /** Rising pairs minus falling ones. */
  readonly s: number;
  /** S in standard deviations, with the correction for continuity. */
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * The Mann-Kendall test for a trend, with the variance corrected for ties (Mann 1945, Kendall;
 * methods.md A5). It assumes independent values.
 *
 * @returns `undefined` for fewer than three values or none that differ
 */
export function mannKendall(values: readonly number[]): Trend | undefined {
  const n = values.length;
  const s = risesLessFalls(values);
  const variance = (n * (n - 1) * (2 * n + 5) - tieTerm(values)) / 18;
  if (n < 3 || variance <= 0) {
    return undefined;
  }
  const z = (s - Math.sign(s)) / Math.sqrt(variance);
  // Beyond 8 standard deviations the function's own rounding is all that is left.
  return { s, z, p: Math.min(1, 2 * (1 - normalCdf(Math.min(8, Math.abs(z))))) };
}

/** Over all pairs in order, in n log n: a Fenwick tree holds how many of the values so far have which rank. */
function risesLessFalls(values: readonly number[]): number {
  const ranks = new Map([...new Set(values)].toSorted((a, b) => a - b).map((value, index) => [value, index + 1]));
  const tree = new Uint32Array(ranks.size + 1);
  const upTo = (rank: number): number => {
    let count = 0;
    for (let at = rank; at > 0; at -= at & -at) {
      count += tree[at] ?? 0;
    }
    return count;
  };
  let s = 0;
  for (const [before, value] of values.entries()) {
    const rank = ranks.get(value) ?? 0;
    s += upTo(rank - 1) - (before - upTo(rank));
    for (let at = rank; at < tree.length; at += at & -at) {
      tree[at] = (tree[at] ?? 0) + 1;
    }
  }
  return s;
}

function tieTerm(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
}
