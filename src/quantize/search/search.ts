import type { Recipe } from '../../records/recipe.ts';
import { chooseTrial, isMeasured, paretoSet, type MeasuredTrial } from './choose.ts';
import { climb } from './climb.ts';
import type { JudgedTrial, SearchGoals } from './judge.ts';
import { applyMove, carefulRecipes, movesFrom, type Move } from './moves.ts';
import { regainAccuracy, type WorstLayers } from './regainAccuracy.ts';
import { Trials, type RunTrial, type SearchEnd } from './trials.ts';

/** What a search needs of the world. */
export interface SearchBench {
  readonly runTrial: RunTrial;
  readonly worstLayers: WorstLayers;
  /** Whether a move can change this model's file at all; told the first trial that made one. */
  readonly isApplicable: (move: Move, first: MeasuredTrial) => boolean;
}

export interface SearchResult {
  /** In the order in which they were tried. */
  readonly trials: readonly JudgedTrial[];
  /** `undefined`: none holds the accuracy limit. */
  readonly chosen: MeasuredTrial | undefined;
  /** By speed. */
  readonly pareto: readonly MeasuredTrial[];
  readonly end: SearchEnd;
}

/**
 * Looks for the fastest recipe that holds an accuracy limit: first `base`, or where that makes no file
 * the first more careful recipe that does; then each change of it alone, what is lacking (speed or accuracy) first; where the limit fails, the changes that regain
 * accuracy together and then the layers that INT8 hurts most left float; and from the fastest trial
 * that holds it, the changes that gained speed on top of each other. The order depends on the results alone, so that a search
 * that was killed goes the same way again over its stored trials.
 *
 * It ends when a trial meets the latency target and holds the limit, or the trials are spent.
 */
export async function search(bench: SearchBench, base: Recipe, goals: SearchGoals): Promise<SearchResult> {
  const trials = new Trials(bench.runTrial, goals);
  const first = await findFirst(trials, base);
  if (first !== undefined) {
    await explore(trials, bench, first);
  }
  return {
    trials: trials.judged,
    chosen: chooseTrial(trials.judged, base),
    pareto: paretoSet(trials.judged),
    end: trials.end ?? 'nothing_left',
  };
}

async function findFirst(trials: Trials, base: Recipe): Promise<MeasuredTrial | undefined> {
  for (const recipe of [base, ...carefulRecipes(base)]) {
    const trial = await trials.of(recipe);
    if (trial !== undefined && isMeasured(trial)) {
      return trial;
    }
  }
  return undefined;
}

async function explore(trials: Trials, bench: SearchBench, first: MeasuredTrial): Promise<void> {
  const base = first.record.recipe;
  const moves = movesFrom(base);
  const faster = moves.faster.filter((move) => bench.isApplicable(move, first));
  const truer = moves.truer.filter((move) => bench.isApplicable(move, first));
  const alone = new Map<Move, MeasuredTrial>();
  const gains = { base: first, alone };
  if (first.isFeasible) {
    await tryAlone(trials, base, faster, alone);
    await climb(trials, gains);
    await tryAlone(trials, base, truer, alone);
  } else {
    await tryAlone(trials, base, [...truer, ...faster], alone);
    await regainAccuracy(trials, gains, bench.worstLayers);
  }
  await climb(trials, gains);
}

async function tryAlone(
  trials: Trials,
  base: Recipe,
  moves: readonly Move[],
  alone: Map<Move, MeasuredTrial>,
): Promise<void> {
  for (const move of moves) {
    const trial = await trials.of(applyMove(base, move));
    if (trial !== undefined && isMeasured(trial)) {
      alone.set(move, trial);
    }
  }
}
