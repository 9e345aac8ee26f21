import yargs, { type Argv } from 'yargs';
import { printOutcome, tellError, tellUnused } from './answer.ts';
import type { Command, CommonOptions } from './command.ts';
import { COMMANDS } from './commandTable.ts';
import { USUAL_STUDY, type Io } from './io.ts';
import { RUNS } from './runsCommands.ts';
import { withSingleValues } from './singleValues.ts';
import { usageError, type Describable } from './usageErrors.ts';
import { toolVersion } from './version.ts';

/**
 * Reads the command line, runs the command and prints its outcome.
 *
 * @returns the exit code; a known error prints one line and answers 2, an unknown one its stack
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const add = (built: CommonOptions, { unused, addTo }: Command): CommonOptions =>
    addTo(built, async (run, { json, quiet }) => {
      if (!quiet) {
        tellUnused(unused, argv, io);
      }
      const outcome = await run(io);
      printOutcome(outcome, json, io);
      exitCode = outcome.exitCode;
    });
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

function root(argv: readonly string[]): CommonOptions {
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

function commonOptions(argv: Argv): CommonOptions {
  return argv
    .option('study', {
      type: 'string',
      default: USUAL_STUDY,
      describe: 'the study file',
      requiresArg: true,
      global: true,
    })
    .option('only', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [],
      coerce: (ids: readonly string[]) => [...new Set(ids)],
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
