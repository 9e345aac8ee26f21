/** Values that differ by no more than this share, or this much below 1, differ by rounding only. */
const ROUNDING = 1e-12;

/**
 * Which points no other point dominates: is at least as good by every axis and better by one. Equal
 * points, also those that only rounding tells apart, are on the frontier together.
 *
 * @param points one row per point, one column per axis, lower is better; no NaN
 */
export function paretoFrontier(points: readonly (readonly number[])[]): boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false;
  for (const [axis, value] of a.entries()) {
    const sign = compare(value, b[axis] ?? value);
    if (sign > 0) {
      return false;
    }
    isBetter ||= sign < 0;
  }
  return isBetter;
}

function compare(a: number, b: number): number {
  return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b)) ? 0 : a - b;
}
