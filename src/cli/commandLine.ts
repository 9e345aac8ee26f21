import yargs, { type Argv } from 'yargs';
import { BeltbenchError } from '../shared/errors.ts';
import type { Io, Outcome, ParsedArgs } from './io.ts';
import { printable } from './printable.ts';
import { toolVersion } from './version.ts';

type Run = (args: ParsedArgs, io: Io) => Promise<Outcome>;

interface Command {
  readonly usage: string;
  readonly describe: string;
  readonly example: readonly [string, string];
  readonly options: (argv: Argv) => Argv;
  /** Loads the command's module: only when it runs. */
  readonly load: () => Promise<Run>;
}

/** yargs turns what is no number into NaN and says nothing. */
function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > 1024) {
      throw new BeltbenchError(
        'bad_usage',
        `${option} must be a whole number from 1 to 1024, received ${text}; correct it`,
      );
    }
    return value;
  };
}

const threads = (argv: Argv): Argv =>
  argv.option('threads', {
    type: 'string',
    describe: "intra-op threads, instead of the study's",
    requiresArg: true,
    coerce: wholeNumber('--threads'),
  });
const forceNew = (argv: Argv): Argv =>
  argv.option('force-new', { type: 'boolean', default: false, describe: 'measure again, whatever is stored' });
const check = (argv: Argv): Argv =>
  argv.option('check', { type: 'boolean', default: false, describe: 'exit with 1 for FAIL and 3 for NOT ENOUGH DATA' });

const COMMANDS: readonly Command[] = [
  {
    usage: 'init [dir]',
    describe: 'write a commented study file, and a card for each model found',
    example: ['$0 init line3', 'looks for ONNX files and labelled images below line3/'],
    options: (argv) =>
      argv.positional('dir', { type: 'string', default: '.', describe: 'folder to look in and write to' }),
    load: async () => (await import('./commands/init.ts')).runInit,
  },
  {
    usage: 'inspect <model>',
    describe: 'audit an ONNX file: size, operators, INT8 share, subnormal and NaN weights',
    example: ['$0 inspect models/resnet50.onnx', 'reads the file; nothing is run'],
    options: (argv) =>
      check(argv.positional('model', { type: 'string', demandOption: true, describe: 'an ONNX file' })),
    load: async () => (await import('./commands/inspect.ts')).runInspect,
  },
  {
    usage: 'measure',
    describe: 'measure latency, in interleaved rounds, a process per model',
    example: ['$0 measure --only resnet18 resnet50', 'measures two of the candidates'],
    options: (argv) => check(forceNew(threads(argv))),
    load: async () => (await import('./commands/measure.ts')).runMeasure,
  },
  {
    usage: 'evaluate',
    describe: 'run the models over the labelled images; per-image predictions and accuracy',
    example: ['$0 evaluate --json', 'prints one JSON document'],
    options: (argv) => check(forceNew(threads(argv))),
    load: async () => (await import('./commands/evaluate.ts')).runEvaluate,
  },
  {
    usage: 'sweep',
    describe: 'sweep the thresholds over stored predictions; no inference',
    example: ['$0 sweep --check', 'exits with 3 when the images cannot prove the recall'],
    options: (argv) => check(argv),
    load: async () => (await import('./commands/sweep.ts')).runSweep,
  },
  {
    usage: 'decide',
    describe: 'decide from stored records and write the report; no measurement',
    example: ['$0 decide', 'exits with 0 when a selection stands, 1 when none passes, 3 for NOT ENOUGH DATA'],
    options: threads,
    load: async () => (await import('./commands/decide.ts')).runDecide,
  },
  {
    usage: 'run',
    describe: 'measure, evaluate, sweep and decide, reusing what is there',
    example: ['$0 run --study line3/beltbench.yaml', 'the whole job; start it again after an interruption'],
    options: (argv) => forceNew(threads(argv)),
    load: async () => (await import('./commands/run.ts')).runAll,
  },
];

/**
 * Reads the command line, runs the command and prints its outcome.
 *
 * @returns the exit code; a known error prints one line and answers 2, an unknown one its stack
 */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const parser = COMMANDS.reduce(
    (built, command) => addCommand(built, command, io, (code) => (exitCode = code)),
    root(argv),
  );
  try {
    await parser.parseAsync();
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof BeltbenchError)) {
      throw thrown;
    }
    io.stderr(`beltbench: ${printable(thrown.message)}\n`);
    return thrown.code === 'interrupted' ? 130 : 2;
  }
}

function root(argv: readonly string[]): Argv {
  return yargs([...argv])
    .scriptName('beltbench')
    .usage('$0 <command>\n\nDecides, from measurements on this machine, which vision model inspects the belt.')
    .version(toolVersion())
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
    .option('quiet', { type: 'boolean', default: false, describe: 'no progress, no notes', global: true })
    .demandCommand(1, 'name a command; `beltbench --help` lists them')
    .recommendCommands()
    .strict()
    .wrap(100)
    .exitProcess(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      // yargs reports its own findings as a message, and what a command throws as an error.
      if (error !== undefined && (error.name !== 'YError' || message === undefined)) {
        throw error;
      }
      throw new BeltbenchError(
        'bad_usage',
        `${message ?? 'the command line cannot be read'}; see \`beltbench --help\``,
      );
    })
    .help()
    .showHelpOnFail(false)
    .epilogue('Exit codes: 0 fine, 1 FAIL, 2 your mistake, 3 NOT ENOUGH DATA, 70 a bug of beltbench, 130 interrupted.');
}

function addCommand(parser: Argv, command: Command, io: Io, setExitCode: (code: number) => void): Argv {
  return parser.command(
    command.usage,
    command.describe,
    (argv) => command.options(argv).example(...command.example),
    async (raw) => {
      const args = raw as unknown as ParsedArgs;
      const run = await command.load();
      const outcome = await run(args, io);
      io.stdout(args.json ? `${JSON.stringify(outcome.document, null, 2)}\n` : outcome.text);
      setExitCode(outcome.exitCode);
    },
  );
}
