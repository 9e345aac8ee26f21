import type { MlflowRun } from '../../records/mlflow.ts';
import { shortHash } from '../../shared/units.ts';
import { mean } from '../../stats/summary.ts';
import { idOfTrial } from './grouping.ts';
import { textOf, type TaggedRun, type TrialOf } from './sortRuns.ts';
import type { TrackedSettings } from './tagNames.ts';
import type { Training } from './trainings.ts';

/** A trial as people know it, with its metric, for a note. */
export type NameTrial = (trial: TrialOf) => string;

/** Names trials by their training; one without by a benchmark run of it, else by its hashes alone. */
export function trialNames(
  trainings: readonly Training[],
  benchmarks: readonly TaggedRun[],
  settings: TrackedSettings,
): NameTrial {
  const trained = new Map(trainings.map((training) => [idOfTrial(training), training]));
  const measured = new Map(benchmarks.map((tagged) => [idOfTrial(tagged), tagged.run.name]));
  return (trial) => {
    const hashes = `trial ${shortHash(trial.trial)} of study ${shortHash(trial.study)}`;
    const training = trained.get(idOfTrial(trial));
    if (training !== undefined) {
      const name = `${backboneOf(training, settings) ?? 'unknown'}/${training.name ?? 'unnamed'}`;
      return `${name} (${metricsOf(training, settings)}; ${hashes})`;
    }
    const run = measured.get(idOfTrial(trial));
    return run === undefined ? hashes : `${JSON.stringify(run)} (${hashes})`;
  };
}

/** The parameter, else the backbone's tag, else the model's; rules.md 2. A trial's run may leave it to its folds. */
export function backboneOf({ run, parts }: Training, { tags }: TrackedSettings): string | undefined {
  const named = (each: MlflowRun): string | undefined => {
    const param = each.params.get('backbone')?.trim();
    return param === undefined || param === '' ? (textOf(each, tags.backbone) ?? textOf(each, tags.model)) : param;
  };
  return [run, ...parts.map((part) => part.run)].map(named).find((name) => name !== undefined);
}

/** The mean of a metric over a trial's runs; none lacks it. */
export function meanMetric({ parts }: Training, metric: string): number {
  return mean(parts.map(({ run }) => run.metrics.get(metric) ?? Number.NaN)) ?? Number.NaN;
}

function metricsOf(training: Training, { trainingMetrics }: TrackedSettings): string {
  const values = trainingMetrics.map((metric) => `${metric} ${meanMetric(training, metric).toFixed(4)}`).join(', ');
  const { length } = training.parts;
  return length > 1 ? `${values} over ${length} folds` : values;
}
