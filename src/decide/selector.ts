import type { Warning } from '../records/common.ts';
import type { BestConfiguration } from '../records/decision.ts';
import { BeltbenchError } from '../shared/errors.ts';
import { countOf, formatMs } from '../shared/units.ts';
import { bestFirst, ROUNDING } from './order.ts';
import { scoreSpeeds, type SpeedFacts, type SpeedSource, type WithSpeed } from './speed.ts';

/** One candidate as the selector sees it. */
export interface SelectorCandidate extends SpeedFacts {
  readonly backbone: string;
  readonly trialName: string;
  /** The value of the metric, higher is better. */
  readonly accuracy: number;
  /** Finished benchmark runs that the latency stands for. */
  readonly benchmarkRuns?: number | undefined;
  /** The trial's own fields, carried into the result. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface SelectionRules {
  /** `null`: accuracy only. */
  readonly accuracyThreshold: number | null;
  readonly useRelativeThreshold: boolean;
  readonly minAccuracyGain: number | null;
  readonly metric: string;
}

export interface SelectionResult {
  readonly selectedId: string;
  readonly configuration: BestConfiguration;
  readonly warnings: readonly Warning[];
}

type Scored = WithSpeed<SelectorCandidate>;

/**
 * The accuracy-speed selector of the earlier tools (rules.md 1): accuracy first; among the candidates
 * that are faster than the best and close enough to it, the fastest.
 *
 * @returns `undefined` without candidates
 * @throws BeltbenchError `bad_record` when a candidate's accuracy is not a number
 */
export function selectBest(
  candidates: readonly SelectorCandidate[],
  rules: SelectionRules,
): SelectionResult | undefined {
  assertRankable(candidates, rules.metric);
  const { scored, source, warnings } = scoreSpeeds(candidates);
  const ranked = bestFirst(scored, ({ accuracy }) => accuracy);
  const best = ranked[0];
  if (best === undefined) {
    return undefined;
  }
  const selected = fastestInReach(ranked, best, rules) ?? best;
  return {
    selectedId: selected.id,
    warnings: [...warnings, ...warnOfIdleGain(rules)],
    configuration: {
      ...selected.fields,
      backbone: selected.backbone,
      trial_name: selected.trialName,
      selection_criteria: {
        metric: rules.metric,
        best_value: selected.accuracy,
        reason: explain(selected, best, ranked.length, rules, source),
        accuracy_threshold: rules.accuracyThreshold,
        use_relative_threshold: rules.useRelativeThreshold,
        min_accuracy_gain: rules.minAccuracyGain,
        accuracy_diff_from_best: distanceOf(best, selected),
        speed_data_source: source,
        all_candidates: ranked.map((candidate) => ({
          backbone: candidate.backbone,
          trial_name: candidate.trialName,
          accuracy: candidate.accuracy,
          speed_score: candidate.speed ?? null,
          speed_data_source: source,
          ...(Number.isFinite(candidate.latencyMs) && { benchmark_latency_ms: candidate.latencyMs }),
          ...(candidate.benchmarkRuns !== undefined && { benchmark_runs_count: candidate.benchmarkRuns }),
        })),
      },
    },
  };
}

/**
 * The distance from the best within which a faster candidate is preferred, in the metric's own units.
 * A share of a negative metric is one of its size.
 */
export function effectiveThreshold(threshold: number, bestAccuracy: number, relative: boolean): number {
  return relative ? threshold * Math.abs(bestAccuracy) : threshold;
}

/** How far below the best a faster candidate is preferred: by the threshold or, where that is further, by the minimum gain. */
export function reachBelow(best: number, threshold: number, rules: Omit<SelectionRules, 'accuracyThreshold'>): number {
  const { minAccuracyGain: gain, useRelativeThreshold: relative } = rules;
  const reach = effectiveThreshold(threshold, best, relative);
  if (gain === null) {
    return reach;
  }
  // A relative gain is a share of the other's accuracy, here stated in the best's.
  return Math.max(reach, relative ? (Math.abs(best) * gain) / (best < 0 ? 1 - gain : 1 + gain) : gain);
}

function assertRankable(candidates: readonly SelectorCandidate[], metric: string): void {
  const strange = candidates.find(({ accuracy }) => !Number.isFinite(accuracy));
  if (strange !== undefined) {
    throw new BeltbenchError(
      'bad_record',
      `${metric} must be a number to rank by, received ${strange.accuracy} for ${strange.id}; evaluate it again or leave it out`,
    );
  }
}

