/**
 * Where `isBelow` turns from true to false between `low` and `high`, to the last bit of a double.
 *
 * @param isBelow whether a point lies below the one sought; must be monotone
 */
export function bisect(low: number, high: number, isBelow: (x: number) => boolean): number {
  let below = low;
  let above = high;
  for (;;) {
    const middle = (below + above) / 2;
    if (middle === below || middle === above) return middle;
    if (isBelow(middle)) below = middle;
    else above = middle;
  }
}
