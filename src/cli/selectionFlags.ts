import type { Argv } from 'yargs';
import { SELECTION_PRESETS, type SelectionPreset } from '../config/selectionOverrides.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { numberOf } from './numbers.ts';

/** Shares of the best, which must not be above 1, or absolute ones in the metric's own units. */
const DISTANCE = { least: 0, most: 1e9 };
const MOST_THRESHOLDS = 100;

/** The flags for every key of `selection`, which go over the study or the configuration for one call. */
export function selectionFlags<T>(argv: Argv<T>) {
  return argv
    .option('preset', {
      choices: Object.keys(SELECTION_PRESETS) as SelectionPreset[],
      describe: 'how far speed counts; balanced is recommended',
      requiresArg: true,
    })
    .option('accuracy-threshold', {
      type: 'string',
      describe: 'a faster model within this distance of the best is preferred; none: accuracy only',
      requiresArg: true,
      coerce: numberOrNone('--accuracy-threshold'),
    })
    .option('use-relative-threshold', {
      type: 'boolean',
      describe: 'the threshold is a share of the best; --no-use-relative-threshold: absolute',
    })
    .option('min-accuracy-gain', {
      type: 'string',
      describe: 'the best must be more than this better than a faster model; none: no such rule',
      requiresArg: true,
      coerce: numberOrNone('--min-accuracy-gain'),
    })
    .option('objective', { type: 'string', describe: 'the metric to rank by', requiresArg: true });
}

/** What `select` takes beside them. */
export function selectFlags<T>(argv: Argv<T>) {
  return selectionFlags(argv)
    .option('hpo', {
      type: 'string',
      describe: 'folder of a search, DIR/BACKBONE/TRIAL/metrics.json',
      requiresArg: true,
    })
    .option('config', {
      type: 'string',
      array: true,
      default: [],
      describe: "the earlier tools' YAML, or a study; several go over each other",
      requiresArg: true,
    })
    .option('class-priority', {
      type: 'string',
      describe: 'rank by the weighted mean of per-class f1, such as pit=2,clean=1',
      requiresArg: true,
      coerce: readPriorities,
    })
    .option('thresholds', {
      type: 'string',
      describe: 'what each would select, such as none,0.01,0.015,0.02',
      requiresArg: true,
      coerce: readThresholds,
    })
    .option('store', {
      choices: ['file', 'mlflow'] as const,
      default: 'file' as const,
      describe: 'mlflow: the trials are the runs of a tracking server, instead of --hpo',
    })
    .option('training-experiment', {
      type: 'string',
      array: true,
      describe: 'where the training runs are there; left out, in the same experiment as the benchmarks',
      requiresArg: true,
    })
    .option('out', { type: 'string', describe: 'file for best_configuration, as JSON', requiresArg: true });
}

function numberOrNone(option: string): (text: string) => number | null {
  const read = numberOf(option, DISTANCE, 'none');
  return (text) => (text === 'none' ? null : read(text));
}

function readThresholds(text: string): (number | null)[] {
  const parts = text.split(',');
  if (parts.length > MOST_THRESHOLDS) {
    throw new BeltbenchError(
      'bad_usage',
      `--thresholds takes at most ${MOST_THRESHOLDS} of them, received ${parts.length}; shorten the list`,
    );
  }
  return parts.map((part) => numberOrNone('--thresholds')(part.trim()));
}

/** A class's name may hold "="; a name with a comma stands in the configuration. */
function readPriorities(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const at = part.lastIndexOf('=');
      if (at < 1) {
        throw new BeltbenchError(
          'bad_usage',
          `--class-priority is a list such as pit=2,clean=1, received ${text}; write CLASS=WEIGHT`,
        );
      }
      return [part.slice(0, at).trim(), numberOf('--class-priority', { least: 0, most: 1e9 })(part.slice(at + 1))];
    }),
  );
}
