/**
 * Which points no other point dominates: is at least as good by every axis and better by one. Equal
 * points are on the frontier together.
 *
 * @param points one row per point, one column per axis, lower is better; no NaN
 */
export function paretoFrontier(points: readonly (readonly number[])[]): boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  const pairs = a.map((value, axis) => value - (b[axis] ?? value));
  return pairs.every((difference) => difference <= 0) && pairs.some((difference) => difference < 0);
}
