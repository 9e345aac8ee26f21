import { betaQuantile, incompleteBeta } from './beta.ts';

/**
 * The probability that Student's t with `freedom` degrees of freedom lies at least as far from 0 as
 * `t` does, to either side (NIST DLMF 8.17, by the incomplete beta function).
 *
 * @param freedom at least 1, not necessarily whole
 */
export function studentTwoSided(t: number, freedom: number): number {
  const square = t * t;
  return Number.isFinite(square)
    ? incompleteBeta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square))
    : 0;
}

/** The t that Student's t exceeds to either side with probability `p`: 2.776445 for 5 % and 4 degrees of freedom. */
export function studentTwoSidedQuantile(p: number, freedom: number): number {
  const x = betaQuantile(p, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - x)) / x);
}
