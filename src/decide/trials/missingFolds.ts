import type { HpoTrial } from '../../records/hpo.ts';
import { countOf } from '../../shared/units.ts';
import type { TrialSettings } from './settings.ts';

/** More folds than any cross-validation has. */
const MOST_FOLDS = 100;

/** K-fold trials with fewer folds than they should have: their mean is over the others. */
export function foldWarnings(trials: readonly HpoTrial[], { foldsExpected }: TrialSettings): string[] {
  const numbered = trials.map((trial) => ({
    id: `${trial.backbone}/${trial.trialName}`,
    folds: trial.runs.flatMap(({ fold }) => (fold === undefined ? [] : [fold])),
  }));
  const all = numbered.flatMap(({ folds }) => folds);
  const first = all.includes(0) ? 0 : 1;
  const count = foldsExpected ?? all.reduce((most, fold) => Math.max(most, fold), first) - first + 1;
  return numbered.flatMap(({ id, folds }) => {
    if (folds.length === 0 || folds.length >= count) {
      return [];
    }
    const missing = Array.from({ length: Math.min(count, MOST_FOLDS) }, (_, index) => first + index).filter(
      (fold) => !folds.includes(fold),
    );
    return [
      `${id} has ${folds.length} of ${countOf(count, 'fold')} (missing: ${missing.join(', ')}): its mean is over the others`,
    ];
  });
}
