import { shareProblem } from '../../config/selectionOverrides.ts';
import type { HpoTrial } from '../../records/hpo.ts';
import type { ThresholdRow, TrialCandidate, TrialSelection } from '../../records/trialSelection.ts';
import { BeltbenchError } from '../../shared/errors.ts';
import { own } from '../../shared/values.ts';
import { countOf } from '../../shared/units.ts';
import { mean } from '../../stats/summary.ts';
import {
  effectiveThreshold,
  reachBelow,
  selectBest,
  type SelectionResult,
  type SelectorCandidate,
} from '../selector.ts';
import { scoreSpeeds } from '../speed.ts';
import { compareFolds } from './compareFolds.ts';
import { drawFrontier } from './frontier.ts';
import { bestPerBackbone, type ScoredTrial } from './scoreTrials.ts';
import type { TrialSettings } from './settings.ts';

/** A trial that enters, as the selector sees it. */
interface Entry extends SelectorCandidate {
  readonly scored: ScoredTrial;
  readonly sizeBytes: number | undefined;
  readonly cost: number | undefined;
}

/**
 * The accuracy-speed selector of rules.md 1 over a hyperparameter search: the best trial of each
 * backbone enters. Beside its answer stand the Pareto frontier, what the folds can tell apart, and
 * what other thresholds would have selected.
 *
 * @param thresholds `null` stands for accuracy only
 * @throws BeltbenchError `bad_record` when no trial can be ranked, `bad_usage` for a relative threshold above 1
 */
export function selectTrial(
  trials: readonly HpoTrial[],
  settings: TrialSettings,
  thresholds: readonly (number | null)[] = [],
): TrialSelection {
  assertThresholds(thresholds, settings);
  const { entered, warnings } = bestPerBackbone(trials, settings);
  const entries = entered.map((scored) => toEntry(scored, settings));
  const result = selectBest(entries, settings);
  if (result === undefined) {
    const why = warnings[0] === undefined ? '' : `; ${warnings[0]}`;
    throw new BeltbenchError(
      'bad_record',
      `none of ${countOf(trials.length, 'trial')} can be ranked by ${settings.metric}${why}`,
    );
  }
  const { scored: withSpeed, source } = scoreSpeeds(entries);
  const frontier = drawFrontier(
    withSpeed.map((entry) => ({ ...entry, value: entry.accuracy })),
    source === 'benchmark' ? 'latency' : 'parameters',
  );
  const selected = entries.find(({ id }) => id === result.selectedId);
  return {
    schema: 'beltbench/trial-selection',
    version: 1,
    best_configuration: result.configuration,
    candidates: withSpeed.map((entry, index) => ({
      ...describe(entry),
      selected: entry.id === result.selectedId,
      speed_score: entry.speed ?? null,
      on_frontier: frontier.onFrontier[index] ?? false,
    })),
    frontier_axes: [...frontier.axes],
    fold_differences: entries.flatMap((entry) => {
      const difference =
        selected === undefined || entry === selected ? undefined : compareFolds(selected.scored, entry.scored);
      return difference === undefined ? [] : [difference];
    }),
    thresholds: thresholds.flatMap((threshold) => sweepRow(entries, settings, threshold)),
    warnings: [
      ...warnings,
      ...result.warnings.map(({ message }) => message),
      ...warnOfOtherConditions(entered),
      ...frontier.warnings,
    ],
  };
}

/** Latencies compare only where machine and settings are the same. */
function warnOfOtherConditions(entered: readonly ScoredTrial[]): string[] {
  const benchmarked = entered.filter(({ trial }) => trial.latencyMs[1] !== undefined);
  const silent = benchmarked.filter(({ trial }) => trial.measuredUnder === undefined).map(({ id }) => id);
  const conditions = new Set(benchmarked.flatMap(({ trial }) => trial.measuredUnder ?? []));
  const wayOut = 'run `beltbench measure --hpo` for all of them on one machine';
  return [
    ...(conditions.size < 2
      ? []
      : [
          `the benchmarks were taken on different machines or with different settings, so their latencies do not compare; ${wayOut}`,
        ]),
    ...(conditions.size === 0 || silent.length === 0
      ? []
      : [
          `the benchmark of ${silent.join(', ')} does not say on which machine and with which settings it was taken, and others do: their latencies may not compare; ${wayOut}`,
        ]),
  ];
}

