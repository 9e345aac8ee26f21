import type { ClassFigures, HpoTrial } from '../../records/hpo.ts';
import type { MlflowRun } from '../../records/mlflow.ts';
import { countOf, shortHash } from '../../shared/units.ts';
import { positive } from '../../shared/values.ts';
import { groupBenchmarks, onePerTrial, type BenchmarkGroup } from './benchmarkGroups.ts';
import { groupBy, idOfTrial } from './grouping.ts';
import { sortRuns, type TrialOf } from './sortRuns.ts';
import type { TrackedSettings } from './tagNames.ts';
import { gatherTrainings, type Training } from './trainings.ts';
import { backboneOf, meanMetric, trialNames, type NameTrial } from './trialNames.ts';

/** A trial with the runs that it was put together from. */
export interface JoinedTrial {
  readonly trial: HpoTrial;
  readonly runIds: readonly string[];
}

export interface JoinedTrials {
  readonly joined: readonly JoinedTrial[];
  readonly notes: string[];
}

/**
 * Joins a tracking server's benchmark runs with its training runs by their study and trial hashes
 * (rules.md 2): the metric comes from the trial's run, the artifact from its refit run where there is
 * one, the latency from the benchmark runs that share a key. What cannot be joined is said.
 */
export function joinTrials(runs: readonly MlflowRun[], settings: TrackedSettings): JoinedTrials {
  const { benchmarks, trainings: trained, refits, notes } = sortRuns(runs, settings);
  const gathered = gatherTrainings(trained, runs, settings.tags);
  const nameTrial = trialNames(gathered.trainings, benchmarks, settings);
  const { groups, warnings } = groupBenchmarks(benchmarks, settings, nameTrial);
  const choice = onePerTrial(groups, nameTrial);
  const [trainingsOf, refitsOf] = [groupBy(gathered.trainings, idOfTrial), groupBy(refits, idOfTrial)];
  const said = [...notes, ...gathered.notes, ...warnings];
  const joined: JoinedTrial[] = [];
  const names = new Set<string>();
  for (const group of choice.chosen) {
    const own = trainingsOf.get(idOfTrial(group)) ?? [];
    const training = own.at(-1);
    if (training === undefined) {
      said.push(
        `${nameTrial(group)} is skipped: no finished training run with its hashes holds ${settings.trainingMetrics.join(' and ')}`,
      );
      continue;
    }
    const { run, parts } = training;
    if (own.length > 1) {
      said.push(`${nameTrial(group)} has ${own.length} training runs: the latest, ${run.runId}, counts`);
    }
    const refit = refitsOf.get(idOfTrial(group))?.at(-1)?.run;
    if (training.lacksOwnRun && refit === undefined) {
      said.push(`${nameTrial(group)} has no run of its own: the artifact is that of its last fold, ${run.runId}`);
    }
    const backbone = backboneOf(training, settings);
    if (backbone === undefined) {
      said.push(
        `the backbone of run ${run.runId} is unknown: it has neither the parameter backbone nor a tag ${settings.tags.backbone} or ${settings.tags.model}`,
      );
    }
    const trial = trialOf(group, training, refit, { backbone: backbone ?? 'unknown', names, settings });
    const sources = [group.latency.representative, run, ...parts.map((part) => part.run), refit];
    joined.push({ trial, runIds: [...new Set(sources.flatMap((source) => source?.runId ?? []))] });
  }
  const measured = new Set(benchmarks.map(idOfTrial));
  const unmeasured = [...trainingsOf].flatMap(([id, own]) => (measured.has(id) ? [] : own.slice(-1)));
  return {
    joined,
    notes: [...said, ...warnOfUnmeasured(unmeasured, settings, nameTrial), ...choice.warnings],
  };
}

const MOST_NAMED = 5;

