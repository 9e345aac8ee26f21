import type { MlflowRun } from '../../records/mlflow.ts';
import { countOf } from '../../shared/units.ts';
import { compareText } from '../order.ts';
import type { TrackedSettings, TrackedTags } from './tagNames.ts';

/** A run whose tags say which trial it belongs to. */
export interface TrialOf {
  readonly study: string;
  readonly trial: string;
}

export type TaggedRun = TrialOf & { readonly run: MlflowRun };

/** A server's runs by what they are for, each from the oldest to the newest. */
export interface SortedRuns {
  readonly benchmarks: readonly TaggedRun[];
  /** Of trials or their folds: these hold the metric. */
  readonly trainings: readonly TaggedRun[];
  /** Of trials that were trained again on all the data: these hold the artifact. */
  readonly refits: readonly TaggedRun[];
  readonly notes: readonly string[];
}

/** The metric that a benchmark run is told by; rules.md 2. */
export const LATENCY_METRIC = 'latency_batch_1_ms';
const MOST_NAMED = 3;

/**
 * Tells the finished runs of trials apart: by their stage, else by what they hold. Runs of other
 * kinds are none of ours; a benchmark or training run without the tags that join them is left out, and said.
 */
export function sortRuns(runs: readonly MlflowRun[], { tags, trainingMetrics }: TrackedSettings): SortedRuns {
  const sorted: Record<Purpose, TaggedRun[]> = { benchmark: [], training: [], refit: [] };
  const untagged: Record<Purpose, MlflowRun[]> = { benchmark: [], training: [], refit: [] };
  const unfinished: MlflowRun[] = [];
  for (const run of oldestRunFirst(runs)) {
    const purposes = purposesOf(run, tags, trainingMetrics);
    const [first] = purposes;
    if (first === undefined) {
      continue;
    }
    const [study, trial] = [textOf(run, tags.studyKeyHash), textOf(run, tags.trialKeyHash)];
    if (run.status !== 'FINISHED' || run.isDeleted) {
      unfinished.push(run);
    } else if (study === undefined || trial === undefined) {
      untagged[first].push(run);
    } else {
      purposes.forEach((purpose) => sorted[purpose].push({ run, study, trial }));
    }
  }
  return {
    benchmarks: sorted.benchmark,
    trainings: sorted.training,
    refits: sorted.refit,
    notes: [
      ...(unfinished.length === 0
        ? []
        : [`${countOf(unfinished.length, 'run')} left out: failed, not finished or deleted (${named(unfinished)})`]),
      ...warnOfUntagged('benchmark run', untagged.benchmark, tags),
      ...warnOfUntagged('training run', [...untagged.training, ...untagged.refit], tags),
    ],
  };
}

/** By start, whatever order the server answers in; without a start, first. */
function oldestRunFirst(runs: readonly MlflowRun[]): MlflowRun[] {
  return runs.toSorted(
    (a, b) => (a.startTime ?? -Infinity) - (b.startTime ?? -Infinity) || compareText(a.runId, b.runId),
  );
}

type Purpose = 'benchmark' | 'training' | 'refit';

/** A run with a key and a latency is a benchmark, whatever else it is; one that says no stage also with one of them. */
function purposesOf(run: MlflowRun, tags: TrackedTags, trainingMetrics: readonly string[]): Purpose[] {
  const [kind, stage] = [textOf(run, tags.kind), textOf(run, tags.stage)];
  if (kind !== undefined && kind !== 'evaluation') {
    return kind === 'latency' ? ['benchmark'] : [];
  }
  const [hasKey, hasLatency] = [textOf(run, tags.benchmarkKey) !== undefined, run.metrics.has(LATENCY_METRIC)];
  if (stage !== undefined && /^benchmark|refit/i.test(stage)) {
    const isRefit = /refit/i.test(stage);
    return isRefit && hasKey && hasLatency ? ['refit', 'benchmark'] : [isRefit ? 'refit' : 'benchmark'];
  }
  const isBenchmark = stage === undefined ? hasKey || hasLatency : hasKey && hasLatency;
  const isTraining = trainingMetrics.every((name) => run.metrics.has(name));
  return [...(isBenchmark ? (['benchmark'] as const) : []), ...(isTraining ? (['training'] as const) : [])];
}

function warnOfUntagged(what: string, runs: readonly MlflowRun[], tags: TrackedTags): string[] {
  return runs.length === 0
    ? []
    : [
        `${countOf(runs.length, what)} left out (${named(runs)}): without the tags ${tags.studyKeyHash} and ${tags.trialKeyHash} nothing says which trial they are of; set the tags, or name yours under \`tags.grouping\` in the study`,
      ];
}

function named(runs: readonly MlflowRun[]): string {
  const ids = runs.slice(0, MOST_NAMED).map(({ runId }) => runId);
  return `${ids.join(', ')}${runs.length > MOST_NAMED ? ', ...' : ''}`;
}

/** Whether a run's tags name this trial. */
export function isSameTrial(run: MlflowRun, { study, trial }: TrialOf, tags: TrackedTags): boolean {
  return textOf(run, tags.studyKeyHash) === study && textOf(run, tags.trialKeyHash) === trial;
}

/** A tag's value; one that is set but empty says nothing. */
export function textOf(run: MlflowRun, tag: string): string | undefined {
  const text = run.tags.get(tag)?.trim();
  return text === '' ? undefined : text;
}
