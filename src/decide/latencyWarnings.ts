import type { Warning } from '../records/common.ts';
import type { LatencyRecord, LatencySamples, StageSample } from '../records/latency.ts';
import { countOf, formatCount, formatMs, formatShare } from '../shared/units.ts';
import type { LateEpisodes } from '../stats/outliers.ts';
import type { SteadyState } from '../stats/steadyState.ts';
import { median } from '../stats/summary.ts';
import type { AggregatedRuns } from './aggregate.ts';

/** A child off turn may wake up now and then; more than this would slow whoever measures. */
const IDLE_CPU_LIMIT = 0.01;
/** Other processes' share of the machine above which latencies are suspect. */
const BUSY_LIMIT = 0.1;
/** Runs of one configuration that differ by more than this share are worth a question. */
const RUNS_SPREAD_LIMIT = 0.1;

/** What a judged latency rests on. */
export interface LatencyEvidence {
  readonly runs: AggregatedRuns;
  readonly samples: LatencySamples;
  readonly steady: SteadyState;
  readonly late: LateEpisodes;
  readonly stages: readonly StageSample[];
  readonly budgetMs: number;
}

/** Every reason to doubt a latency, each with what to do about it. */
export function latencyWarnings({ runs, samples, steady, late, stages, budgetMs }: LatencyEvidence): Warning[] {
  const record = runs.representative;
  return [
    ...record.warnings,
    ...warnOfSteadyState(steady),
    ...warnOfBursts(late),
    ...warnOfNeighbours(samples),
    ...warnOfHost(record),
    ...warnOfStages(stages, budgetMs),
    ...warnOfRuns(runs),
  ];
}

function warnOfSteadyState(steady: SteadyState): Warning[] {
  switch (steady.state) {
    case 'no steady state':
      return one(
        'no_steady_state',
        'the latency was still changing in the last quarter of the samples: the figures describe no steady state; measure longer on a quieter machine',
      );
    case 'slowdown':
      return one(
        'slowdown',
        `the latency rose after ${countOf(steady.steadyFrom, 'sample')} from a median of ${formatMs(steady.beforeMedian)} to ${formatMs(steady.steadyMedian)} and stayed there: check cooling and other load`,
      );
    case 'warmup':
      return one(
        'late_warmup',
        `the first ${countOf(steady.steadyFrom, 'sample')} after the warm-up were slower than the rest: raise \`warmup_iterations\``,
      );
    case 'not enough samples':
      return one(
        'steady_state_unknown',
        `whether the latency was steady cannot be told from fewer than ${steady.needs} samples`,
      );
    case 'flat':
      return [];
  }
}

function warnOfBursts({ late, episodes, longest }: LateEpisodes): Warning[] {
  // Where all are late, none of it is a matter of bursts.
  return longest > 1 && late > longest
    ? one(
        'late_bursts',
        `the ${formatCount(late)} late inferences came in ${countOf(episodes, 'burst')}, the longest of ${formatCount(longest)}: the bound takes them for independent; a longer run tells more`,
      )
    : [];
}

/** What else ran on the machine, or in this model's own process while it was not its turn. */
function warnOfNeighbours({ rounds }: LatencySamples): Warning[] {
  const warnings: Warning[] = [];
  const idle = Math.max(0, ...rounds.flatMap(({ idle_cpu_share: share }) => (share === null ? [] : [share])));
  if (idle > IDLE_CPU_LIMIT) {
    warnings.push({
      code: 'idle_child_burns_cpu',
      message: `this model's process used ${formatShare(idle, 1)} of a core while others were measured: their figures may be too high`,
    });
  }
  const other = median(rounds.flatMap(({ other_cpu_share: share }) => (share === null ? [] : [share])));
  if (other !== undefined && other > BUSY_LIMIT) {
    warnings.push({
      code: 'busy_machine',
      message: `other processes took ${formatShare(other, 0)} of the machine during the rounds (median): close them and run \`beltbench measure --force-new\``,
    });
  }
  // Not the launches themselves: one that ended before its first round has no part in any figure.
  const launches = new Set(rounds.map(({ launch }) => launch)).size;
  if (launches > 1) {
    warnings.push({
      code: 'resumed',
      message: `the measurement was interrupted and went on in ${countOf(launches, 'launch', 'launches')}`,
    });
  }
  return warnings;
}

function warnOfHost({ host_before: host, host_class: machine, settings }: LatencyRecord): Warning[] {
  const warnings: Warning[] = [];
  if (host.governor !== null && host.governor !== 'performance') {
    warnings.push({
      code: 'cpu_governor',
      message: `the CPU's governor is \`${host.governor}\`: its clock may vary; \`performance\` measures steadier`,
    });
  }
  if (host.cgroup_cpu_quota !== null && host.cgroup_cpu_quota < settings.threads) {
    warnings.push({
      code: 'cpu_quota',
      message: `the control group allows ${countOf(host.cgroup_cpu_quota, 'core')}, below the ${countOf(settings.threads, 'thread')} of the session: the measurement may have been throttled`,
    });
  }
  const cores = (host.affinity === null ? undefined : coresIn(host.affinity)) ?? machine.logical_cores;
  if (cores < settings.threads) {
    warnings.push({
      code: 'more_threads_than_cores',
      message: `the ${countOf(settings.threads, 'thread')} of the session shared ${countOf(cores, 'core')}: they wait for each other; lower \`benchmarking.threads\``,
    });
  }
  return warnings;
}

/** How many "0-1,4" are; `undefined` where the list is another. */
function coresIn(affinity: string): number | undefined {
  const ranges = affinity.split(',').map((range) => /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(range));
  const counts = ranges.map((range) =>
    range === null ? Number.NaN : Number(range[2] ?? range[1]) - Number(range[1]) + 1,
  );
  const cores = counts.reduce((sum, count) => sum + count, 0);
  return cores > 0 ? cores : undefined;
}

function warnOfStages(stages: readonly StageSample[], budgetMs: number): Warning[] {
  const over = stages.filter((stage) => stage.end_to_end_ms > budgetMs).length;
  const inferenceOver = stages.filter((stage) => stage.run_ms > budgetMs).length;
  return over > inferenceOver
    ? one(
        'end_to_end_over_budget',
        `with reading and decoding ${over} of ${countOf(stages.length, 'item')} took longer than ${formatMs(budgetMs)}, the inference alone ${inferenceOver}`,
      )
    : [];
}

function warnOfRuns({ count, lowestMs, highestMs }: AggregatedRuns): Warning[] {
  return highestMs > lowestMs * (1 + RUNS_SPREAD_LIMIT)
    ? one(
        'runs_differ',
        `${countOf(count, 'run')} of the same configuration range from ${formatMs(lowestMs)} to ${formatMs(highestMs)}`,
      )
    : [];
}

function one(code: string, message: string): Warning[] {
  return [{ code, message }];
}
