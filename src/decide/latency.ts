import type { LatencyJudgement, Percentile } from '../records/judgement.ts';
import type { LatencySamples } from '../records/latency.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { assessMissRate } from '../stats/missRate.ts';
import { lateEpisodes, slowOutliers } from '../stats/outliers.ts';
import { nearestRank, sortSamples, tailQuantile, type SortedSamples } from '../stats/quantile.ts';
import { classifySteadyState, type SteadyState } from '../stats/steadyState.ts';
import { mean, median } from '../stats/summary.ts';
import type { AggregatedRuns, Aggregation } from './aggregate.ts';
import type { LatencyDemand } from './demands.ts';
import { latencyWarnings } from './latencyWarnings.ts';
import { compareText } from './order.ts';
import { summarizeStages } from './stages.ts';

export const PERCENTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

/**
 * Judges the samples of the representative run at batch 1 against the line's budget (methods.md A1 to
 * A4, A8). No sample is left out.
 *
 * @throws BeltbenchError `bad_record` when there is no sample at batch 1
 */
export function judgeLatency(
  runs: AggregatedRuns,
  samples: LatencySamples,
  demand: LatencyDemand,
  aggregation: Aggregation,
): LatencyJudgement {
  const record = runs.representative;
  const rounds = roundsInOrder(samples);
  const inOrder = rounds.flatMap((round) => round.samples_ms);
  const sorted = sortSamples(inOrder);
  const maxMs = sorted.at(-1);
  if (maxMs === undefined) {
    throw new BeltbenchError(
      'bad_record',
      `${record.record_id} needs samples at batch 1, received none; remove its folder and run \`beltbench measure\``,
    );
  }
  const n = inOrder.length;
  const late = lateEpisodes(inOrder, demand.budgetMs);
  const proof = assessMissRate({ misses: late.late, n, ...demand });
  const steady = classifySteadyState(inOrder);
  const stages = rounds.flatMap((round) => round.stages);
  const warnings = latencyWarnings({ runs, samples, steady, late, stages, budgetMs: demand.budgetMs });
  const percentiles = PERCENTILES.map((p) => percentileOf(sorted, p, demand.confidence));
  const isDoubtful = proof.verdict === 'FAIL' && mayBeTheLoad(warnings, sorted, demand);
  const starts = samples.launches.flatMap((launch) => launch.per_batch.filter((batch) => batch.batch_size === 1));
  return {
    record_id: record.record_id,
    benchmark_key: record.benchmark_key,
    runs_count: runs.count,
    runs_spread_ms: [runs.lowestMs, runs.highestMs],
    aggregation,
    mean_ms: runs.meanMs,
    rounds_spread_ms: spreadOfMeans(rounds),
    threads: record.settings.threads,
    n,
    percentiles,
    max_ms: maxMs,
    budget_ms: demand.budgetMs,
    over_budget: late.late,
    miss_rate_upper: proof.upperBound ?? null,
    miss_rate_lower: proof.lowerBound ?? null,
    more_samples: proof.moreSamples ?? null,
    verdict: isDoubtful ? 'NOT_ENOUGH_DATA' : proof.verdict,
    doubt: isDoubtful ? 'load' : null,
    steady_state: STATE_NAMES[steady.state],
    steady_median_ms: 'steadyMedian' in steady ? steady.steadyMedian : null,
    session_create_ms: samples.launches.map((launch) => launch.session_create_ms),
    first_inference_ms: starts.map((start) => start.first_inference_ms),
    warmup_median_ms: median(starts.flatMap((start) => start.warmup_ms)) ?? null,
    outliers: slowOutliers(inOrder).length,
    late_episodes: late.episodes,
    stages: summarizeStages(stages, demand.budgetMs),
    peak_rss_bytes: record.peak_rss_bytes,
    warnings,
  };
}

const STATE_NAMES = {
  flat: 'flat',
  warmup: 'warmup',
  slowdown: 'slowdown',
  'no steady state': 'no_steady_state',
  'not enough samples': 'not_enough_samples',
} as const satisfies Record<SteadyState['state'], LatencyJudgement['steady_state']>;

/** So many of the inferences find the machine free even where it is busy most of the time. */
const UNDISTURBED = 0.05;

/**
 * Load makes inferences late, never early: it cannot help a PASS, and it may be all there is to a
 * FAIL, unless even the fastest inferences were late.
 */
function mayBeTheLoad(
  warnings: LatencyJudgement['warnings'],
  sorted: SortedSamples,
  { budgetMs }: LatencyDemand,
): boolean {
  const best = sorted[nearestRank(sorted.length, UNDISTURBED) - 1] ?? Infinity;
  return warnings.some(({ code }) => code === 'busy_machine') && best <= budgetMs;
}

/** How far the rounds' means lie apart: what the mean of another run like this one may be. */
function spreadOfMeans(rounds: LatencySamples['rounds']): LatencyJudgement['rounds_spread_ms'] {
  const means = rounds.flatMap((round) => mean(round.samples_ms) ?? []);
  return means.length < 2 ? null : [Math.min(...means), Math.max(...means)];
}

/** The rounds at batch 1 as they were taken; a journal may hold them in any order. */
function roundsInOrder({ rounds }: LatencySamples): LatencySamples['rounds'] {
  return rounds
    .filter((round) => round.batch_size === 1)
    .toSorted((a, b) => a.round - b.round || compareText(a.started_at, b.started_at));
}

export function percentileOf(sorted: SortedSamples, p: number, confidence: number): Percentile {
  const quantile = tailQuantile(sorted, p, confidence);
  return quantile.state === 'measured'
    ? { state: 'measured', p, value_ms: quantile.value, upper_bound_ms: quantile.upperBound }
    : { state: 'not_enough_samples', p, needs: quantile.needs };
}
