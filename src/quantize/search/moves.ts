import type { Recipe } from '../../records/recipe.ts';
import { differingKeys } from './describeRecipe.ts';

/** One choice of a recipe changed. */
export type Move = Partial<Recipe>;

/** Changes that can make a file faster, by what they save on ConvNeXt (docs/int8.md). */
const FASTER: readonly Move[] = [
  { grn: 'every_8th_token' },
  { grn: 'frozen' },
  { between_linears: 'u8' },
  { gelu: 'tanh' },
  { depthwise: 'int8' },
  { depthwise: 'float' },
  { between_linears: 'float' },
  { linears: 'static' },
  { weights: 'per_tensor' },
];

/** Changes that can make a file more accurate, the cheapest to make first. */
const TRUER: readonly Move[] = [
  { calibration: 'percentile_99.99' },
  { calibration: 'percentile_99.999' },
  { calibration: 'percentile_99.9' },
  { calibration: 'mse' },
  { calibration: 'entropy' },
  { calibration: 'minmax' },
  { weights: 'per_channel' },
  { smooth_quant: 0.5 },
  { bias_correction: true },
  { grn: 'exact' },
  { gelu: 'exact' },
  { linears: 'dynamic' },
];

/** What to leave float, or to round otherwise, where the first recipe makes no file: a layer that is not fused. */
const CAREFUL: readonly Move[] = [
  { linears: 'dynamic' },
  { linears: 'float' },
  { between_linears: 'float' },
  { depthwise: 'float' },
  { linears: 'float', between_linears: 'float', depthwise: 'float' },
];

/** More careful recipes than `base`, each once. */
export function carefulRecipes(base: Recipe): Recipe[] {
  const recipes = CAREFUL.map((move) => applyMove(base, move));
  return recipes.filter((recipe, index) => [base, ...recipes.slice(0, index)].every((other) => !isSame(recipe, other)));
}

/** The moves that change `base`, each kind in its fixed order. */
export function movesFrom(base: Recipe): { readonly faster: readonly Move[]; readonly truer: readonly Move[] } {
  const changes = (move: Move): boolean => !isSame(applyMove(base, move), base);
  return { faster: FASTER.filter(changes), truer: TRUER.filter(changes) };
}

export function applyMove(recipe: Recipe, move: Move): Recipe {
  return { ...recipe, ...move };
}

export function isSame(a: Recipe, b: Recipe): boolean {
  return differingKeys(a, b).length === 0;
}
