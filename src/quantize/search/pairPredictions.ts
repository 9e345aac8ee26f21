import type { Predictions } from '../../records/predictions.ts';
import type { PairedCounts } from '../../records/quantizationTrial.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/**
 * Counts where a variant answers otherwise than the float model, at argmax, image by image.
 *
 * @param targetClass the class that must not be missed; `undefined` where no study names one
 * @param maybeClass images labelled so are nobody's truth, and a target answered so goes to review
 * @throws BeltbenchError `bad_dataset` when the two were not evaluated on the same images
 */
export function pairPredictions(
  reference: Predictions,
  variant: Predictions,
  targetClass: string | undefined,
  maybeClass?: string,
): PairedCounts {
  assertSameImages(reference, variant);
  const rows = reference.labels
    .map((label, index) => ({ label, reference: answerOf(reference, index), variant: answerOf(variant, index) }))
    .filter(({ label }) => label !== maybeClass);
  const isMiss = (answer: string | undefined): boolean => answer !== targetClass && answer !== maybeClass;
  const count = (holds: (row: (typeof rows)[number]) => boolean): number => rows.filter(holds).length;
  return {
    images: rows.length,
    reference_correct: count((row) => row.reference === row.label),
    variant_correct: count((row) => row.variant === row.label),
    only_reference_correct: count((row) => row.reference === row.label && row.variant !== row.label),
    only_variant_correct: count((row) => row.reference !== row.label && row.variant === row.label),
    flips: count((row) => row.reference !== row.variant),
    target_misses:
      targetClass === undefined
        ? null
        : {
            targets: count((row) => row.label === targetClass),
            reference: count((row) => row.label === targetClass && isMiss(row.reference)),
            variant: count((row) => row.label === targetClass && isMiss(row.variant)),
          },
  };
}

function assertSameImages(reference: Predictions, variant: Predictions): void {
  const differs = Math.max(reference.ids.length, variant.ids.length);
  for (let index = 0; index < differs; index += 1) {
    if (
      reference.ids[index] !== variant.ids[index] ||
      reference.content_hashes[index] !== variant.content_hashes[index] ||
      reference.labels[index] !== variant.labels[index]
    ) {
      throw new BeltbenchError(
        'bad_dataset',
        `the images must not change during a search, and ${variant.ids[index] ?? reference.ids[index] ?? 'one'} did; run again when nobody writes there`,
      );
    }
  }
}

function answerOf({ classes, probabilities }: Predictions, index: number): string | undefined {
  const row = probabilities[index] ?? [];
  return classes[row.indexOf(Math.max(...row))];
}
