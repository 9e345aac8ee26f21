import { z } from 'zod';
import { recipeSchema, type Recipe } from './recipe.ts';

/** One choice of the recipe as it is typed on the command line. */
export interface RecipeFlag {
  readonly key: keyof Recipe;
  /** Without the dashes: `weight-range`. */
  readonly flag: string;
  readonly kind: 'choice' | 'share' | 'switch' | 'names';
  /** For a choice. */
  readonly values: readonly string[];
}

/** `--calibration` names the folder of the images, so the way to a range has another name. */
const OTHER_NAMES: Readonly<Record<string, string>> = { calibration: 'method' };

/** The flags of every choice a recipe has, in the order of its schema. */
export function recipeFlags(): RecipeFlag[] {
  return Object.entries(recipeSchema.shape).map(([key, field]) => ({
    // Object.entries forgets that the keys are the schema's own.
    key: key as keyof Recipe,
    flag: flagOf(key),
    ...kindOf(field),
  }));
}

/** The schema that a typed choice keeps; its one key is the flag, so that a message names what was typed. */
export function flagSchema({ key, flag }: RecipeFlag): z.ZodType<Record<string, Recipe[keyof Recipe]>> {
  return z.strictObject({ [`--${flag}`]: recipeSchema.shape[key] });
}

function flagOf(key: string): string {
  return OTHER_NAMES[key] ?? key.replaceAll('_', '-');
}

function kindOf(field: z.ZodType): Pick<RecipeFlag, 'kind' | 'values'> {
  if (field instanceof z.ZodEnum) {
    return { kind: 'choice', values: field.options.map(String) };
  }
  if (field instanceof z.ZodBoolean) {
    return { kind: 'switch', values: [] };
  }
  return { kind: field instanceof z.ZodArray ? 'names' : 'share', values: [] };
}