/** Of the candidates ranked by accuracy and id, the fastest that may stand in for the best. */
function fastestInReach(ranked: readonly Scored[], best: Scored, rules: SelectionRules): Scored | undefined {
  const { accuracyThreshold: threshold } = rules;
  if (threshold === null) {
    return undefined;
  }
  const reach = effectiveThreshold(threshold, best.accuracy, rules.useRelativeThreshold);
  const inReach = ({ accuracy }: Scored): boolean =>
    best.accuracy - accuracy <= reach + ROUNDING || !isWorthwhile(best.accuracy, accuracy, rules);
  const faster = ranked.filter((candidate) => inReach(candidate) && isFaster(candidate, best));
  // Of equally fast ones the first: the more accurate, then the first by id.
  const fastest = faster.reduce<Scored | undefined>(
    (least, candidate) =>
      least === undefined || (candidate.speed ?? Infinity) < (least.speed ?? Infinity) ? candidate : least,
    undefined,
  );
  return fastest === undefined ? undefined : faster.find((candidate) => !isFaster(fastest, candidate));
}

/** Speeds are relative to the fastest, so at least 1. */
function isFaster({ speed: a }: Scored, { speed: b }: Scored): boolean {
  return a !== undefined && b !== undefined && a < b - ROUNDING * b;
}

/** Never below zero: the best may be a rounding error less accurate than one that it ties with. */
function distanceOf(best: Scored, other: Scored): number {
  return Math.abs(best.accuracy - other.accuracy) <= ROUNDING ? 0 : best.accuracy - other.accuracy;
}

function warnOfIdleGain({ accuracyThreshold: threshold, minAccuracyGain: gain }: SelectionRules): Warning[] {
  return threshold === null && gain !== null
    ? [
        {
          code: 'idle_minimum_gain',
          message: `\`min_accuracy_gain\` (${gain}) has no effect without an \`accuracy_threshold\`: accuracy alone counts`,
        },
      ]
    : [];
}

/** Whether the best gains more than `min_accuracy_gain` over another; without that rule it always does. */
function isWorthwhile(
  best: number,
  accuracy: number,
  { minAccuracyGain, useRelativeThreshold }: SelectionRules,
): boolean {
  if (minAccuracyGain === null) {
    return true;
  }
  const gain = useRelativeThreshold ? (best - accuracy) / Math.abs(accuracy) : best - accuracy;
  return gain > minAccuracyGain + ROUNDING;
}

function explain(selected: Scored, best: Scored, eligible: number, rules: SelectionRules, source: SpeedSource): string {
  const { accuracyThreshold: threshold, useRelativeThreshold: relative, metric } = rules;
  const describe = (candidate: Scored): string =>
    `${candidate.id} (${metric} ${candidate.accuracy.toFixed(4)}, ${speedText(candidate, source)})`;
  // The selector sees only those that the gates let through, which need not be the most accurate.
  const highest = `the highest ${metric} of the ${countOf(eligible, 'candidate')} to choose from`;
  if (eligible === 1) {
    return `${describe(best)} is the only candidate to choose from`;
  }
  if (threshold === null) {
    return `${describe(best)} has ${highest}; without a threshold only that counts`;
  }
  const reach = effectiveThreshold(threshold, best.accuracy, relative);
  if (selected === best) {
    const further = reachBelow(best.accuracy, threshold, rules);
    const byGain = further > reach ? ` or, by the minimum gain, ${further.toFixed(4)}` : '';
    return `${describe(best)} has ${highest}, and no faster one is within the threshold of ${reach.toFixed(4)}${byGain}`;
  }
  const distance = distanceOf(best, selected);
  const rule =
    distance <= reach + ROUNDING
      ? `within the threshold of ${reach.toFixed(4)}`
      : `a gain of no more than the minimum of ${rules.minAccuracyGain} ${relative ? '(relative)' : '(absolute)'}`;
  return `${describe(selected)} is the fastest within reach of the best, ${describe(best)}: ${distance.toFixed(4)} below it, ${rule}`;
}

function speedText({ speed, latencyMs }: Scored, source: SpeedSource): string {
  if (speed === undefined) {
    return 'speed unknown';
  }
  return source === 'benchmark' ? formatMs(latencyMs) : `${speed.toFixed(2)}x parameters`;
}
