import type { Recipe } from '../../records/recipe.ts';
import { feasibleTrials, isMeasured, type MeasuredTrial } from './choose.ts';
import { truerMoves, type Gains } from './gains.ts';
import { applyMove } from './moves.ts';
import type { Trials } from './trials.ts';

/** Names of a recipe's integer layers, the one that rounding hurts most first. */
export type WorstLayers = (recipe: Recipe) => Promise<readonly string[]>;

/**
 * Where no trial holds the limit: lays the moves that lost less on top of each other, and then leaves
 * the worst 1, 2, 4, ... layers float, until one does.
 */
export async function regainAccuracy(trials: Trials, gains: Gains, worstLayers: WorstLayers): Promise<void> {
  if (feasibleTrials(trials.judged).length > 0) {
    return;
  }
  const best = await combine(trials, gains);
  if (best.isFeasible || trials.end !== undefined) {
    return;
  }
  const { recipe } = best.record;
  const layers = (await worstLayers(recipe)).filter((name) => !recipe.keep_float.includes(name));
  for (let count = 1; count <= layers.length; count *= 2) {
    const keepFloat = [...recipe.keep_float, ...layers.slice(0, count)];
    const trial = await trials.of({ ...recipe, keep_float: keepFloat });
    if (trial === undefined || trial.isFeasible) {
      return;
    }
  }
}

/** The most accurate recipe that the moves together come to. */
async function combine(trials: Trials, gains: Gains): Promise<MeasuredTrial> {
  const moves = truerMoves(gains);
  const [first] = moves;
  let best = (first === undefined ? undefined : gains.alone.get(first)) ?? gains.base;
  for (const move of moves.slice(1)) {
    const trial = await trials.of(applyMove(best.record.recipe, move));
    if (trial !== undefined && isMeasured(trial) && trial.accuracy.drop < best.accuracy.drop) {
      best = trial;
    }
    if (best.isFeasible) {
      return best;
    }
  }
  return best;
}
