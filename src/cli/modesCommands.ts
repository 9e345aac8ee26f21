import { defineCommand, type Command, type CommonOptions } from './command.ts';
import { CONTROLLERS } from './controllerCommands.ts';
import type { Flag } from './flagTable.ts';
import { numberOf } from './numbers.ts';

/** Adds a flag to yargs, for `--help` and where an option stands before the command's name. */
function withFlag(argv: CommonOptions, flag: Flag): CommonOptions {
  const { name, describe, kind, rule, required = false } = flag;
  return argv.option(name, {
    describe,
    type: kind === 'switch' ? 'boolean' : 'string',
    array: kind === 'list',
    demandOption: required,
    ...(kind !== 'switch' && { requiresArg: true }),
    ...(rule !== undefined && { coerce: numberOf(`--${name}`, rule) }),
  });
}

/** `plan` and, for a line's controller, `choose`, `observe` and `feedback`. */
export const MODE_COMMANDS: readonly Command[] = [
  defineCommand({
    usage: 'plan',
    describe: 'assign deployments to the modes of the line, with fallbacks, from the stored records',
    example: ['$0 plan', 'writes reports/STORY/plan.json; exits with 1 when a mode has nobody'],
    options: (argv: CommonOptions) =>
      argv.option('modes', {
        type: 'string',
        describe: "a YAML file with the keys of the study's `modes`, instead of them",
        requiresArg: true,
      }),
    load: async () => (await import('./commands/plan.ts')).runPlan,
  }),
  ...CONTROLLERS.map(({ flags, load, ...command }) =>
    defineCommand({
      ...command,
      options: (argv: CommonOptions) => flags.reduce(withFlag, argv),
      load: async () => {
        const run = await load();
        return async (args) => await run(args, args);
      },
    }),
  ),
];
