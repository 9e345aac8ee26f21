import type { Pair } from '../records/decision.ts';
import type { Predictions } from '../records/predictions.ts';
import { pairedDifference } from '../stats/mcnemar.ts';
import { pairedSampleSize } from '../stats/requiredSampleSize.ts';
import { argmax } from './scores.ts';

/** The two-sided level below which a difference is more than noise. */
const SIGNIFICANT = 0.05;

/**
 * The selected candidate against another one, paired by image (methods B2). Information: it never
 * changes the selector's answer.
 *
 * @returns `undefined` when they share no image
 */
export function compareOnImages(selected: Predictions, other: Predictions, otherId: string): Pair | undefined {
  const rightOfOther = rightById(other);
  let n = 0;
  let onlySelected = 0;
  let onlyOther = 0;
  for (const [id, right] of rightById(selected)) {
    const otherRight = rightOfOther.get(id);
    if (otherRight !== undefined) {
      n += 1;
      onlySelected += right && !otherRight ? 1 : 0;
      onlyOther += !right && otherRight ? 1 : 0;
    }
  }
  const paired = pairedDifference(onlySelected, onlyOther, n);
  if (paired === undefined) {
    return undefined;
  }
  const discordance = (onlySelected + onlyOther) / n;
  return {
    other: otherId,
    n,
    only_selected_right: onlySelected,
    only_other_right: onlyOther,
    difference: paired.difference,
    interval: [paired.interval.lower, paired.interval.upper],
    exact_p: paired.exactP,
    mid_p: paired.midP,
    explained_by_noise: paired.exactP >= SIGNIFICANT,
    images_to_resolve: pairedSampleSize({ difference: paired.difference, discordance }) ?? null,
  };
}

/** Images are paired by content, so that a renamed file is still the same image. */
function rightById(predictions: Predictions): Map<string, boolean> {
  return new Map(
    predictions.ids.map((id, index) => {
      const row = predictions.probabilities[index] ?? [];
      return [
        `${id}\0${predictions.content_hashes[index]}`,
        predictions.classes[argmax(row)] === predictions.labels[index],
      ];
    }),
  );
}
