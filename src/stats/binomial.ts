import { incompleteBeta } from './beta.ts';

/**
 * P(Bin(n, q) <= k): the chance of at most `k` events in `n` trials of probability `q`.
 * 0 for k < 0 and 1 for k >= n (methods.md 0.1).
 */
export function binomialCdf(k: number, n: number, q: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBeta(n - k, k + 1, 1 - q, q);
}

/** P(Bin(n, q) >= k), with full precision where it is tiny. */
export function binomialUpperTail(k: number, n: number, q: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return incompleteBeta(k, n - k + 1, q, 1 - q);
}
