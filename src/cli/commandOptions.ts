import type { Argv } from 'yargs';
import { numberOf } from './numbers.ts';

/** `--threads N` */
export const threads = (argv: Argv): Argv =>
  argv.option('threads', {
    type: 'string',
    describe: "intra-op threads, instead of the study's",
    requiresArg: true,
    coerce: numberOf('--threads', { least: 1, most: 1024, isWhole: true }),
  });

/** `--force-new` */
export const forceNew = (argv: Argv): Argv =>
  argv.option('force-new', { type: 'boolean', default: false, describe: 'measure again, whatever is stored' });

/** `--check` */
export const check = (argv: Argv): Argv =>
  argv.option('check', { type: 'boolean', default: false, describe: 'exit with 1 for FAIL and 3 for NOT ENOUGH DATA' });

/** `--group NAME` */
export const group = (argv: Argv): Argv =>
  argv.option('group', {
    type: 'string',
    describe: "a candidate's `group` or backbone; left out, every group with an INT8 variant",
    requiresArg: true,
  });

/** `--margin-points N`, in percentage points */
export const marginPoints = (argv: Argv): Argv =>
  argv.option('margin-points', {
    type: 'string',
    describe: 'percentage points of accuracy or recall that do not matter (default 1.5)',
    requiresArg: true,
    coerce: numberOf('--margin-points', { least: 0.01, most: 100, unit: 'points' }),
  });

/** Which MLflow server, and which experiment there. */
export const tracking = (argv: Argv): Argv =>
  argv
    .option('tracking-uri', {
      type: 'string',
      describe: "an MLflow server's address, instead of the study's or MLFLOW_TRACKING_URI",
      requiresArg: true,
    })
    .option('experiment', {
      type: 'string',
      describe: "the experiment there, instead of the study's; left out, the story's name",
      requiresArg: true,
    });

/** `--store`, with the server where it is `mlflow`. */
export const recordStore = (argv: Argv): Argv =>
  tracking(argv).option('store', {
    choices: ['file', 'mlflow'] as const,
    default: 'file',
    describe: 'mlflow: reuse from and sync to a tracking server as well',
  });

/** `--hpo DIR` and the earlier tools' `--config`. */
export const hpo = (argv: Argv): Argv =>
  argv
    .option('hpo', {
      type: 'string',
      describe: "measure a search's trials, DIR/BACKBONE/TRIAL/model.onnx, and write benchmark.json beside each",
      requiresArg: true,
    })
    .option('config', {
      type: 'string',
      array: true,
      describe: "with --hpo: the earlier tools' YAML, over the study",
      requiresArg: true,
    });
