import type { StudyFile } from './studySchema.ts';

/** The keys of `selection` that say how far speed counts. */
export type SelectionKeys = Pick<
  StudyFile['selection'],
  'accuracy_threshold' | 'use_relative_threshold' | 'min_accuracy_gain'
>;

/** The presets of rules.md 1; `balanced` is recommended. */
export const SELECTION_PRESETS = {
  'accuracy-only': { accuracy_threshold: null, use_relative_threshold: true, min_accuracy_gain: null },
  balanced: { accuracy_threshold: 0.015, use_relative_threshold: true, min_accuracy_gain: null },
  'speed-preferring': { accuracy_threshold: 0.02, use_relative_threshold: true, min_accuracy_gain: 0.03 },
  'accuracy-preferring': { accuracy_threshold: 0.01, use_relative_threshold: true, min_accuracy_gain: null },
} as const satisfies Readonly<Record<string, SelectionKeys>>;

export type SelectionPreset = keyof typeof SELECTION_PRESETS;

/** What one call lays over `selection`. The single keys go over the preset. */
export interface SelectionOverrides {
  readonly preset?: SelectionPreset | undefined;
  /** `null`: accuracy only. */
  readonly accuracyThreshold?: number | null | undefined;
  readonly useRelativeThreshold?: boolean | undefined;
  readonly minAccuracyGain?: number | null | undefined;
  /** The metric to rank by. */
  readonly objective?: string | undefined;
}

/** The selection's keys with the overrides laid over them; `selectionProblem` judges the whole. */
export function overrideSelection(selection: SelectionKeys, overrides: SelectionOverrides): SelectionKeys {
  const { preset, accuracyThreshold, useRelativeThreshold, minAccuracyGain } = overrides;
  const base = preset === undefined ? selection : SELECTION_PRESETS[preset];
  return {
    accuracy_threshold: accuracyThreshold === undefined ? base.accuracy_threshold : accuracyThreshold,
    use_relative_threshold: useRelativeThreshold ?? base.use_relative_threshold,
    min_accuracy_gain: minAccuracyGain === undefined ? base.min_accuracy_gain : minAccuracyGain,
  };
}

/** What is wrong with the keys together: a distance has no upper bound, a share of the best has. */
export function selectionProblem(selection: SelectionKeys): string | undefined {
  for (const key of ['accuracy_threshold', 'min_accuracy_gain'] as const) {
    const value = selection[key];
    const problem =
      value === null ? undefined : shareProblem(`\`selection.${key}\``, value, selection.use_relative_threshold);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** @param what such as "a threshold", for the message */
export function shareProblem(what: string, value: number, isRelative: boolean): string | undefined {
  const share = value > 100 ? 0.015 : Number((value / 100).toPrecision(12));
  return isRelative && value > 1
    ? `${what} must be at most 1, being a share of the best, received ${value}; a share is written as ${share}, not in percent, and with \`use_relative_threshold: false\` it is a distance in the metric's own units`
    : undefined;
}

/** The overrides as they are typed on the command line. */
export function typedSelection(overrides: SelectionOverrides): string[] {
  const { preset, accuracyThreshold, useRelativeThreshold, minAccuracyGain, objective } = overrides;
  return [
    ...(preset === undefined ? [] : [`--preset ${preset}`]),
    ...(accuracyThreshold === undefined ? [] : [`--accuracy-threshold ${accuracyThreshold ?? 'none'}`]),
    ...(useRelativeThreshold === undefined ? [] : [`--${useRelativeThreshold ? '' : 'no-'}use-relative-threshold`]),
    ...(minAccuracyGain === undefined ? [] : [`--min-accuracy-gain ${minAccuracyGain ?? 'none'}`]),
    ...(objective === undefined ? [] : [`--objective ${objective}`]),
  ];
}
