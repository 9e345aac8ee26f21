import type { HpoTrial } from '../../records/hpo.ts';
import { countOf } from '../../shared/units.ts';
import type { TrialSettings } from './settings.ts';

/** More folds than any cross-validation has. */
const MOST_FOLDS = 100;

/** K-fold trials with fewer folds than they should have: their mean is over the others. */
export function foldWarnings(trials: readonly HpoTrial[], { foldsExpected }: TrialSettings): string[] {
  const numbered = trials.map(({ backbone, trialName, runs, foldsFound }) => {
    const folds = runs.flatMap(({ fold }) => (fold === undefined ? [] : [fold]));
    return { id: `${backbone}/${trialName}`, folds, found: foldsFound ?? folds };
  });
  const count = foldsExpected ?? Math.max(0, ...numbered.map(({ found }) => lengthOf(found)));
  const isFromZero = numbered.some(({ found }) => found.includes(0));
  return numbered.flatMap(({ id, folds, found }) => {
    if (folds.length === 0 || folds.length >= count) {
      return [];
    }
    // Where neither its first nor its last fold is there, it counts as the others do.
    const first = found.includes(0) || (isFromZero && !found.includes(count)) ? 0 : 1;
    const missing = Array.from({ length: Math.min(count, MOST_FOLDS) }, (_, index) => first + index).filter(
      (fold) => !folds.includes(fold),
    );
    return [
      `${id} has ${folds.length} of ${countOf(count, 'fold')} (missing: ${missing.join(', ')}): its mean is over the others`,
    ];
  });
}

/** How many folds there are up to the last one, from 0 or from 1. */
function lengthOf(folds: readonly number[]): number {
  return folds.reduce((most, fold) => Math.max(most, fold), 0) + (folds.includes(0) ? 1 : 0);
}
