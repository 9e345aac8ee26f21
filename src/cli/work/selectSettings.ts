import type { SearchConfig } from '../../config/searchConfig.ts';
import {
  overrideSelection,
  selectionProblem,
  typedSelection,
  type SelectionOverrides,
} from '../../config/selectionOverrides.ts';
import type { TrialSettings } from '../../decide/trials/settings.ts';
import { BeltbenchError } from '../../shared/errors.ts';

/** What one call of `select` lays over its configuration. */
export interface SelectOverrides extends SelectionOverrides {
  readonly classPriority?: Readonly<Record<string, number>> | undefined;
}

const DEFAULT_METRIC = 'macro-f1';

/**
 * The configuration with the overrides laid over it, and a line for each key that they changed.
 *
 * @throws BeltbenchError `bad_usage` for an objective and class priorities at once, or a share of the best above 1
 */
export function settingsOf(
  { file }: SearchConfig,
  overrides: SelectOverrides & { readonly only?: readonly string[] },
): { readonly settings: TrialSettings; readonly overridden: readonly string[] } {
  const { only = [], objective, classPriority } = overrides;
  if (objective !== undefined && classPriority !== undefined) {
    throw new BeltbenchError(
      'bad_usage',
      `the objective is a metric or the classes' f1 by priority, received --objective ${objective} and --class-priority; drop one`,
    );
  }
  const metric = file.objective.metric ?? file.selection.metric ?? DEFAULT_METRIC;
  const before = { ...file.selection, metric: nameObjective(metric, file.class_priorities) };
  const classPriorities = classPriority ?? (objective === undefined ? file.class_priorities : undefined);
  const selection = overrideSelection(file.selection, overrides);
  const problem = selectionProblem(selection);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_usage', problem);
  }
  const after = { ...selection, metric: nameObjective(objective ?? metric, classPriorities) };
  const { k_fold: folds } = file;
  return {
    settings: {
      accuracyThreshold: after.accuracy_threshold,
      useRelativeThreshold: after.use_relative_threshold,
      minAccuracyGain: after.min_accuracy_gain,
      metric: after.metric,
      only,
      classPriorities,
      parameters: file.parameters,
      costs: file.costs,
      requiredMetrics: file.benchmark.required_metrics,
      foldsExpected: folds?.enabled === true ? folds.n_splits : undefined,
    },
    overridden: [
      ...(only.length === 0 ? [] : [`of the trials only ${only.join(', ')} (--only)`]),
      ...describeOverrides(before, after, overrides),
    ],
  };
}

/** The objective as `selection_criteria.metric` names it. */
function nameObjective(metric: string, priorities: Readonly<Record<string, number>> | undefined): string {
  return priorities === undefined
    ? metric
    : `f1 by class priority (${Object.entries(priorities)
        .map(([name, weight]) => `${name} ${weight}`)
        .join(', ')})`;
}

type Keys = Record<
  'accuracy_threshold' | 'use_relative_threshold' | 'min_accuracy_gain' | 'metric',
  string | number | boolean | null
>;

function describeOverrides(before: Keys, after: Keys, overrides: SelectOverrides): string[] {
  const { preset, accuracyThreshold, useRelativeThreshold, minAccuracyGain, objective, classPriority } = overrides;
  const flags: readonly (readonly [keyof Keys, SelectOverrides, boolean])[] = [
    ['accuracy_threshold', { accuracyThreshold }, accuracyThreshold !== undefined],
    ['use_relative_threshold', { useRelativeThreshold }, useRelativeThreshold !== undefined],
    ['min_accuracy_gain', { minAccuracyGain }, minAccuracyGain !== undefined],
    ['metric', { objective }, objective !== undefined || classPriority !== undefined],
  ];
  return flags.flatMap(([key, own, isStated]) => {
    if (before[key] === after[key] || (!isStated && (preset === undefined || key === 'metric'))) {
      return [];
    }
    const [typed = '--class-priority'] = typedSelection(isStated ? own : { preset });
    return [`${key} ${after[key]} instead of ${before[key]} (${typed})`];
  });
}
