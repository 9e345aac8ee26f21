import { minimumPairs } from './hodgesLehmann.ts';
import { normalQuantile } from './normal.ts';
import { DISPLAY_CONFIDENCE } from './proportion.ts';
import { tangoInterval } from './tango.ts';

/** Nobody labels more. */
const MOST_IMAGES = 1e9;

export interface PairedPlan {
  /** The difference of the two accuracies to detect, as a share: 0.0016 for 0.16 points. */
  readonly difference: number;
  /** The share of images on which exactly one of the two models is right. */
  readonly discordance: number;
  /** The wanted chance of detecting it; 0.8 when left out. */
  readonly power?: number;
  /** The two-sided level of the test; 0.05 when left out. */
  readonly alpha?: number;
}

/**
 * How many images a paired comparison of two models needs (Connor 1987; methods.md D4). The exact
 * McNemar test needs about 1 % more.
 *
 * @returns undefined when the difference is 0: no number of images shows it
 * @throws RangeError when the discordance is smaller than the difference, which cannot be
 */
export function pairedSampleSize({
  difference,
  discordance,
  power = 0.8,
  alpha = 0.05,
}: PairedPlan): number | undefined {
  const gap = Math.abs(difference);
  if (gap === 0) return undefined;
  if (!(discordance >= gap && discordance <= 1)) {
    throw new RangeError(`a discordance of ${discordance} cannot hold a difference of ${difference}`);
  }
  const atLevel = normalQuantile(1 - alpha / 2) * Math.sqrt(discordance);
  const atPower = normalQuantile(power) * Math.sqrt(discordance - gap * gap);
  return Math.ceil(((atLevel + atPower) / gap) ** 2);
}

/**
 * How many interleaved rounds a comparison of two latencies needs to see that one is `effect` slower,
 * with a power of 80 % at a two-sided level of 5 % (methods.md A7).
 *
 * @param spread the standard deviation of the rounds' log ratios
 * @param effect the least share that matters: 0.02 for 2 %
 */
export function roundsToResolve(spread: number, effect: number): number {
  const quantiles = normalQuantile(0.975) + normalQuantile(0.8);
  return Math.max(minimumPairs(DISPLAY_CONFIDENCE), Math.ceil(((quantiles * spread) / Math.log1p(effect)) ** 2));
}

/**
 * How many images it takes until Tango's interval lies within +/- `margin`, if the shares of images on
 * which only one model is right stay as they are.
 *
 * @param b how many only the first got right
 * @param c how many only the second got right
 * @returns undefined when the difference itself is not within the margin, or so near it that no number of images would help
 */
export function imagesForEquivalence(b: number, c: number, n: number, margin: number): number | undefined {
  if (n === 0 || Math.abs(b - c) / n >= margin) return undefined;
  const isWithin = (images: number): boolean => {
    const scale = images / n;
    const { lower, upper } = tangoInterval(b * scale, c * scale, images, DISPLAY_CONFIDENCE);
    return lower >= -margin && upper <= margin;
  };
  let enough = n;
  while (!isWithin(enough)) {
    enough *= 2;
    if (enough > MOST_IMAGES) return undefined;
  }
  let tooFew = 0;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isWithin(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
