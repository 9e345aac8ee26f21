import type { MlflowRun } from '../../records/mlflow.ts';
import { countOf, formatMs, shortHash } from '../../shared/units.ts';
import { aggregateOldestFirst, type Aggregated } from '../aggregate.ts';
import { groupBy, idOfTrial } from './grouping.ts';
import { LATENCY_METRIC, textOf, type TaggedRun, type TrialOf } from './sortRuns.ts';
import type { TrackedSettings } from './tagNames.ts';
import type { NameTrial } from './trialNames.ts';

/** The finished benchmark runs of one trial and one key: one candidate. */
export interface BenchmarkGroup extends TrialOf {
  /** `legacy_TRIAL` where the runs have no key. */
  readonly key: string;
  readonly isLegacy: boolean;
  readonly latency: Aggregated<MlflowRun>;
  /** What they ran on; `undefined` where they do not say. */
  readonly hostClass: string | undefined;
  /** How many threads they ran with; `undefined` where they do not say. */
  readonly threads: string | undefined;
  readonly newestStart: number;
}

type KeyedRun = TaggedRun & { readonly key: string; readonly isLegacy: boolean };

/** Groups runs by (study, trial, benchmark key), and aggregates each group's latency; rules.md 2. */
export function groupBenchmarks(
  benchmarks: readonly TaggedRun[],
  settings: TrackedSettings,
  nameTrial: NameTrial,
): { readonly groups: readonly BenchmarkGroup[]; readonly warnings: readonly string[] } {
  const { tags } = settings;
  const keyed = benchmarks.map((tagged): KeyedRun => {
    const key = textOf(tagged.run, tags.benchmarkKey);
    return { ...tagged, key: key ?? `legacy_${tagged.trial}`, isLegacy: key === undefined };
  });
  const groups: BenchmarkGroup[] = [];
  const warnings: string[] = [];
  for (const entries of groupBy(keyed, ({ study, trial, key }) => JSON.stringify([study, trial, key])).values()) {
    const [first] = entries;
    if (first === undefined) {
      continue;
    }
    const { study, trial, key, isLegacy } = first;
    const name = `${nameTrial(first)} ${isLegacy ? 'without a key' : `with key ${shortKey(key)}`}`;
    const { runs, leftOut } = countingRuns(entries, settings);
    warnings.push(...leftOut.map((why) => `benchmark runs of ${name} left out: ${why}`));
    const latency = aggregateOldestFirst(runs, latencyOf, settings.aggregation);
    if (latency === undefined) {
      warnings.push(
        runs.length === 0
          ? `${name} is skipped: no benchmark run of it counts`
          : `${name} is skipped: none of its ${countOf(runs.length, 'benchmark run')} has a valid ${LATENCY_METRIC}`,
      );
      continue;
    }
    const hostClass = textOf(latency.representative, tags.hostClass);
    const threads = latency.representative.params.get('threads');
    const newestStart = runs.at(-1)?.startTime ?? -Infinity;
    groups.push({ study, trial, key, isLegacy, latency, hostClass, threads, newestStart });
  }
  return { groups, warnings };
}

/** Those of a group that have every required metric and, where no key says it, the configuration's settings. */
function countingRuns(
  entries: readonly KeyedRun[],
  { requiredMetrics, benchmarking }: TrackedSettings,
): { runs: MlflowRun[]; leftOut: string[] } {
  const missing = new Set<string>();
  const contradicted = new Set<string>();
  const runs = entries.flatMap(({ run, isLegacy }) => {
    const lacking = requiredMetrics.filter((name) => !run.metrics.has(name));
    const others = isLegacy ? contradictions(run, benchmarking) : [];
    lacking.forEach((name) => missing.add(name));
    others.forEach((name) => contradicted.add(name));
    return lacking.length === 0 && others.length === 0 ? [run] : [];
  });
  return {
    runs,
    leftOut: [
      ...(missing.size > 0 ? [`they lack the required ${[...missing].join(', ')}`] : []),
      ...(contradicted.size > 0 ? [`made with other ${[...contradicted].join(', ')} than configured`] : []),
    ],
  };
}

/** The settings that a run's own parameters tell otherwise than the configuration. */
function contradictions({ params }: MlflowRun, benchmarking: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(benchmarking).flatMap(([name, value]) => {
    const own = params.get(name);
    return own === undefined || value === null || bare(own) === bare(JSON.stringify(value)) ? [] : [name];
  });
}

