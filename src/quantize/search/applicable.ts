import type { MadeModel } from '../../records/quantization.ts';
import type { Recipe } from '../../records/recipe.ts';
import type { Move } from './moves.ts';

/** What is known of a model once one file was made of it. */
export interface KnownModel {
  /** Nodes of the float model per operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** What that file was made by. */
  readonly recipe: Recipe;
  readonly made: MadeModel;
}

type Test = (model: KnownModel) => boolean;

const LINEAR_KERNELS = /QGemm|MatMul/;

/** Choices that do nothing to some models; the others matter to every one. */
const MATTERS: Partial<Record<keyof Recipe, Test>> = {
  gelu: ({ operators }) => ['Gelu', 'com.microsoft.Gelu', 'Erf', 'Tanh'].some((name) => (operators[name] ?? 0) > 0),
  grn: ({ made }) => made.passes.every(({ name, rewritten }) => name !== 'rewrite_grn' || rewritten > 0),
  // A file does not say which of its integer convolutions are depthwise.
  depthwise: ({ operators, recipe, made }) =>
    recipe.depthwise === 'int8'
      ? (operators['Conv'] ?? 0) > 0
      : made.left_float.some(({ reason }) => reason.includes('depthwise')),
  linears: (model) => hasLinears(model) || leavesLinears(model),
  between_linears: hasLinears,
  smooth_quant: hasLinears,
};

/** Whether a move can change the file at all, so that no trial is spent on making the same one again. */
export function isApplicable(move: Move, model: KnownModel): boolean {
  // Object.keys forgets that a move's keys are a recipe's.
  return (Object.keys(move) as (keyof Recipe)[]).some((key) => MATTERS[key]?.(model) ?? true);
}

function hasLinears({ made }: KnownModel): boolean {
  return Object.keys(made.kernels).some((name) => LINEAR_KERNELS.test(name));
}

/** Whether the recipe, and nothing else, left linear layers float. */
function leavesLinears({ recipe, made }: KnownModel): boolean {
  return recipe.linears === 'float' && made.left_float.some(({ reason }) => reason.includes('linear layers'));
}
