import type { Argv } from 'yargs';
import { numberOf } from './numbers.ts';

/** `--threads N` */
export const threads = <T>(argv: Argv<T>) =>
  argv.option('threads', {
    type: 'string',
    describe: "intra-op threads, instead of the study's",
    requiresArg: true,
    coerce: numberOf('--threads', { least: 1, most: 1024, isWhole: true }),
  });

/** `--force-new` */
export const forceNew = <T>(argv: Argv<T>) =>
  argv.option('force-new', { type: 'boolean', default: false, describe: 'measure again, whatever is stored' });

/** `--check` */
export const check = <T>(argv: Argv<T>) =>
  argv.option('check', { type: 'boolean', default: false, describe: 'exit with 1 for FAIL and 3 for NOT ENOUGH DATA' });

/** `--group NAME` */
export const group = <T>(argv: Argv<T>) =>
  argv.option('group', {
    type: 'string',
    describe: "a candidate's `group` or backbone; left out, every group with an INT8 variant",
    requiresArg: true,
  });

/** `--margin-points N`, in percentage points */
export const marginPoints = <T>(argv: Argv<T>) =>
  argv.option('margin-points', {
    type: 'string',
    describe: 'percentage points of accuracy or recall that do not matter (default 1.5)',
    requiresArg: true,
    coerce: numberOf('--margin-points', { least: 0.01, most: 100, unit: 'points' }),
  });

/** Which MLflow server, and which experiment there. */
export const tracking = <T>(argv: Argv<T>) =>
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
export const recordStore = <T>(argv: Argv<T>) =>
  tracking(argv).option('store', {
    choices: ['file', 'mlflow'] as const,
    default: 'file' as const,
    describe: 'mlflow: reuse from and sync to a tracking server as well',
  });

/** `--hpo DIR` and the earlier tools' `--config`. */
export const hpo = <T>(argv: Argv<T>) =>
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
