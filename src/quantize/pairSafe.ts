import { type KernelLayout, LARGEST_PAIR_SUM } from '../onnx/kernelLayout.ts';
import { roundHalfEven } from './round.ts';

/** Two weights that are no more than this many scales together stay within the sum when both are rounded up. */
const SAFE_UNROUNDED_SUM = LARGEST_PAIR_SUM - 1;
/** At this many scales for the largest weight no pair can exceed the sum. */
const LARGEST_SAFE_WEIGHT = LARGEST_PAIR_SUM / 2;

/**
 * The smallest float32 scale from `scale` on with which no two neighbouring weights of the channel
 * can saturate the 16-bit sums of CPUs without VNNI. Neighbours are (2j, 2j + 1) in the order of
 * summing; the sum fits whatever the activations are when the pair's positive parts sum to 128 at
 * most and its negative parts to -128 at least.
 *
 * @param start where the channel's first weight lies
 * @param absMax the largest absolute weight of the channel; its scale in 7 bits is the most that is ever needed
 */
export function pairSafeScale(
  weights: Float32Array,
  { places }: KernelLayout,
  start: number,
  absMax: number,
  scale: number,
): number {
  let safe = scale;
  for (let place = 0; place + 1 < places.length; place += 2) {
    const first = weights[start + (places[place] ?? 0)] ?? 0;
    const second = weights[start + (places[place + 1] ?? 0)] ?? 0;
    // Of unlike signs, neither exceeds the largest weight. Nearly all pairs end here.
    if (Math.abs(first + second) > SAFE_UNROUNDED_SUM * safe && !pairFits(first, second, safe)) {
      safe = smallestFitting(first, second, safe, absMax / LARGEST_SAFE_WEIGHT);
    }
  }
  return safe;
}

function pairFits(first: number, second: number, scale: number): boolean {
  const a = roundHalfEven(Math.fround(first / scale));
  const b = roundHalfEven(Math.fround(second / scale));
  return Math.max(a, 0) + Math.max(b, 0) <= LARGEST_PAIR_SUM && Math.min(a, 0) + Math.min(b, 0) >= -LARGEST_PAIR_SUM;
}

/** Bisects between two float32 scales: with a larger scale no rounded weight grows. */
function smallestFitting(first: number, second: number, tooSmall: number, enough: number): number {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const bitsOf = (value: number): number => {
    float[0] = value;
    return bits[0] ?? 0;
  };
  const scaleAt = (pattern: number): number => {
    bits[0] = pattern;
    return float[0] ?? 0;
  };
  // The patterns of positive floats are in the order of the floats.
  let below = bitsOf(tooSmall);
  let fitting = bitsOf(enough);
  while (fitting - below > 1) {
    const middle = Math.floor((below + fitting) / 2);
    if (pairFits(first, second, scaleAt(middle))) {
      fitting = middle;
    } else {
      below = middle;
    }
  }
  return scaleAt(fitting);
}