/** A list, with or without its brackets, as one text. */
function bare(text: string): string {
  return text.replaceAll(/[[\]"'\s]/g, '');
}

/**
 * One group for each trial: with a key before without one, then on the host and with the number of
 * threads that most trials were measured with, then the newest. Settings that changed make a new key; the older measurement stays
 * stored, and is never the reason for a choice.
 */
export function onePerTrial(
  groups: readonly BenchmarkGroup[],
  nameTrial: NameTrial,
): { readonly chosen: readonly BenchmarkGroup[]; readonly warnings: readonly string[] } {
  const host = commonest(groups, hostOf);
  const threads = commonest(groups, threadsOf);
  const rank = (group: BenchmarkGroup): number[] => [
    group.isLegacy ? 0 : 1,
    group.hostClass !== undefined && group.hostClass === host ? 1 : 0,
    group.threads !== undefined && group.threads === threads ? 1 : 0,
    group.newestStart,
  ];
  const chosen: BenchmarkGroup[] = [];
  const warnings: string[] = [];
  for (const own of groupBy(groups, idOfTrial).values()) {
    const best = own.reduce((before, group) => (isAtLeast(rank(group), rank(before)) ? group : before));
    chosen.push(best);
    if (own.length > 1) {
      const others = own.filter((group) => group !== best).map(({ key }) => shortKey(key));
      warnings.push(
        `${nameTrial(best)} was benchmarked under ${own.length} keys: ${shortKey(best.key)} counts, ${others.join(', ')} not (other settings, another host or no key)`,
      );
    }
  }
  return {
    chosen,
    warnings: [
      ...warnings,
      ...chosen.flatMap((group) => spread(group, nameTrial)),
      ...warnOfLegacy(chosen, nameTrial),
      ...warnOfHosts(chosen),
      ...warnOfThreads(chosen),
    ],
  };
}

/** Several runs as one figure: how many, and how far apart. */
function spread(group: BenchmarkGroup, nameTrial: NameTrial): string[] {
  const { count, meanMs, lowestMs, highestMs } = group.latency;
  return count < 2
    ? []
    : [
        `${nameTrial(group)} counts with ${formatMs(meanMs)}, from ${count} runs of ${formatMs(lowestMs)} to ${formatMs(highestMs)}`,
      ];
}

function latencyOf(run: MlflowRun): number | undefined {
  const ms = run.metrics.get(LATENCY_METRIC);
  return ms !== undefined && Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

type Condition = (group: BenchmarkGroup) => string | undefined;
const hostOf: Condition = ({ hostClass }) => hostClass;
const threadsOf: Condition = ({ threads }) => threads;

/** The condition that most trials have a group of; of two, the one that was measured under last. */
function commonest(groups: readonly BenchmarkGroup[], conditionOf: Condition): string | undefined {
  const seen = new Map<string, { trials: Set<string>; newest: number }>();
  for (const group of groups) {
    const condition = conditionOf(group);
    if (condition !== undefined) {
      const entry = seen.get(condition) ?? { trials: new Set(), newest: -Infinity };
      entry.trials.add(idOfTrial(group));
      seen.set(condition, { trials: entry.trials, newest: Math.max(entry.newest, group.newestStart) });
    }
  }
  return [...seen].toSorted(([, a], [, b]) => b.trials.size - a.trials.size || b.newest - a.newest)[0]?.[0];
}

function isAtLeast(a: readonly number[], b: readonly number[]): boolean {
  const index = a.findIndex((value, place) => value !== b[place]);
  return index === -1 || (a[index] ?? 0) > (b[index] ?? 0);
}

function warnOfLegacy(chosen: readonly BenchmarkGroup[], nameTrial: NameTrial): string[] {
  const legacy = chosen.filter(({ isLegacy }) => isLegacy).map((group) => nameTrial(group));
  return legacy.length === 0
    ? []
    : [
        `the benchmark runs of ${legacy.join(', ')} have no benchmark_key and are matched by their study and trial hashes: nothing proves that they were made with the same settings; benchmark again with beltbench, or set the tag`,
      ];
}

function warnOfHosts(chosen: readonly BenchmarkGroup[]): string[] {
  const hosts = new Set(chosen.map(({ hostClass }) => hostClass ?? 'unknown'));
  return hosts.size < 2
    ? []
    : [
        `the candidates were benchmarked on ${hosts.size} different hosts (${[...hosts].map(shortHash).join(', ')}): their latencies do not compare; measure all on one`,
      ];
}

function warnOfThreads(chosen: readonly BenchmarkGroup[]): string[] {
  const counts = new Set(chosen.map(({ threads }) => threads ?? 'unknown'));
  return counts.size < 2
    ? []
    : [
        `the candidates were benchmarked with different numbers of threads (${[...counts].toSorted().join(', ')}): their latencies do not compare; measure all with one`,
      ];
}

/** A key as people read it. */
function shortKey(key: string): string {
  return key.startsWith('legacy_') ? `legacy_${shortHash(key.slice('legacy_'.length))}` : shortHash(key);
}
