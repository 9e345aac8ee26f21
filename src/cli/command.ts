import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { CommonArgs, Io, Outcome } from './io.ts';

/**
 * Every command takes `--study` and `--only`, so that a script may pass them to any; to some they say
 * nothing, which is then told.
 */
export type UnusedOption = 'study' | 'only';

/** What a command adds its options to. */
export type CommonOptions = Argv<CommonArgs>;

/** A command as it is written down: what `options` adds is what the run is called with. */
interface Definition<Typed extends CommonArgs> {
  readonly usage: string;
  readonly describe: string;
  readonly example: readonly [string, string];
  readonly unused?: readonly UnusedOption[];
  readonly options: (argv: CommonOptions) => Argv<Typed> | Promise<Argv<Typed>>;
  /** Loads the command's module: only when it runs. */
  readonly load: () => Promise<(args: ArgumentsCamelCase<NoInfer<Typed>>, io: Io) => Promise<Outcome>>;
}

/** A command whose run takes what its options give; which those are is its own affair. */
export interface Command {
  readonly usage: string;
  readonly unused: readonly UnusedOption[];
  readonly options: (argv: CommonOptions) => Argv | Promise<Argv>;
  /** Adds it to yargs, which calls `answer` where the command is named. */
  readonly addTo: (parser: CommonOptions, answer: Answer) => CommonOptions;
}

/** Runs a command, and prints what it gives back. */
export type Answer = (
  run: (io: Io) => Promise<Outcome>,
  args: { readonly json: boolean; readonly quiet: boolean },
) => Promise<void>;

export function defineCommand<Typed extends CommonArgs>(definition: Definition<Typed>): Command {
  const { usage, describe, example, unused = [], options, load } = definition;
  const finish = (built: Argv<Typed>): Argv<Typed> =>
    unused.reduce((argv, name) => argv.describe(name, 'not used by this command'), built.example(...example));
  return {
    usage,
    unused,
    options,
    addTo: (parser, answer) =>
      parser.command<Typed>(
        usage,
        describe,
        (argv) => {
          const built = options(argv);
          return built instanceof Promise ? built.then(finish) : finish(built);
        },
        async (args) => {
          const run = await load();
          await answer((io) => run(args, io), args);
        },
      ),
  };
}
