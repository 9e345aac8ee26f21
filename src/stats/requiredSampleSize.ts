import { normalQuantile } from './normal.ts';

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
