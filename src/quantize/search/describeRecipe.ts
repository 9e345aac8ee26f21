import type { Recipe } from '../../records/recipe.ts';

/** The choices in which a recipe differs from another, such as `grn frozen, gelu tanh`; empty for the same. */
export function describeDifference(recipe: Recipe, from: Recipe): string {
  return differingKeys(recipe, from)
    .map((key) => `${key.replaceAll('_', ' ')} ${describeChoice(recipe[key])}`)
    .join(', ');
}

/** In the order of the recipe's schema. */
export function differingKeys(recipe: Recipe, from: Recipe): (keyof Recipe)[] {
  // Object.keys forgets that a recipe's keys are the schema's own.
  return (Object.keys(recipe) as (keyof Recipe)[]).filter(
    (key) => JSON.stringify(recipe[key]) !== JSON.stringify(from[key]),
  );
}

/** How many of its choices approximate the model beyond rounding it to integers. */
export function countApproximations({ gelu, grn }: Recipe): number {
  return [gelu !== 'exact', grn !== 'exact'].filter(Boolean).length;
}

function describeChoice(choice: Recipe[keyof Recipe]): string {
  if (typeof choice === 'boolean') {
    return choice ? 'on' : 'off';
  }
  if (choice === null) {
    return 'off';
  }
  return Array.isArray(choice) ? (choice.length === 0 ? 'none' : choice.join(' ')) : String(choice);
}
