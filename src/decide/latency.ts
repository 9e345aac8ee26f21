import type { Warning } from '../records/common.ts';
import type { LatencyJudgement, Percentile } from '../records/judgement.ts';
import type { LatencyRecord, LatencySamples, StageSample } from '../records/latency.ts';
import { countOf, formatMs, formatShare } from '../shared/units.ts';
import { assessMissRate } from '../stats/missRate.ts';
import { lateEpisodes, slowOutliers } from '../stats/outliers.ts';
import { sortSamples, tailQuantile, type SortedSamples } from '../stats/quantile.ts';
import { classifySteadyState, type SteadyState } from '../stats/steadyState.ts';
import { median } from '../stats/summary.ts';
import type { AggregatedRuns, Aggregation } from './aggregate.ts';

/** What the line demands of latency. */
export interface LatencyDemand {
  readonly budgetMs: number;
  /** The share of items that must meet the budget. */
  readonly requiredShare: number;
  readonly confidence: number;
}

export const PERCENTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

/** A child off turn may wake up now and then; more than this would slow whoever measures. */
const IDLE_CPU_LIMIT = 0.01;
/** Other processes' share of the machine above which latencies are suspect. */
const BUSY_LIMIT = 0.1;

/** Judges the samples of the representative run at batch 1 against the line's budget. */
export function judgeLatency(
  runs: AggregatedRuns,
  samples: LatencySamples,
  demand: LatencyDemand,
  aggregation: Aggregation,
): LatencyJudgement {
  const record = runs.representative;
  const rounds = samples.rounds.filter((round) => round.batch_size === 1).toSorted((a, b) => a.round - b.round);
  const inOrder = rounds.flatMap((round) => round.samples_ms);
  const sorted = sortSamples(inOrder);
  const n = inOrder.length;
  const late = lateEpisodes(inOrder, demand.budgetMs);
  const proof = assessMissRate({ misses: late.late, n, ...demand });
  const steady = classifySteadyState(inOrder);
  const stages = rounds.flatMap((round) => round.stages);
  const launches = samples.launches.flatMap((launch) => launch.per_batch.filter((batch) => batch.batch_size === 1));
  return {
    record_id: record.record_id,
    benchmark_key: record.benchmark_key,
    runs_count: runs.count,
    runs_spread_ms: [runs.lowestMs, runs.highestMs],
    aggregation,
    mean_ms: runs.meanMs,
    threads: record.settings.threads,
    n,
    percentiles: PERCENTILES.map((p) => percentile(sorted, p, demand.confidence)),
    max_ms: sorted.at(-1) ?? 0,
    budget_ms: demand.budgetMs,
    over_budget: late.late,
    miss_rate_upper: proof.upperBound ?? null,
    miss_rate_lower: proof.lowerBound ?? null,
    more_samples: proof.moreSamples ?? null,
    verdict: proof.verdict,
    steady_state: STATE_NAMES[steady.state],
    steady_median_ms: 'steadyMedian' in steady ? steady.steadyMedian : null,
    session_create_ms: samples.launches.map((launch) => launch.session_create_ms),
    first_inference_ms: launches.map((launch) => launch.first_inference_ms),
    warmup_median_ms: median(launches.flatMap((launch) => launch.warmup_ms)) ?? null,
    outliers: slowOutliers(inOrder).length,
    late_episodes: late.episodes,
    stages: summarizeStages(stages, demand.budgetMs),
    peak_rss_bytes: record.peak_rss_bytes,
    warnings: [
      ...record.warnings,
      ...warnOfSteadyState(steady),
      ...warnOfHost(record, samples),
      ...warnOfStages(stages, demand.budgetMs),
      ...warnOfRuns(runs),
    ],
  };
}

const STATE_NAMES = {
  flat: 'flat',
  warmup: 'warmup',
  slowdown: 'slowdown',
  'no steady state': 'no_steady_state',
  'not enough samples': 'not_enough_samples',
} as const satisfies Record<SteadyState['state'], LatencyJudgement['steady_state']>;

function percentile(sorted: SortedSamples, p: number, confidence: number): Percentile {
  const quantile = tailQuantile(sorted, p, confidence);
  return quantile.state === 'measured'
    ? { state: 'measured', p, value_ms: quantile.value, upper_bound_ms: quantile.upperBound }
    : { state: 'not_enough_samples', p, needs: quantile.needs };
}

