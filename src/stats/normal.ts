import { bisect } from './bisect.ts';

/**
 * The standard normal distribution function, by Marsaglia's series (Evaluating the normal
 * distribution, J. Stat. Softw. 11(4), 2004). Absolute error near 1e-16 for |x| <= 8.
 */
export function normalCdf(x: number): number {
  let sum = x;
  let term = x;
  let before = 0;
  for (let odd = 3; sum !== before; odd += 2) {
    before = sum;
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The z below which the standard normal distribution has probability `p`; 1.959963984540054 for 0.975. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`a probability must lie strictly between 0 and 1, got ${p}`);
  return bisect(-8, 8, (z) => normalCdf(z) < p);
}
