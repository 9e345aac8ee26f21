import type { ClassFigures, HpoTrial } from '../../../src/records/hpo.ts';
import type { TrialSettings } from '../../../src/decide/trials/settings.ts';

export const BALANCED: TrialSettings = {
  metric: 'macro-f1',
  accuracyThreshold: 0.015,
  useRelativeThreshold: true,
  minAccuracyGain: null,
};

/** A trial with one run per value; more than one are its folds, from 0 on. */
export function trial(
  id: string,
  values: number | readonly number[],
  changes: Partial<Omit<HpoTrial, 'latencyMs'>> & { latencyMs?: number } = {},
): HpoTrial {
  const [backbone = '', trialName = ''] = id.split('/');
  const folds = typeof values === 'number' ? [values] : values;
  const { latencyMs, ...others } = changes;
  return {
    backbone,
    trialName,
    runs: folds.map((value, index) => ({
      fold: folds.length > 1 ? index : undefined,
      metrics: { 'macro-f1': value },
      perClass: {},
    })),
    latencyMs: latencyMs === undefined ? {} : { 1: latencyMs },
    benchmarkRuns: latencyMs === undefined ? 0 : 1,
    parameters: undefined,
    sizeBytes: undefined,
    cost: undefined,
    modelPath: undefined,
    fields: {},
    ...others,
  };
}

/** A trial whose only run has these per-class f1. */
export function trialOfClasses(id: string, f1: Readonly<Record<string, number | null>>): HpoTrial {
  const perClass: Record<string, ClassFigures> = Object.fromEntries(
    Object.entries(f1).map(([name, value]) => [name, { precision: 0.5, recall: 0.75, f1: value, support: 10 }]),
  );
  return trial(id, 0.5, { runs: [{ fold: undefined, metrics: { 'macro-f1': 0.5 }, perClass }] });
}
