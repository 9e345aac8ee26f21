import type { Argv } from 'yargs';
import { recipeFlags, type RecipeFlag } from '../../records/recipeFlags.ts';
import { DEFAULT_DROP_POINTS, DEFAULT_IMAGES, DEFAULT_SEED, DEFAULT_TRIALS } from './args.ts';
import { numberOf, type NumberRule } from '../numbers.ts';

/** The options of `quantize`: what is made of what, the recipe's choices, and the search. */
export function quantizeOptions<T>(argv: Argv<T>) {
  const built = addSearchOptions(addFileOptions(argv));
  return recipeFlags().reduce(addRecipeFlag, built);
}

function addFileOptions<T>(argv: Argv<T>) {
  const built = argv
    .positional('model', { type: 'string', demandOption: true, describe: 'a float ONNX file' })
    .option('calibration', {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe:
        "folder of images like the line's, flat or with a folder per class; what models are judged on is left out",
    })
    .option('out', { type: 'string', requiresArg: true, describe: 'the INT8 file (default: NAME.int8.onnx beside it)' })
    .option('card', {
      type: 'string',
      requiresArg: true,
      describe: 'the model card (default: NAME.model.yaml beside the model)',
    })
    .option('force', { type: 'boolean', default: false, describe: 'overwrite an existing output' })
    .option('threads', {
      type: 'string',
      requiresArg: true,
      describe: "intra-op threads: of calibration (default: all cores) and of the trials (default: the study's)",
      coerce: numberOf('--threads', { least: 1, most: 1024, isWhole: true }),
    })
    .option('recipe', {
      type: 'string',
      requiresArg: true,
      describe: 'a recipe, or a manifest or trial that holds one; the flags below go over it (default: by this host)',
    });
  return numeric(
    numeric(
      built,
      'images',
      { least: 8, most: 100_000, isWhole: true },
      `how many images to draw (default ${DEFAULT_IMAGES})`,
    ),
    'seed',
    { least: 0, most: 4_294_967_295, isWhole: true },
    `which images are drawn (default ${DEFAULT_SEED})`,
  );
}

function addSearchOptions<T>(argv: Argv<T>) {
  const built = argv
    .option('search', {
      type: 'boolean',
      default: false,
      describe: 'try recipes: the fastest on this host that holds the accuracy limit; saved trials are not repeated',
    })
    .option('check', {
      type: 'boolean',
      default: false,
      describe:
        'with --search: exit with 1 also when the target is missed, and with 3 when the images or samples prove neither limit nor target',
    })
    .option('evaluation', {
      type: 'string',
      requiresArg: true,
      describe: "folder with a folder of images per class to judge on (default: the study's split)",
    });
  const withDrop = numeric(
    built,
    'max-accuracy-drop',
    { least: 0, most: 100, unit: 'percentage points' },
    `accuracy that may be lost against the float model, in percentage points (default ${DEFAULT_DROP_POINTS})`,
  );
  const withTarget = numeric(
    withDrop,
    'target-p99-ms',
    { least: 0.001, most: 1_000_000, unit: 'milliseconds' },
    'stop at the first trial whose p99 is within it',
  );
  return numeric(
    withTarget,
    'max-trials',
    { least: 1, most: 1000, isWhole: true },
    `trials in all, stored ones included (default ${DEFAULT_TRIALS})`,
  );
}

function numeric<T, Name extends string>(argv: Argv<T>, name: Name, rule: NumberRule, describe: string) {
  return argv.option(name, { type: 'string', requiresArg: true, describe, coerce: numberOf(`--${name}`, rule) });
}

/** Values are checked where the nearest one can be told. */
function addRecipeFlag<T>(argv: Argv<T>, { flag, kind, values }: RecipeFlag): Argv<T> {
  const group = 'Recipe:';
  switch (kind) {
    case 'choice':
      return argv.option(flag, { type: 'string', requiresArg: true, group, describe: values.join(', ') });
    case 'share':
      return argv.option(flag, { type: 'string', requiresArg: true, group, describe: 'a share from 0 to 1, or none' });
    case 'switch':
      return argv.option(flag, { type: 'boolean', group, describe: `--no-${flag} turns it off` });
    case 'names':
      return argv.option(flag, { type: 'string', array: true, group, describe: 'names of nodes that stay float' });
  }
}
