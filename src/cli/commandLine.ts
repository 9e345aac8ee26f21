import yargs, { type Argv } from 'yargs';
import { printOutcome, tellError } from './answer.ts';
import { COMMANDS, type Command } from './commandTable.ts';
import type { Io, ParsedArgs } from './io.ts';
import { withSingleValues } from './singleValues.ts';
import { usageError, type Describable } from './usageErrors.ts';
import { toolVersion } from './version.ts';
import { RUNS } from './work/runsCommands.ts';

/**
 * Reads the command line, runs the command and prints its outcome.
 *
 * @returns the exit code; a known error prints one line and answers 2, an unknown one its stack
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number): unknown => (exitCode = code);
  const add = (built: Argv, command: Command): Argv => addCommand(built, command, io, setExitCode);
  const parser = COMMANDS.reduce(add, root(argv)).command(RUNS.usage, RUNS.describe, (built) =>
    RUNS.commands.reduce(add, built.demandCommand(1, 'name one of list, show, gc and missing')),
  );
  try {
    await parser.parseAsync();
    return exitCode;
  } catch (thrown) {
    // What yargs finds comes from `fail`; where a command's options are built later, yargs throws it.
    const known =
      thrown instanceof Error && thrown.name === 'YError'
        ? await usageError(thrown.message, argv, DESCRIBED, commonOptions)
        : thrown;
    return tellError(known, io);
  }
}

const DESCRIBED: readonly Describable[] = [
  ...COMMANDS,
  ...RUNS.commands.map((command) => ({ ...command, usage: `${RUNS.usage} ${command.usage}` })),
];

function root(argv: readonly string[]): Argv {
  return (
    commonOptions(withSingleValues(yargs([...argv])))
      .scriptName('beltbench')
      // yargs would speak the machine's language, half of the help and none of ours; `usageError` reads English.
      .locale('en')
      .usage('$0 <command>\n\nDecides, from measurements on this machine, which vision model inspects the belt.')
      .version(toolVersion())
      .demandCommand(1, 'name a command')
      .strict()
      .wrap(100)
      .exitProcess(false)
      .fail((message: string | undefined, error: Error | undefined) => {
        // yargs reports its own findings as a message, and what a command throws as an error.
        throw error ?? Object.assign(new Error(message ?? 'the command line cannot be read'), { name: 'YError' });
      })
      .help()
      .alias('help', 'h')
      .showHelpOnFail(false)
      .epilogue(
        'Exit codes: 0 fine, 1 FAIL, 2 your mistake, 3 NOT ENOUGH DATA, 70 a bug of beltbench, 130 interrupted.',
      )
  );
}

function commonOptions(argv: Argv): Argv {
  return argv
    .option('study', {
      type: 'string',
      default: 'beltbench.yaml',
      describe: 'the study file',
      requiresArg: true,
      global: true,
    })
    .option('only', {
      type: 'string',
      array: true,
      default: [],
      describe: 'ids of the candidates to work on',
      global: true,
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'print one JSON document and nothing else',
      global: true,
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'no progress, no notes', global: true });
}

function addCommand(parser: Argv, command: Command, io: Io, setExitCode: (code: number) => unknown): Argv {
  return parser.command(
    command.usage,
    command.describe,
    (argv) => {
      const built = command.options(argv);
      const withExample = (ready: Argv): Argv => ready.example(...command.example);
      return built instanceof Promise ? built.then(withExample) : withExample(built);
    },
    async (raw) => {
      const args = raw as unknown as ParsedArgs;
      const run = await command.load();
      const outcome = await run(args, io);
      printOutcome(outcome, args.json, io);
      setExitCode(outcome.exitCode);
    },
  );
}
