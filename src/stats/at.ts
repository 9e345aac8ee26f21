/**
 * The element at `index`, which the caller knows to exist.
 *
 * @throws RangeError when it does not: a bug of ours, never a number made up.
 */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index} in an array of ${values.length}`);
  return value;
}
