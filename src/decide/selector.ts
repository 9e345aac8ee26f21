import type { BestConfiguration } from '../records/decision.ts';
import { formatMs } from '../shared/units.ts';

/** One candidate as the selector sees it. */
export interface SelectorCandidate {
  readonly id: string;
  readonly backbone: string;
  readonly trialName: string;
  /** The value of the metric, higher is better. */
  readonly accuracy: number;
  /** Batch-1 mean; `undefined` without a benchmark. */
  readonly latencyMs: number | undefined;
  readonly parameters: number | undefined;
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

export type SpeedSource = 'benchmark' | 'parameter_proxy';

export interface SelectionResult {
  readonly selectedId: string;
  readonly configuration: BestConfiguration;
  readonly warnings: readonly string[];
}

/** Comparisons at a boundary allow this much rounding (rules.md 1). */
const ROUNDING = 1e-12;

interface Scored extends SelectorCandidate {
  /** Relative to the fastest, which is 1; larger is slower. */
  readonly speed: number | undefined;
}

/**
 * The accuracy-speed selector of the earlier tools (rules.md 1): accuracy first; among the candidates
 * that are faster than the best and close enough to it, the fastest.
 *
 * @returns `undefined` without candidates
 */
export function selectBest(
  candidates: readonly SelectorCandidate[],
  rules: SelectionRules,
): SelectionResult | undefined {
  const { scored, source, warnings } = scoreSpeed(candidates);
  const ranked = scored.toSorted((a, b) => b.accuracy - a.accuracy || compareText(a.id, b.id));
  const best = ranked[0];
  if (best === undefined) {
    return undefined;
  }
  const preferred = ranked
    .filter((candidate) => isFaster(candidate, best) && isCloseEnough(candidate.accuracy, best.accuracy, rules))
    .toSorted((a, b) => compareSpeed(a, b) || b.accuracy - a.accuracy || compareText(a.id, b.id));
  const selected = preferred[0] ?? best;
  return {
    selectedId: selected.id,
    warnings,
    configuration: {
      ...selected.fields,
      backbone: selected.backbone,
      trial_name: selected.trialName,
      selection_criteria: {
        metric: rules.metric,
        best_value: best.accuracy,
        reason: explain(selected, best, rules, source),
        accuracy_threshold: rules.accuracyThreshold,
        use_relative_threshold: rules.useRelativeThreshold,
        min_accuracy_gain: rules.minAccuracyGain,
        accuracy_diff_from_best: best.accuracy - selected.accuracy,
        speed_data_source: source,
        all_candidates: ranked.map((candidate) => ({
          backbone: candidate.backbone,
          trial_name: candidate.trialName,
          accuracy: candidate.accuracy,
          speed_score: candidate.speed ?? null,
          speed_data_source: source,
          ...(candidate.latencyMs !== undefined && { benchmark_latency_ms: candidate.latencyMs }),
        })),
      },
    },
  };
}

/** The distance from the best within which a faster candidate is preferred, in the metric's own units. */
export function effectiveThreshold(bestAccuracy: number, rules: SelectionRules): number | undefined {
  if (rules.accuracyThreshold === null) {
    return undefined;
  }
  return rules.useRelativeThreshold ? rules.accuracyThreshold * bestAccuracy : rules.accuracyThreshold;
}

function isCloseEnough(accuracy: number, best: number, rules: SelectionRules): boolean {
  const threshold = effectiveThreshold(best, rules);
  if (threshold === undefined) {
    return false;
  }
  return best - accuracy <= threshold + ROUNDING || !beats(best, accuracy, rules);
}

/** Whether the best is more than `min_accuracy_gain` better; without that rule it always is. */
function beats(best: number, accuracy: number, rules: SelectionRules): boolean {
  if (rules.minAccuracyGain === null) {
    return true;
  }
  const gain = rules.useRelativeThreshold ? (best - accuracy) / accuracy : best - accuracy;
  return gain > rules.minAccuracyGain + ROUNDING;
}

function isFaster(candidate: Scored, best: Scored): boolean {
  return candidate.speed !== undefined && best.speed !== undefined && candidate.speed < best.speed;
}

function compareSpeed(a: Scored, b: Scored): number {
  return (a.speed ?? Infinity) - (b.speed ?? Infinity);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Never mixes the two sources: one candidate without a benchmark puts all of them on the proxy. */
function scoreSpeed(candidates: readonly SelectorCandidate[]): {
  scored: Scored[];
  source: SpeedSource;
  warnings: string[];
} {
  const unmeasured = candidates.filter(({ latencyMs }) => latencyMs === undefined);
  const source: SpeedSource = unmeasured.length === 0 ? 'benchmark' : 'parameter_proxy';
  const cost = ({ latencyMs, parameters }: SelectorCandidate): number | undefined =>
    source === 'benchmark' ? latencyMs : parameters;
  const fastest = Math.min(...candidates.map((candidate) => cost(candidate) ?? Infinity));
  const scored = candidates.map((candidate) => {
    const own = cost(candidate);
    return { ...candidate, speed: own === undefined ? undefined : own / fastest };
  });
  const warnings: string[] = [];
  if (source === 'parameter_proxy') {
    const names = unmeasured.map(({ id }) => id).join(', ');
    warnings.push(`no benchmark for ${names}: the speed of all candidates is judged by parameter count instead`);
    const unknown = scored.filter(({ speed }) => speed === undefined).map(({ id }) => id);
    if (unknown.length > 0) {
      warnings.push(`neither a benchmark nor a parameter count for ${unknown.join(', ')}: it can only win on accuracy`);
    }
  }
  return { scored, source, warnings };
}

function explain(selected: Scored, best: Scored, rules: SelectionRules, source: SpeedSource): string {
  const value = (candidate: Scored): string =>
    `${candidate.id} (${rules.metric} ${candidate.accuracy.toFixed(4)}${speedText(candidate, source)})`;
  if (selected.id !== best.id) {
    const distance = best.accuracy - selected.accuracy;
    const within = effectiveThreshold(best.accuracy, rules) ?? 0;
    const rule =
      distance <= within + ROUNDING
        ? `within the threshold of ${within.toFixed(4)}`
        : `which does not beat it by more than the minimum gain of ${rules.minAccuracyGain ?? 0}`;
    return `${value(selected)} is the fastest within reach of the best, ${value(best)}: ${distance.toFixed(4)} below it, ${rule}`;
  }
  if (rules.accuracyThreshold === null) {
    return `${value(best)} has the highest ${rules.metric}; without a threshold only that counts`;
  }
  return `${value(best)} has the highest ${rules.metric}, and no faster candidate is within the threshold of ${(effectiveThreshold(best.accuracy, rules) ?? 0).toFixed(4)}`;
}

function speedText(candidate: Scored, source: SpeedSource): string {
  if (candidate.speed === undefined) {
    return ', speed unknown';
  }
  return source === 'benchmark' ? `, ${formatMs(candidate.latencyMs)}` : `, ${candidate.speed.toFixed(2)}x parameters`;
}
