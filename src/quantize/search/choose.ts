import type { Recipe } from '../../records/recipe.ts';
import { countApproximations, differingKeys } from './describeRecipe.ts';
import type { JudgedAccuracy, JudgedLatency, JudgedTrial } from './judge.ts';

/** A trial with everything that a choice needs. */
export type MeasuredTrial = JudgedTrial & {
  readonly record: { readonly recipe: Recipe };
  readonly accuracy: JudgedAccuracy;
  readonly latency: JudgedLatency;
};

export function isMeasured(trial: JudgedTrial): trial is MeasuredTrial {
  return trial.record.recipe !== null && trial.accuracy !== undefined && trial.latency !== undefined;
}

/** The trials that hold the accuracy limit. */
export function feasibleTrials(trials: readonly JudgedTrial[]): MeasuredTrial[] {
  return trials.filter(isMeasured).filter(({ isFeasible }) => isFeasible);
}

/**
 * The trial to keep: of those that hold the accuracy limit, and meet the latency target where one
 * does, the fastest; and among all that the noise cannot tell from the fastest, the one that
 * approximates least, then the one closest to `base`, then the one that loses least.
 */
export function chooseTrial(trials: readonly JudgedTrial[], base: Recipe): MeasuredTrial | undefined {
  const feasible = feasibleTrials(trials);
  const meeting = feasible.filter(({ latency }) => latency.meetsTarget);
  const field = meeting.length > 0 ? meeting : feasible;
  const fastest = field.toSorted((a, b) => a.latency.ratio - b.latency.ratio)[0];
  if (fastest === undefined) {
    return undefined;
  }
  const level = field.filter((trial) => trial.latency.ratioInterval[0] <= fastest.latency.ratioInterval[1]);
  return level.toSorted((a, b) => compareSimplicity(a, b, base))[0];
}

function compareSimplicity(a: MeasuredTrial, b: MeasuredTrial, base: Recipe): number {
  return (
    countApproximations(a.record.recipe) - countApproximations(b.record.recipe) ||
    countChanges(a.record.recipe, base) - countChanges(b.record.recipe, base) ||
    a.accuracy.drop - b.accuracy.drop ||
    a.latency.ratio - b.latency.ratio
  );
}

/** Each layer kept float is a change of its own. */
function countChanges(recipe: Recipe, base: Recipe): number {
  return differingKeys(recipe, base).filter((key) => key !== 'keep_float').length + recipe.keep_float.length;
}

/** The trials that no other beats: none is both faster and more accurate, or as good in one and better in the other. */
export function paretoSet(trials: readonly JudgedTrial[]): MeasuredTrial[] {
  const measured = trials.filter(isMeasured);
  return measured
    .filter((trial) => !measured.some((other) => dominates(other, trial)))
    .toSorted((a, b) => a.latency.ratio - b.latency.ratio);
}

function dominates(a: MeasuredTrial, b: MeasuredTrial): boolean {
  const noWorse = a.latency.ratio <= b.latency.ratio && a.accuracy.drop <= b.accuracy.drop;
  return noWorse && (a.latency.ratio < b.latency.ratio || a.accuracy.drop < b.accuracy.drop);
}
