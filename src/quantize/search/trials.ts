import type { Recipe } from '../../records/recipe.ts';
import type { TrialRecord } from '../../records/quantizationTrial.ts';
import { isSame } from './moves.ts';
import { judgeTrial, type JudgedTrial, type SearchGoals } from './judge.ts';

/** Makes a recipe's file, evaluates it and measures it; or gives back what is stored of it. */
export type RunTrial = (recipe: Recipe, number: number) => Promise<TrialRecord>;

/** Why a search ended. */
export type SearchEnd = 'target_met' | 'trials_spent' | 'nothing_left';

/** The trials of one search so far, each recipe once, and whether there may be another. */
export class Trials {
  readonly judged: JudgedTrial[] = [];
  private readonly run: RunTrial;
  private readonly goals: SearchGoals;

  constructor(run: RunTrial, goals: SearchGoals) {
    this.run = run;
    this.goals = goals;
  }

  /** `undefined` while the search may go on. */
  get end(): Exclude<SearchEnd, 'nothing_left'> | undefined {
    if (this.judged.some(({ isFeasible, latency }) => isFeasible && latency?.meetsTarget === true)) {
      return 'target_met';
    }
    return this.judged.length >= this.goals.maxTrials ? 'trials_spent' : undefined;
  }

  /** The recipe's trial; `undefined` when the search is at its end and has none of it. */
  async of(recipe: Recipe): Promise<JudgedTrial | undefined> {
    const known = this.judged.find(({ record }) => record.recipe !== null && isSame(record.recipe, recipe));
    if (known !== undefined || this.end !== undefined) {
      return known;
    }
    const judged = judgeTrial(await this.run(recipe, this.judged.length + 1), this.goals);
    this.judged.push(judged);
    return judged;
  }
}
