import * as assert from 'uvu/assert';

/** Asserts |actual - expected| <= relative * |expected|. */
export function close(actual: number | undefined, expected: number, relative: number, what = 'value'): void {
  const message = `${what}: ${actual} is not within ${relative} of ${expected}`;
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= relative * Math.abs(expected), message);
}

/** Asserts |actual - expected| <= absolute: for expected values that are printed with few decimals. */
export function near(actual: number | undefined, expected: number, absolute: number, what = 'value'): void {
  const message = `${what}: ${actual} is not within ${absolute} of ${expected}`;
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= absolute, message);
}
