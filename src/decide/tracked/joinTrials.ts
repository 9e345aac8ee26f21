import type { ClassFigures, HpoTrial } from '../../records/hpo.ts';
import type { MlflowRun } from '../../records/mlflow.ts';
import { countOf, shortHash } from '../../shared/units.ts';
import { groupBenchmarks, nameOfTrial, onePerTrial, type BenchmarkGroup } from './benchmarkGroups.ts';
import { groupBy, idOfTrial } from './grouping.ts';
import { sortRuns, textOf, type TrialOf } from './sortRuns.ts';
import type { TrackedSettings } from './tagNames.ts';

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
  const { benchmarks, trainings, refits, notes } = sortRuns(runs, settings);
  const { groups, warnings } = groupBenchmarks(benchmarks, settings);
  const choice = onePerTrial(groups);
  const [trainingsOf, refitsOf] = [groupBy(trainings, idOfTrial), groupBy(refits, idOfTrial)];
  const said = [...notes, ...warnings];
  const joined: JoinedTrial[] = [];
  const names = new Set<string>();
  for (const group of choice.chosen) {
    const own = trainingsOf.get(idOfTrial(group)) ?? [];
    const training = own.at(-1)?.run;
    if (training === undefined) {
      said.push(
        `${nameOfTrial(group)} is skipped: no finished training run with its hashes holds ${settings.trainingMetrics.join(' and ')}`,
      );
      continue;
    }
    if (own.length > 1) {
      said.push(`${nameOfTrial(group)} has ${own.length} training runs: the latest, ${training.runId}, counts`);
    }
    const refit = refitsOf.get(idOfTrial(group))?.at(-1)?.run;
    const backbone = backboneOf(training, settings);
    if (backbone === undefined) {
      said.push(
        `the backbone of run ${training.runId} is unknown: it has neither the parameter backbone nor a tag ${settings.tags.backbone} or ${settings.tags.model}`,
      );
    }
    const trial = trialOf(group, training, refit, { backbone: backbone ?? 'unknown', names, settings });
    const ids = [group.latency.representative.runId, training.runId, ...(refit === undefined ? [] : [refit.runId])];
    joined.push({ trial, runIds: ids });
  }
  const measured = new Set(groups.map(idOfTrial));
  const unmeasured = [...trainingsOf.keys()].filter((id) => !measured.has(id)).length;
  if (unmeasured > 0) {
    said.push(`${countOf(unmeasured, 'trial')} without a benchmark left out: \`beltbench measure\` makes one`);
  }
  return { joined, notes: [...said, ...choice.warnings] };
}

/** The parameter, else the backbone's tag, else the model's; rules.md 2. */
function backboneOf(run: MlflowRun, { tags }: TrackedSettings): string | undefined {
  const param = run.params.get('backbone')?.trim();
  return param === undefined || param === '' ? (textOf(run, tags.backbone) ?? textOf(run, tags.model)) : param;
}

function trialOf(
  group: BenchmarkGroup,
  training: MlflowRun,
  refit: MlflowRun | undefined,
  { backbone, names, settings }: { backbone: string; names: Set<string>; settings: TrackedSettings },
): HpoTrial {
  const { latency, study, trial, key } = group;
  const benchmark = latency.representative;
  const artifact = refit ?? training;
  return {
    backbone,
    trialName: freeName(backbone, training, group, names),
    runs: [{ fold: undefined, metrics: Object.fromEntries(training.metrics), perClass: classesOf(training) }],
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
      trial_run_id: training.runId,
      refit_run_id: refit?.runId ?? null,
      artifact_run_id: artifact.runId,
      artifact_uri: artifact.artifactUri ?? null,
    },
  };
}

/** The trial's name; two of one name, from different studies, are told apart by their hash. */
function freeName(backbone: string, training: MlflowRun, { trial }: TrialOf, names: Set<string>): string {
  const name = [training.params.get('trial_name'), training.name].find((text) => text !== undefined && text !== '');
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

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}