function summarizeStages(stages: readonly StageSample[], budgetMs: number): LatencyJudgement['stages'] {
  const medianOf = (name: keyof StageSample): number | null =>
    median(stages.flatMap((stage) => (stage[name] === null ? [] : [stage[name]]))) ?? null;
  return {
    n: stages.length,
    medians: {
      read_ms: medianOf('read_ms'),
      decode_ms: medianOf('decode_ms'),
      resize_ms: medianOf('resize_ms'),
      to_tensor_ms: medianOf('to_tensor_ms'),
      run_ms: medianOf('run_ms'),
      decide_ms: medianOf('decide_ms'),
      end_to_end_ms: medianOf('end_to_end_ms'),
    },
    end_to_end_max_ms: stages.length === 0 ? null : Math.max(...stages.map((stage) => stage.end_to_end_ms)),
    end_to_end_over_budget: stages.filter((stage) => stage.end_to_end_ms > budgetMs).length,
  };
}

function warnOfSteadyState(steady: SteadyState): Warning[] {
  switch (steady.state) {
    case 'no steady state':
      return [
        {
          code: 'no_steady_state',
          message:
            'the latency was still changing in the last quarter of the samples: the figures describe no steady state; measure longer on a quieter machine',
        },
      ];
    case 'slowdown':
      return [
        {
          code: 'slowdown',
          message: `the latency rose after sample ${steady.steadyFrom} to a median of ${formatMs(steady.steadyMedian)} and stayed there: check cooling and other load`,
        },
      ];
    case 'warmup':
      return [
        {
          code: 'late_warmup',
          message: `the first ${countOf(steady.steadyFrom, 'sample')} after the warm-up were slower than the rest: raise \`warmup_iterations\``,
        },
      ];
    case 'not enough samples':
      return [
        {
          code: 'steady_state_unknown',
          message: `whether the latency was steady cannot be told from fewer than ${steady.needs} samples`,
        },
      ];
    case 'flat':
      return [];
  }
}

function warnOfHost(record: LatencyRecord, samples: LatencySamples): Warning[] {
  const warnings: Warning[] = [];
  const idle = Math.max(0, ...samples.rounds.map((round) => round.idle_cpu_share ?? 0));
  if (idle > IDLE_CPU_LIMIT) {
    warnings.push({
      code: 'idle_child_burns_cpu',
      message: `this model's process used ${formatShare(idle, 1)} of a core while others were measured: their figures may be too high`,
    });
  }
  const other = median(
    samples.rounds.flatMap((round) => (round.other_cpu_share === null ? [] : [round.other_cpu_share])),
  );
  if (other !== undefined && other > BUSY_LIMIT) {
    warnings.push({
      code: 'busy_machine',
      message: `other processes took ${formatShare(other, 0)} of the machine during the rounds (median): close them and measure again`,
    });
  }
  if (record.host_before.governor !== null && record.host_before.governor !== 'performance') {
    warnings.push({
      code: 'cpu_governor',
      message: `the CPU's governor is \`${record.host_before.governor}\`: its clock may vary; \`performance\` measures steadier`,
    });
  }
  const quota = record.host_before.cgroup_cpu_quota;
  if (quota !== null && quota < record.settings.threads) {
    warnings.push({
      code: 'cpu_quota',
      message: `the control group allows ${quota} cores, below the ${countOf(record.settings.threads, 'thread')} of the session`,
    });
  }
  if (samples.launches.length > 1) {
    warnings.push({
      code: 'resumed',
      message: `the measurement was interrupted and went on in ${countOf(samples.launches.length, 'launch', 'launches')}`,
    });
  }
  return warnings;
}

function warnOfStages(stages: readonly StageSample[], budgetMs: number): Warning[] {
  const over = stages.filter((stage) => stage.end_to_end_ms > budgetMs).length;
  const inferenceOver = stages.filter((stage) => stage.run_ms > budgetMs).length;
  return over > inferenceOver
    ? [
        {
          code: 'end_to_end_over_budget',
          message: `with reading and decoding ${over} of ${countOf(stages.length, 'item')} took longer than ${formatMs(budgetMs)}, the inference alone ${inferenceOver}`,
        },
      ]
    : [];
}

function warnOfRuns(runs: AggregatedRuns): Warning[] {
  return runs.highestMs > runs.lowestMs * 1.1
    ? [
        {
          code: 'runs_differ',
          message: `${countOf(runs.count, 'run')} of the same configuration range from ${formatMs(runs.lowestMs)} to ${formatMs(runs.highestMs)}`,
        },
      ]
    : [];
}
