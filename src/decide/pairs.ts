import type { Pair } from '../records/decision.ts';
import type { Predictions } from '../records/predictions.ts';
import { pairedDifference } from '../stats/mcnemar.ts';
import { pairedSampleSize } from '../stats/requiredSampleSize.ts';
import { argmax, type ClassRoles } from './scores.ts';

/** The two-sided level below which a difference is more than noise. */
const SIGNIFICANT = 0.05;

/**
 * The selected candidate against another one on the images that both answered (methods.md B2), but
 * for those labelled *maybe*, which are nobody's truth.
 * Information: it never changes the selector's answer.
 *
 * @returns `undefined` when they share no image
 */
export function compareOnImages(
  selected: Predictions,
  other: Predictions,
  otherId: string,
  roles: ClassRoles,
): Pair | undefined {
  const rightOfOther = rightByImage(other, roles);
  let n = 0;
  let onlySelected = 0;
  let onlyOther = 0;
  for (const [image, right] of rightByImage(selected, roles)) {
    const otherRight = rightOfOther.get(image);
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
  const { difference, interval } = paired;
  return {
    other: otherId,
    n,
    only_selected_right: onlySelected,
    only_other_right: onlyOther,
    difference,
    interval: [interval.lower, interval.upper],
    exact_p: paired.exactP,
    mid_p: paired.midP,
    explained_by_noise: paired.exactP >= SIGNIFICANT,
    images_to_resolve: pairedSampleSize({ difference, discordance: (onlySelected + onlyOther) / n }) ?? null,
  };
}

function rightByImage(predictions: Predictions, { maybe }: ClassRoles): Map<string, boolean> {
  const { labels, classes, probabilities } = predictions;
  return new Map(
    labels.flatMap((label, index) => {
      const answer = classes[argmax(probabilities[index] ?? [])];
      return label === maybe ? [] : [[imageKey(predictions, index), answer === label]];
    }),
  );
}

/** An image is the same one when it has the same id, label and bytes: otherwise it was changed in between. */
export function imageKey({ ids, content_hashes, labels }: Predictions, index: number): string {
  return JSON.stringify([ids[index], content_hashes[index], labels[index]]);
}
