import type { Predictions } from '../../records/predictions.ts';
import { imageKey } from '../pairs.ts';
import { argmax } from '../scores.ts';

/** What a model says of one image. */
export interface Answered {
  /** The class with the highest probability. */
  readonly answer: string;
  readonly probabilities: ReadonlyMap<string, number>;
}

/** An image with two models' answers. */
export interface PairedAnswer {
  readonly id: string;
  readonly label: string;
  readonly reference: Answered;
  readonly variant: Answered;
}

/** The images that both models answered, in the reference's order; one that changed in between is not the same. */
export function pairAnswers(reference: Predictions | undefined, variant: Predictions | undefined): PairedAnswer[] {
  if (reference === undefined || variant === undefined) {
    return [];
  }
  const places = new Map(variant.ids.map((_, index) => [imageKey(variant, index), index]));
  return reference.ids.flatMap((id, index) => {
    const place = places.get(imageKey(reference, index));
    const label = reference.labels[index];
    return place === undefined || label === undefined
      ? []
      : [{ id, label, reference: answered(reference, index), variant: answered(variant, place) }];
  });
}

/** The classes by their names: two models may list them in another order. */
function answered({ classes, probabilities }: Predictions, index: number): Answered {
  const row = probabilities[index] ?? [];
  return {
    answer: classes[argmax(row)] ?? '',
    probabilities: new Map(
      classes.flatMap((name, place) => (row[place] === undefined ? [] : [[name, row[place]] as const])),
    ),
  };
}
