import { defineCommand, type CommonOptions } from './command.ts';
import { threads } from './commandOptions.ts';
import { numberOf } from './numbers.ts';
import { RUN_KINDS } from './work/runsEntries.ts';

/** `runs list`, `runs show`, `runs gc` and `runs missing`. */
export const RUNS = {
  usage: 'runs',
  describe: 'what the store holds, what of it may go, and what a study still needs measured',
  commands: [
    defineCommand({
      usage: 'list',
      describe: 'list the stored runs, and the interrupted ones',
      example: ['$0 runs list --kind latency --only resnet18', 'the newest last'],
      options: (argv: CommonOptions) =>
        argv
          .option('kind', { choices: RUN_KINDS, describe: 'only records of this kind' })
          .option('all', { type: 'boolean', default: false, describe: 'show every run, not only the newest' }),
      load: async () => (await import('./commands/runsList.ts')).runRunsList,
    }),
    defineCommand({
      usage: 'show <id>',
      describe: 'show one record, or all runs of one key',
      example: ['$0 runs show 44569e429d9a', 'the id or the key of a record, or how it begins'],
      options: (argv: CommonOptions) =>
        argv.positional('id', {
          type: 'string',
          demandOption: true,
          describe: 'an id or key, or its first characters',
        }),
      load: async () => (await import('./commands/runsShow.ts')).runRunsShow,
    }),
    defineCommand({
      usage: 'gc',
      describe: 'list what may go: leftovers, broken folders; with --keep and --unused more. --apply removes it',
      example: ['$0 runs gc --keep 3 --apply', 'keeps three runs of each key, and all that a report names'],
      options: (argv: CommonOptions) =>
        argv
          .option('keep', {
            type: 'string',
            describe: 'of each key only so many finished runs stay',
            requiresArg: true,
            coerce: numberOf('--keep', { least: 1, most: 1_000_000, isWhole: true }),
          })
          .option('unused', {
            type: 'boolean',
            default: false,
            describe: 'also records of no candidate of the study, by name or model file',
          })
          .option('apply', { type: 'boolean', default: false, describe: 'remove what is listed' }),
      load: async () => (await import('./commands/runsGc.ts')).runRunsGc,
    }),
    defineCommand({
      usage: 'missing',
      describe: 'what `run` would still have to measure and evaluate, and about how long that takes',
      example: ['$0 runs missing --check', 'exits with 3 when something is missing'],
      options: (argv: CommonOptions) =>
        threads(argv).option('check', {
          type: 'boolean',
          default: false,
          describe: 'exit with 3 when something is missing',
        }),
      load: async () => (await import('./commands/runsMissing.ts')).runRunsMissing,
    }),
  ],
};
