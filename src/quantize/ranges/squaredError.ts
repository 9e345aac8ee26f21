import type { Recipe } from '../../records/recipe.ts';
import { activationParams } from '../activationParams.ts';
import { roundHalfEven } from '../round.ts';
import type { Range } from '../statistics.ts';
import type { Bins } from './bins.ts';

/**
 * The expected squared error of the integers that a range gets, summed over all numbers. Numbers are
 * taken as evenly spread within their bin, and the error is integrated exactly over it.
 */
export function squaredError({ counts, width, zero }: Bins, range: Range, activations: Recipe['activations']): number {
  const { scale, zeroPoint } = activationParams(range, activations);
  const low = activations === 's8' ? -127 : -zeroPoint;
  const high = activations === 's8' ? 127 : 255 - zeroPoint;
  // In units of the scale, which keeps the cubes of tiny numbers above 0.
  const step = width / scale;
  let error = 0;
  let before = integratedError(-zero * step, low, high);
  for (let bin = 0; bin < counts.length; bin += 1) {
    const after = integratedError((bin + 1 - zero) * step, low, high);
    error += (counts[bin] ?? 0) * (after - before);
    before = after;
  }
  return (error / step) * scale ** 2;
}

/**
 * The integral from 0 to x of the squared distance to the nearest integer from `low` to `high`: a
 * twelfth for each whole integer, then a third of the cube of what is left.
 */
function integratedError(x: number, low: number, high: number): number {
  const inside = Math.min(Math.max(x, low), high);
  const whole = roundHalfEven(inside);
  const left = inside - whole;
  const beyond = x - inside;
  return whole / 12 + (left * left * left + beyond * beyond * beyond) / 3;
}
