import { defineCommand, type Command, type CommonOptions } from './command.ts';
import { check, forceNew, group, hpo, marginPoints, recordStore, threads, tracking } from './commandOptions.ts';
import { MODE_COMMANDS } from './modesCommands.ts';
import { numberOf } from './numbers.ts';
import { selectFlags, selectionFlags } from './selectionFlags.ts';

/** All but `runs`, which has commands of its own; in the order of the help. */
export const COMMANDS: readonly Command[] = [
  defineCommand({
    usage: 'init [dir]',
    unused: ['study', 'only'],
    describe: 'write a commented study file, and a card for each model found',
    example: ['$0 init line3', 'looks for ONNX files and labelled images below line3/'],
    options: (argv: CommonOptions) =>
      argv
        .positional('dir', { type: 'string', default: '.', describe: 'folder to look in and write to' })
        .option('story', { type: 'string', requiresArg: true, default: 'STORY-006', describe: "the study's name" }),
    load: async () => (await import('./commands/init.ts')).runInit,
  }),
  defineCommand({
    usage: 'inspect <model>',
    unused: ['study', 'only'],
    describe: 'audit an ONNX file: size, operators, INT8 share, subnormal and NaN weights; verify its golden pair',
    example: [
      '$0 inspect models/resnet50.onnx --check',
      'reads the file; runs it only where models/resnet50.golden.json lies beside it, and exits with 1 if it answers otherwise',
    ],
    options: (argv: CommonOptions) =>
      check(argv.positional('model', { type: 'string', demandOption: true, describe: 'an ONNX file' })),
    load: async () => (await import('./commands/inspect.ts')).runInspect,
  }),
  defineCommand({
    usage: 'measure',
    describe: 'measure latency, in interleaved rounds, a process per model',
    example: ['$0 measure --only resnet18 resnet50', 'measures two of the candidates'],
    options: (argv: CommonOptions) => hpo(recordStore(check(forceNew(threads(argv))))),
    load: async () => (await import('./commands/measure.ts')).runMeasure,
  }),
  defineCommand({
    usage: 'evaluate',
    describe: 'run the models over the labelled images; per-image predictions and accuracy',
    example: ['$0 evaluate --json', 'prints one JSON document'],
    options: (argv: CommonOptions) => recordStore(check(forceNew(threads(argv)))),
    load: async () => (await import('./commands/evaluate.ts')).runEvaluate,
  }),
  defineCommand({
    usage: 'sweep',
    describe: 'sweep the thresholds over stored predictions; no inference',
    example: ['$0 sweep --check', 'exits with 3 when the images cannot prove the recall'],
    options: (argv: CommonOptions) => check(argv),
    load: async () => (await import('./commands/sweep.ts')).runSweep,
  }),
  defineCommand({
    usage: 'quantize <model>',
    unused: ['only'],
    describe: 'make an INT8 file of a float model, and prove that it is fused; --search finds the best recipe',
    example: [
      '$0 quantize models/net.onnx --calibration datasets/train --search',
      'exits with 1, and writes no file, when no recipe holds the accuracy limit',
    ],
    // Only here, because the flags come from a schema that the other commands need not load.
    options: async (argv: CommonOptions) => (await import('./quantize/options.ts')).quantizeOptions(argv),
    load: async () => (await import('./commands/quantize.ts')).runQuantize,
  }),
  defineCommand({
    usage: 'compare',
    describe: 'hold INT8 variants against their fp32 model: speed, accuracy, changed answers',
    example: ['$0 compare --group convnextv2_tiny', 'measures the group together where no stored session holds all'],
    options: (argv: CommonOptions) => check(forceNew(threads(marginPoints(group(argv))))),
    load: async () => (await import('./commands/compare.ts')).runCompare,
  }),
  defineCommand({
    usage: 'checkpoints',
    unused: ['study', 'only'],
    describe: "rank a training's checkpoints by the earlier tools' score; curves, divergence, recall beside it",
    example: ['$0 checkpoints --log models/resnet18.metrics.jsonl --out reports', 'writes the curves as SVG'],
    options: (argv: CommonOptions) =>
      argv
        .option('log', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'training logs: JSON lines, or a list of checkpoints',
        })
        .option('target-index', {
          type: 'string',
          describe: 'row of the confusion matrix whose recall is shown, from 0 (default 1)',
          requiresArg: true,
          coerce: numberOf('--target-index', { least: 0, most: 1_000_000, isWhole: true }),
        })
        .option('out', { type: 'string', requiresArg: true, describe: 'folder for the curves' })
        .option('all', { type: 'boolean', default: false, describe: 'show every checkpoint' }),
    load: async () => (await import('./commands/checkpoints.ts')).runCheckpoints,
  }),
  defineCommand({
    usage: 'select',
    describe: "select among a search's trials: accuracy first, speed within a threshold; k-fold trials combined",
    example: ['$0 select --hpo outputs/hpo --preset balanced --thresholds none,0.01,0.02', 'nothing is measured'],
    options: (argv: CommonOptions) => tracking(selectFlags(argv)),
    load: async () => (await import('./commands/select.ts')).runSelect,
  }),
  defineCommand({
    usage: 'decide',
    describe: 'decide from stored records and write the report; no measurement',
    example: ['$0 decide', 'exits with 0 when a selection stands, 1 when none passes, 3 for NOT ENOUGH DATA'],
    options: (argv: CommonOptions) => selectionFlags(threads(argv)),
    load: async () => (await import('./commands/decide.ts')).runDecide,
  }),
  defineCommand({
    usage: 'run',
    describe: 'measure, evaluate, sweep and decide, reusing what is there',
    example: ['$0 run --study line3/beltbench.yaml', 'the whole job; start it again after an interruption'],
    options: (argv: CommonOptions) => recordStore(selectionFlags(forceNew(threads(argv)))),
    load: async () => (await import('./commands/run.ts')).runAll,
  }),
  ...MODE_COMMANDS,
  defineCommand({
    usage: 'sync',
    describe: 'bring the stored records and the decision to an MLflow server, each exactly once',
    example: ['$0 sync --tracking-uri http://127.0.0.1:5000', 'start it again after any trouble'],
    options: (argv: CommonOptions) =>
      tracking(argv).option('verify', {
        type: 'boolean',
        default: false,
        describe: 'ask the server about every record, also about those that are known to be there',
      }),
    load: async () => (await import('./commands/sync.ts')).runSync,
  }),
];
