import { z } from 'zod';
import { figure } from './common.ts';

/** What a model came to on one class. */
export const classFiguresSchema = z.object({
  precision: figure.nullish(),
  recall: figure.nullish(),
  f1: figure.nullish(),
  support: z.number().nonnegative().nullish(),
});
export type ClassFigures = z.infer<typeof classFiguresSchema>;

/** A trial's `metrics.json`: numbers by name, and optionally what each class came to. */
export const trialMetricsSchema = z.looseObject({
  per_entity: z.record(z.string().min(1).max(200), classFiguresSchema).optional(),
});

/**
 * What the selection needs of a trial's `benchmark.json`, the earlier tools' or ours
 * (records/trialBenchmark.ts): `batch_1.mean_ms`.
 */
export const anyBenchmarkSchema = z.looseObject({
  /** Theirs has none; one that failed or was interrupted measured nothing. */
  status: z.literal('finished').nullish(),
  batch_1: z.looseObject({ mean_ms: z.number().positive() }),
  benchmark_runs_count: z.int().positive().catch(1),
  /** Which settings and machine, where the file says so. */
  key_parts: z.object({ benchmark_config: z.string(), host_class: z.string() }).optional().catch(undefined),
});

/** One training run of a trial: the only one, or one of its folds. */
export interface TrialRun {
  /** From 0 or 1 on, as the folder is named; `undefined` outside a k-fold trial. */
  readonly fold: number | undefined;
  /** By name, as they stand in `metrics.json`; some may be NaN. */
  readonly metrics: Readonly<Record<string, number>>;
  /** By the class's name. */
  readonly perClass: Readonly<Record<string, ClassFigures>>;
  /** What stands beside the metrics and is no number, for messages. */
  readonly notNumbers?: Readonly<Record<string, unknown>> | undefined;
}

/** One trial of a hyperparameter search with all its folds, be it from a folder, a server or memory. */
export interface HpoTrial {
  readonly backbone: string;
  /** For a k-fold trial the name without `_foldN`. */
  readonly trialName: string;
  /** At least one. */
  readonly runs: readonly TrialRun[];
  /** The numbers of all its folds, also of those without metrics; left out: those of `runs`. */
  readonly foldsFound?: readonly number[] | undefined;
  /** Mean latencies by batch size, in milliseconds; none without a benchmark. */
  readonly latencyMs: Readonly<Record<number, number>>;
  /** Finished benchmark runs that the latencies stand for. */
  readonly benchmarkRuns: number;
  /** Which settings and machine they are of; `undefined`: nobody says. */
  readonly measuredUnder?: string | undefined;
  readonly parameters: number | undefined;
  readonly sizeBytes: number | undefined;
  /** What running it costs, in whatever unit the caller states. */
  readonly cost: number | undefined;
  /** The ONNX file, where the parameters and the size can be read from. */
  readonly modelPath: string | undefined;
  /** The trial's own fields, carried into `best_configuration`. */
  readonly fields: Readonly<Record<string, unknown>>;
}
