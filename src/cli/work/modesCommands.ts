import type { Argv } from 'yargs';
import type { Io, Outcome, ParsedArgs } from '../io.ts';
import { numberOf } from '../numbers.ts';
import { CHOOSE, FEEDBACK, OBSERVE, type Flag } from './modesFlags.ts';

type Run = (args: ParsedArgs, io: Io) => Promise<Outcome>;

/** For a command that takes more than all do; yargs has checked it. */
function typed(run: (args: never, io: Io) => Promise<Outcome>): Run {
  return async (args, io) => await run(args as never, io);
}

/** Adds flags to yargs, for `--help`. */
function withFlags(flags: readonly Flag[]): (argv: Argv) => Argv {
  return (argv) => flags.reduce(withFlag, argv);
}

function withFlag(argv: Argv, { name, describe, kind, rule, required = false }: Flag): Argv {
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
export const MODE_COMMANDS = [
  {
    usage: 'plan',
    describe: 'assign deployments to the modes of the line, with fallbacks, from the stored records',
    example: ['$0 plan', 'writes reports/STORY/plan.json; exits with 1 when a mode has nobody'] as const,
    options: (argv: Argv) =>
      argv.option('modes', {
        type: 'string',
        describe: "a YAML file with the keys of the study's `modes`, instead of them",
        requiresArg: true,
      }),
    load: async () => typed((await import('../commands/plan.ts')).runPlan),
  },
  {
    ...CHOOSE,
    options: withFlags(CHOOSE.flags),
    load: async () => typed((await import('../commands/choose.ts')).runChoose),
  },
  {
    ...OBSERVE,
    options: withFlags(OBSERVE.flags),
    load: async () => typed((await import('../commands/observe.ts')).runObserve),
  },
  {
    ...FEEDBACK,
    options: withFlags(FEEDBACK.flags),
    load: async () => typed((await import('../commands/feedback.ts')).runFeedback),
  },
];