/** The most accurate is among those that are named. */
function warnOfUnmeasured(
  trainings: readonly Training[],
  { trainingMetrics: [metric = ''] }: TrackedSettings,
  nameTrial: NameTrial,
): string[] {
  const bestFirst = trainings.toSorted((a, b) => meanMetric(b, metric) - meanMetric(a, metric));
  const names = bestFirst.slice(0, MOST_NAMED).map(nameTrial);
  const more = bestFirst.length > MOST_NAMED ? [`and ${bestFirst.length - MOST_NAMED} more`] : [];
  return bestFirst.length === 0
    ? []
    : [
        `${countOf(bestFirst.length, 'trial')} without a benchmark left out, the best first: ${[...names, ...more].join(', ')}; \`beltbench measure\` makes one`,
      ];
}

function trialOf(
  group: BenchmarkGroup,
  training: Training,
  refit: MlflowRun | undefined,
  { backbone, names, settings }: { backbone: string; names: Set<string>; settings: TrackedSettings },
): HpoTrial {
  const { latency, study, trial, key } = group;
  const benchmark = latency.representative;
  const { run, parts, foldsFound } = training;
  const artifact = refit ?? run;
  return {
    backbone,
    trialName: freeName(backbone, training, group, names),
    runs: parts.map((part) => ({
      fold: part.fold,
      metrics: Object.fromEntries(part.run.metrics),
      perClass: classesOf(part.run),
    })),
    foldsFound,
    latencyMs: { ...batchLatencies(benchmark), 1: latency.meanMs },
    benchmarkRuns: latency.count,
    parameters: positive(benchmark.metrics.get('parameter_count')),
    sizeBytes: positive(benchmark.metrics.get('model_size_bytes')),
    cost: undefined,
    modelPath: undefined,
    fields: {
      study_key_hash: study,
      trial_key_hash: trial,
      benchmark_key: key,
      benchmark_runs_count: latency.count,
      latency_aggregation: settings.aggregation,
      latency_lowest_ms: latency.lowestMs,
      latency_highest_ms: latency.highestMs,
      benchmark_run_id: benchmark.runId,
      trial_run_id: run.runId,
      ...(parts.some((part) => part.run !== run) && { fold_run_ids: parts.map((part) => part.run.runId) }),
      refit_run_id: refit?.runId ?? null,
      artifact_run_id: artifact.runId,
      artifact_uri: artifact.artifactUri ?? null,
    },
  };
}

/** The trial's name; two of one name, from different studies, are told apart by their hash. */
function freeName(backbone: string, { name }: Training, { trial }: TrialOf, names: Set<string>): string {
  const wanted = name ?? `trial_${shortHash(trial)}`;
  let free = wanted;
  for (let n = 1; names.has(JSON.stringify([backbone, free])); n++) {
    free = `${wanted}-${shortHash(trial)}${n === 1 ? '' : `-${n}`}`;
  }
  names.add(JSON.stringify([backbone, free]));
  return free;
}

/** `latency_batch_N_ms` of every N. */
function batchLatencies({ metrics }: MlflowRun): Record<number, number> {
  return Object.fromEntries(
    [...metrics].flatMap(([name, value]) => {
      const batch = /^latency_batch_(\d{1,6})_ms$/.exec(name)?.[1];
      return batch === undefined || positive(value) === undefined ? [] : [[Number(batch), value]];
    }),
  );
}

const CLASS_FIGURES = ['precision', 'recall', 'f1', 'support'] as const;

/** What the run's metrics say per class, such as `f1.pit`. */
function classesOf({ metrics }: MlflowRun): Record<string, ClassFigures> {
  const classes = new Map<string, ClassFigures>();
  for (const [name, value] of metrics) {
    const [figure, ...rest] = name.split('.');
    const known = CLASS_FIGURES.find((each) => each === figure);
    if (known !== undefined && rest.length > 0) {
      const className = rest.join('.');
      classes.set(className, { ...classes.get(className), [known]: value });
    }
  }
  return Object.fromEntries(classes);
}
