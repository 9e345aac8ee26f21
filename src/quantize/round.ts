/** Adding it leaves no room for a fraction in a float64, and the addition itself rounds half to even. */
const NO_FRACTION = 1.5 * 2 ** 52;

/**
 * The nearest integer, halves to the even one, as numpy and the runtime round; `Math.round` sends
 * them up. Without a branch, for loops over millions of numbers.
 *
 * @param x of at most 2^51 in size; what may be larger is saturated first
 */
export function roundHalfEven(x: number): number {
  return x + NO_FRACTION - NO_FRACTION;
}

/** The nearest integer from `low` to `high`, both integers; halves go to the even one. */
export function roundAndSaturate(x: number, low: number, high: number): number {
  return roundHalfEven(Math.min(Math.max(x, low), high));
}
