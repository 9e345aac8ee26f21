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
  let s = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      s += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
    }
  }
  const variance = (n * (n - 1) * (2 * n + 5) - tieTerm(values)) / 18;
  if (n < 3 || variance <= 0) {
    return undefined;
  }
  const z = (s - Math.sign(s)) / Math.sqrt(variance);
  // Beyond 8 standard deviations the function's own rounding is all that is left.
  return { s, z, p: Math.min(1, 2 * (1 - normalCdf(Math.min(8, Math.abs(z))))) };
}

function tieTerm(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
}
