import type { Predictions } from '../records/predictions.ts';

/** Which classes matter to the decision. */
export interface ClassRoles {
  readonly target: string;
  /** The model's own class for uncertain items, if it has one. */
  readonly maybe: string | undefined;
}

/** The scores and labels of the images that a sweep can use. */
export interface Scores {
  readonly values: Float64Array;
  readonly isTarget: Uint8Array;
  /** Index of the class the model answers at argmax, per image. */
  readonly answers: readonly number[];
}

/**
 * Each image's score for the target class: its probability, or, for a model with a *maybe* class of
 * its own, 1 - p(clear class), because a maybe is a reason to look.
 *
 * Images labelled *maybe* are nobody's truth and are left out of the sweep.
 */
export function scoreImages(predictions: Predictions, roles: ClassRoles): Scores {
  const { classes } = predictions;
  const target = classes.indexOf(roles.target);
  const clear = classes.findIndex((name) => name !== roles.target && name !== roles.maybe);
  const hasMaybe = roles.maybe !== undefined && classes.includes(roles.maybe);
  const rows = predictions.probabilities.flatMap((row, index) =>
    predictions.labels[index] === roles.maybe ? [] : [{ row, label: predictions.labels[index] }],
  );
  const scoreOf = (row: readonly number[]): number =>
    hasMaybe ? 1 - (row[clear] ?? Number.NaN) : (row[target] ?? Number.NaN);
  return {
    values: Float64Array.from(rows, ({ row }) => scoreOf(row)),
    isTarget: Uint8Array.from(rows, ({ label }) => (label === roles.target ? 1 : 0)),
    answers: rows.map(({ row }) => argmax(row)),
  };
}

/** The first of the largest, as the training side's argmax answers ties. */
export function argmax(row: readonly number[]): number {
  return row.reduce((best, value, index) => (value > (row[best] ?? -Infinity) ? index : best), 0);
}