function assertThresholds(thresholds: readonly (number | null)[], { useRelativeThreshold }: TrialSettings): void {
  for (const threshold of thresholds) {
    const problem = threshold === null ? undefined : shareProblem('a threshold', threshold, useRelativeThreshold);
    if (problem !== undefined) {
      throw new BeltbenchError('bad_usage', problem);
    }
  }
}

function toEntry(scored: ScoredTrial, { parameters, costs }: TrialSettings): Entry {
  const { trial, id, value, std, folds } = scored;
  const { backbone, trialName } = trial;
  return {
    id,
    backbone,
    trialName,
    accuracy: value,
    latencyMs: trial.latencyMs[1],
    benchmarkRuns: trial.latencyMs[1] === undefined ? undefined : trial.benchmarkRuns,
    parameters: trial.parameters ?? own(parameters, backbone),
    sizeBytes: trial.sizeBytes,
    cost: trial.cost ?? own(costs, id) ?? own(costs, backbone),
    fields: {
      ...trial.fields,
      ...(std !== undefined && {
        cv_statistics: { cv_mean: value, cv_std: std, cv_fold_metrics: folds.map((fold) => fold.value) },
      }),
    },
    scored,
  };
}

function describe(entry: Entry): Omit<TrialCandidate, 'selected' | 'speed_score' | 'on_frontier'> {
  const { scored, backbone, trialName, latencyMs, benchmarkRuns, parameters, sizeBytes, cost } = entry;
  return {
    backbone,
    trial_name: trialName,
    value: scored.value,
    std: scored.std ?? null,
    folds: scored.folds.map(({ fold, value }) => ({ fold: fold ?? null, value })),
    per_class: classMeans(scored.trial),
    benchmark_latency_ms: latencyMs ?? null,
    benchmark_runs_count: benchmarkRuns ?? 0,
    parameters: parameters ?? null,
    size_bytes: sizeBytes ?? null,
    cost: cost ?? null,
  };
}

function classMeans({ runs }: HpoTrial): TrialCandidate['per_class'] {
  const names = [...new Set(runs.flatMap(({ perClass }) => Object.keys(perClass)))];
  return Object.fromEntries(
    names.map((name) => {
      const figures = runs.flatMap(({ perClass }) => own(perClass, name) ?? []);
      const meanOf = (key: 'precision' | 'recall' | 'f1' | 'support'): number | null => {
        const values = figures.flatMap((each) => each[key] ?? []).filter((value) => Number.isFinite(value));
        return mean(values) ?? null;
      };
      return [
        name,
        { precision: meanOf('precision'), recall: meanOf('recall'), f1: meanOf('f1'), support: meanOf('support') },
      ];
    }),
  );
}

function sweepRow(entries: readonly Entry[], settings: TrialSettings, threshold: number | null): ThresholdRow[] {
  const result: SelectionResult | undefined = selectBest(entries, { ...settings, accuracyThreshold: threshold });
  const best = entries[0];
  if (result === undefined || best === undefined) {
    return [];
  }
  const { selection_criteria: criteria, backbone, trial_name: trialName } = result.configuration;
  const speed = criteria.all_candidates.find((each) => each.backbone === backbone && each.trial_name === trialName);
  return [
    {
      accuracy_threshold: threshold,
      effective_threshold:
        threshold === null ? null : effectiveThreshold(threshold, best.accuracy, settings.useRelativeThreshold),
      reach: threshold === null ? null : reachBelow(best.accuracy, threshold, settings),
      backbone,
      trial_name: trialName,
      value: criteria.best_value,
      speed_score: speed?.speed_score ?? null,
      accuracy_diff_from_best: criteria.accuracy_diff_from_best,
    },
  ];
}
