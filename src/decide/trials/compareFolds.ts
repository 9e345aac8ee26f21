import type { FoldDifference } from '../../records/trialSelection.ts';
import { pairedFoldTest, welchFoldTest } from '../../stats/foldTest.ts';
import type { ScoredTrial } from './scoreTrials.ts';

const SIGNIFICANT = 0.05;

/**
 * Whether the folds tell the selected trial from another one: by the paired test where both have the
 * same fold numbers, else by Welch's; see `stats/foldTest.ts`.
 *
 * @returns `undefined` where one has fewer than two folds
 */
export function compareFolds(selected: ScoredTrial, other: ScoredTrial): FoldDifference | undefined {
  const [own, others] = [sortedFolds(selected), sortedFolds(other)];
  const isPaired = own.length === others.length && own.every(({ fold }, index) => fold === others[index]?.fold);
  const [a, b] = [own.map(({ value }) => value), others.map(({ value }) => value)];
  const test = isPaired ? pairedFoldTest(a, b) : welchFoldTest(a, b);
  return (
    test && {
      backbone: other.trial.backbone,
      trial_name: other.trial.trialName,
      difference: test.difference,
      interval: [...test.interval],
      p: test.p,
      method: isPaired ? 'paired_t' : 'welch_t',
      folds: [a.length, b.length],
      distinguishable: test.p < SIGNIFICANT,
    }
  );
}

function sortedFolds({ folds }: ScoredTrial): { fold: number; value: number }[] {
  return folds
    .flatMap(({ fold, value }) => (fold === undefined ? [] : [{ fold, value }]))
    .toSorted((a, b) => a.fold - b.fold);
}
