/**
 * `1 - share` without the noise of binary fractions: 1 - 0.99 is 0.010000000000000009 in doubles,
 * and such a trace must not decide a verdict. Exact for shares of up to 15 decimals.
 *
 * @param share a probability strictly between 0 and 1, by at least 1e-15
 * @throws RangeError outside of it: a share of 1 can never be proven, one of 0 needs no proof
 */
export function complement(share: number): number {
  const rest = Math.round((1 - share) * 1e15) / 1e15;
  if (!(rest > 0 && rest < 1)) throw new RangeError(`a share must lie strictly between 0 and 1, got ${share}`);
  return rest;
}
