import { check } from '../../config/problems.ts';
import { recipeSchema, type Recipe } from '../../records/recipe.ts';
import { flagSchema, recipeFlags, type RecipeFlag } from '../../records/recipeFlags.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { readJsonFile } from '../../store/jsonFile.ts';
import type { QuantizeArgs } from './args.ts';

const MAX_RECIPE_BYTES = 64 * 1024 * 1024;

/**
 * The recipe that the command line asks for: the flags over `--recipe`, or over the host's own.
 *
 * @throws BeltbenchError `bad_usage` for a value that a recipe does not have, with the nearest one;
 * `bad_record` for a file that holds no recipe
 */
export async function recipeOf(args: QuantizeArgs, byHost: Recipe): Promise<Recipe> {
  const base = args.recipe === undefined ? byHost : await readRecipe(args.recipe);
  const typed = new Map<string, unknown>(Object.entries(args));
  const asked = recipeFlags().flatMap((flag) => {
    const value = typed.get(flag.flag);
    return value === undefined ? [] : [[flag.key, checkFlag(flag, value)] as const];
  });
  // With its keys in one order, whoever wrote it: the recipe's text stands in the file.
  return recipeSchema.parse({ ...base, ...Object.fromEntries(asked) });
}

function checkFlag(flag: RecipeFlag, typed: unknown): Recipe[keyof Recipe] | undefined {
  const name = `--${flag.flag}`;
  const checked = check(flagSchema(flag), { [name]: flag.kind === 'share' ? toShare(typed) : typed });
  if (!checked.ok) {
    throw new BeltbenchError('bad_usage', `${checked.problem}; \`beltbench quantize --help\` lists the values`);
  }
  return checked.value[name];
}

function toShare(typed: unknown): unknown {
  if (typed === 'none') {
    return null;
  }
  const value = Number(typed);
  return Number.isNaN(value) ? typed : value;
}

/** A recipe on its own, or the one of a manifest or a trial's record. */
async function readRecipe(path: string): Promise<Recipe> {
  const content = await readJsonFile(path, MAX_RECIPE_BYTES).catch((thrown: unknown) => {
    throw new BeltbenchError('bad_record', `--recipe ${path} cannot be read as a recipe; name a JSON file`, {
      cause: thrown,
    });
  });
  if (content === undefined) {
    throw new BeltbenchError('bad_usage', `there is no file ${path}; name the recipe's with --recipe`);
  }
  const holder = typeof content === 'object' && content !== null && 'recipe' in content ? content.recipe : content;
  const checked = check(recipeSchema, holder);
  if (!checked.ok) {
    throw new BeltbenchError('bad_record', `${path} holds no recipe: ${checked.problem}`);
  }
  return checked.value;
}
