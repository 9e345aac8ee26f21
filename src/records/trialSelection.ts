import { z } from 'zod';
import { bestConfigurationSchema } from './decision.ts';

const share = z.number().min(0).max(1);

/** Two candidates' objective over their folds. */
export const foldDifferenceSchema = z.strictObject({
  /** The candidate it is compared with. */
  backbone: z.string(),
  trial_name: z.string(),
  /** The selected one's mean less the other's. */
  difference: z.number(),
  /** At 95 %. */
  interval: z.tuple([z.number(), z.number()]),
  /** Two-sided. */
  p: share,
  /** `paired_t`: both have the same folds. `welch_t`: each has its own. */
  method: z.enum(['paired_t', 'welch_t']),
  folds: z.tuple([z.int().positive(), z.int().positive()]),
  /** p < 0.05; otherwise the folds' noise explains the difference. */
  distinguishable: z.boolean(),
});
export type FoldDifference = z.infer<typeof foldDifferenceSchema>;

/** A class's figures, averaged over the folds that have them. */
export const classMeansSchema = z.strictObject({
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
  support: z.number().nullable(),
});

/** One trial that entered: the best of its backbone. */
export const trialCandidateSchema = z.strictObject({
  backbone: z.string(),
  trial_name: z.string(),
  selected: z.boolean(),
  /** The objective, averaged over the folds. */
  value: z.number(),
  /** Standard deviation over the folds; `null` with fewer than two. */
  std: z.number().nullable(),
  folds: z.array(z.strictObject({ fold: z.int().nullable(), value: z.number() })),
  per_class: z.record(z.string(), classMeansSchema),
  /** The fastest is 1; `null`: neither a benchmark nor a parameter count. */
  speed_score: z.number().nullable(),
  benchmark_latency_ms: z.number().nullable(),
  benchmark_runs_count: z.int().nonnegative(),
  parameters: z.number().nullable(),
  size_bytes: z.number().nullable(),
  cost: z.number().nullable(),
  /** Whether no other candidate is at least as good by every axis and better by one. */
  on_frontier: z.boolean(),
});
export type TrialCandidate = z.infer<typeof trialCandidateSchema>;

/** What another threshold would have selected. */
export const thresholdRowSchema = z.strictObject({
  /** `null`: accuracy only. */
  accuracy_threshold: z.number().nullable(),
  /** In the metric's own units. */
  effective_threshold: z.number().nullable(),
  /** How far below the best a faster candidate is preferred: as above or, where that is further, by the minimum gain. */
  reach: z.number().nullable(),
  backbone: z.string(),
  trial_name: z.string(),
  value: z.number(),
  speed_score: z.number().nullable(),
  accuracy_diff_from_best: z.number(),
});
export type ThresholdRow = z.infer<typeof thresholdRowSchema>;

/** The selection among the trials of a hyperparameter search; rules.md 1. */
export const trialSelectionSchema = z.strictObject({
  schema: z.literal('beltbench/trial-selection'),
  version: z.literal(1),
  best_configuration: bestConfigurationSchema,
  /** By the objective, descending. */
  candidates: z.array(trialCandidateSchema),
  /** The axes that the frontier was drawn by; one that is unknown for a candidate is left out, and warned of. */
  frontier_axes: z.array(z.enum(['value', 'latency', 'parameters', 'size', 'cost'])),
  /** The selected candidate against each other one that has folds; empty without. */
  fold_differences: z.array(foldDifferenceSchema),
  thresholds: z.array(thresholdRowSchema),
  warnings: z.array(z.string()),
});
export type TrialSelection = z.infer<typeof trialSelectionSchema>;
