import type { TrackedSettings } from '../../../src/decide/tracked/tagNames.ts';
import { oneRunSchema, type MlflowRun } from '../../../src/records/mlflow.ts';

export const SETTINGS: TrackedSettings = {
  tags: {
    studyKeyHash: 'code.grouping.study_key_hash',
    trialKeyHash: 'code.grouping.trial_key_hash',
    benchmarkKey: 'benchmark_key',
    backbone: 'code.backbone',
    model: 'code.model',
    stage: 'code.stage',
    kind: 'beltbench.kind',
    hostClass: 'beltbench.host_class',
  },
  trainingMetrics: ['macro-f1'],
  aggregation: 'latest',
  requiredMetrics: [],
  benchmarking: {},
};

export interface RunText {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly metrics?: Readonly<Record<string, number | 'NaN'>>;
  /** Milliseconds since 1970. */
  readonly start?: number;
  readonly status?: string;
  readonly name?: string;
}

/** A run as a server tells it. */
export function trackedRun({ id, tags = {}, params = {}, metrics = {}, start, status, name }: RunText): MlflowRun {
  const pairs = (values: object) => Object.entries(values).map(([key, value]: [string, unknown]) => ({ key, value }));
  return oneRunSchema.parse({
    run: {
      info: {
        run_id: id,
        run_name: name,
        experiment_id: '1',
        status: status ?? 'FINISHED',
        start_time: start,
        artifact_uri: `mlflow-artifacts:/1/${id}/artifacts`,
      },
      data: { tags: pairs(tags), params: pairs(params), metrics: pairs(metrics) },
    },
  }).run;
}

/** The tags that make a run one of this trial. */
export function ofTrial(trial: string, study = 'study'): Record<string, string> {
  return { 'code.grouping.study_key_hash': study, 'code.grouping.trial_key_hash': trial };
}

export function benchmark(id: string, trial: string, ms: number | 'NaN', more: Partial<RunText> = {}): MlflowRun {
  const tags = { ...ofTrial(trial), benchmark_key: `key-${trial}`, ...more.tags };
  return trackedRun({ id, metrics: { latency_batch_1_ms: ms }, ...more, tags });
}

export function training(id: string, trial: string, macroF1: number | 'NaN', more: Partial<RunText> = {}): MlflowRun {
  return trackedRun({
    id,
    params: { backbone: trial },
    metrics: { 'macro-f1': macroF1 },
    name: `trial_${trial}`,
    ...more,
    tags: { ...ofTrial(trial), 'code.stage': 'hpo', ...more.tags },
  });
}
