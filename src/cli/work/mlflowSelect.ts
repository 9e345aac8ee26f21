import { access } from 'node:fs/promises';
import type { SearchConfig } from '../../config/searchConfig.ts';
import { joinTrials } from '../../decide/tracked/joinTrials.ts';
import type { TrackedSettings } from '../../decide/tracked/tagNames.ts';
import { selectTrial } from '../../decide/trials/selectTrial.ts';
import type { TrialSettings } from '../../decide/trials/settings.ts';
import type { MlflowRun } from '../../records/mlflow.ts';
import type { TrialSelection } from '../../records/trialSelection.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { countOf } from '../../shared/units.ts';
import { BENCHMARK_KEY_TAG, HOST_CLASS_TAG, KIND_TAG, MODEL_TAG } from '../../store/mlflow/tagNames.ts';
import type { Io } from '../io.ts';
import { findExperiment, syncTarget, type SyncTarget, type TrackingArgs } from './syncTarget.ts';

/** What of a tracking server is selected from, and by what. */
export interface MlflowSelection {
  readonly args: TrackingArgs & {
    readonly trainingExperiment: readonly string[] | undefined;
    readonly thresholds: readonly (number | null)[] | undefined;
  };
  readonly config: SearchConfig;
  readonly settings: TrialSettings;
  readonly env: Io['env'];
}

/** A selection, where it comes from, and what was noted on the way. */
export interface NotedSelection {
  readonly name: string;
  readonly selection: TrialSelection;
  readonly notes: readonly string[];
}

/** The name of the experiment that MLflow's own clients use where none is named. */
const DEFAULT_EXPERIMENT = 'Default';

/** Without a configuration, the study of the folder says which server, and how its tags are called. */
export async function configOrStudy(config: readonly string[], study: string): Promise<readonly string[]> {
  const isThere = await access(study).then(
    () => true,
    () => false,
  );
  return config.length === 0 && isThere ? [study] : config;
}

/**
 * Selects from the runs of a tracking server (rules.md 2). What was deleted there since the search
 * does not count: the runs that the answer rests on are asked for once more.
 *
 * @throws TrackingError when the server does not do what is asked
 * @throws BeltbenchError `bad_usage` without the server or experiment, `bad_record` without a candidate
 */
export async function selectFromMlflow(wanted: MlflowSelection): Promise<NotedSelection> {
  const { args, config, env } = wanted;
  const { file } = config;
  const target = syncTarget(args, { ...file, story: file.story ?? DEFAULT_EXPERIMENT }, env);
  const { uri } = target.client.server;
  const trainings = args.trainingExperiment ?? file.mlflow?.training_experiments ?? [];
  const runs = await searchRuns(target, [target.experimentName, ...trainings]);
  const tracked = trackedSettings(target, wanted);
  const settings = { ...wanted.settings, everyTrialEnters: true, requiredMetrics: [] };
  const deleted = new Set<string>();
  for (;;) {
    const { joined, notes } = joinTrials(
      runs.filter(({ runId }) => !deleted.has(runId)),
      tracked,
    );
    notes.push(...[...deleted].map((runId) => `run ${runId} was deleted meanwhile and does not count`));
    if (joined.length === 0) {
      throw noCandidate(uri, runs.length, tracked, notes);
    }
    const selection = selectTrial(
      joined.map(({ trial }) => trial),
      settings,
      args.thresholds,
    );
    const { backbone, trial_name: name } = selection.best_configuration;
    const winner = joined.find(({ trial }) => trial.backbone === backbone && trial.trialName === name);
    const gone = await deletedOf(target, winner?.runIds ?? []);
    if (gone.length === 0) {
      return { name: `${uri}, experiment ${target.experimentName}`, selection, notes };
    }
    gone.forEach((runId) => deleted.add(runId));
  }
}

function trackedSettings({ grouping }: SyncTarget, { config, settings }: MlflowSelection): TrackedSettings {
  const { tags, benchmark } = config.file;
  const { classPriorities, metric } = settings;
  return {
    tags: {
      studyKeyHash: grouping.studyKeyHash,
      trialKeyHash: grouping.trialKeyHash,
      backbone: grouping.backbone ?? 'code.backbone',
      stage: tags?.stage ?? 'code.stage',
      benchmarkKey: BENCHMARK_KEY_TAG,
      model: MODEL_TAG,
      kind: KIND_TAG,
      hostClass: HOST_CLASS_TAG,
    },
    trainingMetrics:
      classPriorities === undefined ? [metric] : Object.keys(classPriorities).map((name) => `f1.${name}`),
    aggregation: benchmark.latency_aggregation,
    requiredMetrics: benchmark.required_metrics,
    benchmarking: statedBenchmarking(config),
  };
}

/** Without what was filled in: a default contradicts nobody. */
function statedBenchmarking({ content }: SearchConfig): Readonly<Record<string, unknown>> {
  const { benchmarking } = content;
  return typeof benchmarking === 'object' && benchmarking !== null ? { ...benchmarking } : {};
}

async function searchRuns(target: SyncTarget, experiments: readonly string[]): Promise<MlflowRun[]> {
  const runs: MlflowRun[] = [];
  for (const experimentName of new Set(experiments)) {
    const experiment = await findExperiment({ ...target, experimentName });
    if (experiment === undefined) {
      throw new BeltbenchError(
        'bad_usage',
        `${target.client.server.uri} has no experiment ${JSON.stringify(experimentName)}; run \`beltbench sync\` first, or name another with --experiment or --training-experiment`,
      );
    }
    for (const run of await target.client.searchRuns({ experimentId: experiment.id })) {
      runs.push(run);
    }
  }
  return runs;
}

function noCandidate(uri: string, runs: number, settings: TrackedSettings, notes: readonly string[]): BeltbenchError {
  const why = notes[0] === undefined ? '' : `; ${notes[0]}`;
  return new BeltbenchError(
    'bad_record',
    `none of ${countOf(runs, 'run')} on ${uri} is a candidate: a finished benchmark run and a training run with ${settings.trainingMetrics.join(' and ')} must have the same study and trial hashes${why}`,
  );
}

async function deletedOf({ client }: SyncTarget, runIds: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const runId of runIds) {
    const run = await client.getRun(runId);
    if (run === undefined || run.isDeleted) {
      gone.push(runId);
    }
  }
  return gone;
}
