import { z } from 'zod';
import { nameOf, proseOf } from './modelCardSchema.ts';
import { studySchema } from './studySchema.ts';

const study = studySchema.shape;
const selection = study.selection.unwrap();
const weight = z.number().min(0);

/** Search tools have their own key for it; what is selected here is always the highest value. */
const direction = z.enum(['maximize', 'minimize']).optional();

/**
 * The sections of the earlier tools' YAML (`config/hpo/prod.yaml`, `benchmark.yaml`,
 * `best_model_selection.yaml`) that count here, and those of a study; rules.md 1 and 2.
 */
export const searchConfigSchema = z.strictObject({
  selection: selection.extend({ metric: nameOf(100).optional() }).prefault({}),
  objective: z.strictObject({ metric: nameOf(100).optional(), goal: direction, direction }).prefault({}),
  /** Class to weight: the objective is then the weighted mean of these classes' f1. */
  class_priorities: z.record(nameOf(100), weight).optional(),
  k_fold: z
    .looseObject({ enabled: z.boolean().default(true), n_splits: z.int().min(2).max(100).optional() })
    .optional(),
  run: study.run,
  benchmarking: study.benchmarking,
  output: study.output.unwrap().extend({ save_summary: z.boolean().optional() }).prefault({}),
  benchmark: study.benchmark
    .unwrap()
    .extend({ min_benchmark_runs: z.int().min(0).optional() })
    .prefault({}),
  /** Parameter counts by backbone, for the speed proxy. */
  parameters: study.parameters,
  /** What running a candidate costs, by `BACKBONE/TRIAL` or backbone: any number of which less is better. */
  costs: z.record(nameOf(300), weight).default({}),
  /** What the costs count, such as "EUR a month". */
  cost_unit: proseOf(100).min(1).optional(),
  tags: study.tags,
  /** Of a study: the name of the experiment where nothing else names one. */
  story: study.story.optional(),
  /** The tracking server to select from; their section of this name has other keys. */
  mlflow: study.mlflow
    .unwrap()
    .pick({ tracking_uri: true, experiment: true, training_experiments: true })
    .loose()
    .optional(),
});

export type SearchConfigFile = z.infer<typeof searchConfigSchema>;
