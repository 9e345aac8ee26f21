import { z } from 'zod';
import { modelSummarySchema, preprocessingSchema, sizeSchema, warningSchema } from './common.ts';
import { hostClassSchema } from './host.ts';
import { accuracyJudgementSchema, latencyJudgementSchema, verdictSchema } from './judgement.ts';
import { sweepSchema } from './sweep.ts';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** One criterion of one candidate: the verdict, and the sentence with the numbers it rests on. */
export const gateSchema = z.strictObject({
  gate: z.enum(['latency', 'recall', 'comparability']),
  verdict: verdictSchema,
  reason: z.string(),
  /** What would settle a NOT_ENOUGH_DATA; `null` otherwise. */
  needs: z.string().nullable(),
  /** How far a FAIL is from passing, as a factor of the limit (1.2 = 20 % beyond it); `null` where it has no measure. */
  excess: z.number().nullable(),
});
export type Gate = z.infer<typeof gateSchema>;

export const claimsRecordSchema = z.strictObject({
  accuracy: share.nullable(),
  target_recall: share.nullable(),
  latency_ms: z.number().nullable(),
  size_mb: z.number().nullable(),
  input_size: sizeSchema.nullable(),
  note: z.string().nullable(),
  source: z.string().nullable(),
});

/** How the model is fed and read: by its card and the study, and where these leave a key open by the usual answer. */
export const contractSchema = z.strictObject({
  /** In the order of the outputs. */
  classes: z.array(z.string()),
  preprocessing: preprocessingSchema,
  assumed: z.array(z.enum(['classes', 'scale'])),
});
export type Contract = z.infer<typeof contractSchema>;

export const candidateDecisionSchema = z.strictObject({
  id: z.string(),
  backbone: z.string(),
  trial_name: z.string(),
  option: z.string().nullable(),
  status: z.string().nullable(),
  claims: claimsRecordSchema,
  model: modelSummarySchema.nullable(),
  input_size: sizeSchema.nullable(),
  trained_input_size: sizeSchema.nullable(),
  contract: contractSchema,
  verdict: verdictSchema,
  gates: z.array(gateSchema),
  latency: latencyJudgementSchema.nullable(),
  accuracy: accuracyJudgementSchema.nullable(),
  sweep: sweepSchema.nullable(),
  warnings: z.array(warningSchema),
});
export type CandidateDecision = z.infer<typeof candidateDecisionSchema>;

/** The selector's answer as the earlier tools write it; rules.md 1. */
export const bestConfigurationSchema = z.looseObject({
  backbone: z.string(),
  trial_name: z.string(),
  selection_criteria: z.strictObject({
    metric: z.string(),
    best_value: z.number(),
    reason: z.string(),
    accuracy_threshold: z.number().nullable(),
    use_relative_threshold: z.boolean(),
    min_accuracy_gain: z.number().nullable(),
    accuracy_diff_from_best: z.number(),
    speed_data_source: z.enum(['benchmark', 'parameter_proxy']),
    all_candidates: z.array(
      z.strictObject({
        backbone: z.string(),
        trial_name: z.string(),
        accuracy: z.number(),
        /** `null`: neither a benchmark nor a parameter count. */
        speed_score: z.number().nullable(),
        speed_data_source: z.enum(['benchmark', 'parameter_proxy']),
        benchmark_latency_ms: z.number().optional(),
        /** Finished runs that the latency stands for; rules.md 2. */
        benchmark_runs_count: z.int().nonnegative().optional(),
      }),
    ),
  }),
});
export type BestConfiguration = z.infer<typeof bestConfigurationSchema>;

/** The selected candidate against another one, on the images that both answered. */
export const pairSchema = z.strictObject({
  other: z.string(),
  n: count,
  only_selected_right: count,
  only_other_right: count,
  difference: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  exact_p: share,
  mid_p: share,
  explained_by_noise: z.boolean(),
  /** Images it would take to resolve a gap of this size at this discordance; `null` where there is no gap. */
  images_to_resolve: count.nullable(),
});
export type Pair = z.infer<typeof pairSchema>;

export const optionDecisionSchema = z.strictObject({
  option: z.string(),
  what: z.string(),
  for: z.array(z.string()),
  against: z.array(z.string()),
  effort: z.string().nullable(),
  candidates: z.array(z.string()),
  /** `SELECTED` or the best verdict of its candidates; `not_measured` where none of them has a record. */
  verdict: z.enum(['SELECTED', 'PROVISIONAL', 'PASS', 'FAIL', 'NOT_ENOUGH_DATA', 'not_measured', 'no_candidate']),
  evidence: z.array(z.string()),
});
export type OptionDecision = z.infer<typeof optionDecisionSchema>;

export const decisionSchema = z.strictObject({
  schema: z.literal('beltbench/decision'),
  version: z.literal(1),
  story: z.string(),
  title: z.string().nullable(),
  notice: z.string().nullable(),
  verdict: z.enum(['SELECTED', 'NO_CANDIDATE_PASSES', 'NOT_ENOUGH_DATA']),
  /** The selector's answer; provisional where the verdict is NOT_ENOUGH_DATA. */
  selected: z.string().nullable(),
  provisional: z.boolean(),
  /** Flags that were laid over the study, such as "--only resnet18": the decision is then not the whole study's. */
  overrides: z.array(z.string()),
  /** What would settle it, for NOT_ENOUGH_DATA. */
  needs: z.array(z.string()),
  /** Per criterion the candidate that fails it by least, for NO_CANDIDATE_PASSES. */
  nearest_misses: z.array(z.strictObject({ gate: z.string(), candidate: z.string(), reason: z.string() })),
  best_configuration: bestConfigurationSchema.nullable(),
  pairs: z.array(pairSchema),
  line: z.strictObject({
    budget_ms: z.number(),
    required_share: share,
    confidence: share,
    items_per_second: z.number().nullable(),
    target_class: z.string(),
    maybe_class: z.string().nullable(),
    target_recall: share,
    recall_confidence: share,
    max_false_reject_rate: share,
    production: z.strictObject({ maybe: share, target: share }),
    /** Keys of the study that it leaves out, such as "line.budget_ms": their values here are defaults. */
    unstated: z.array(z.string()),
  }),
  candidates: z.array(candidateDecisionSchema),
  options: z.array(optionDecisionSchema),
  dataset: z
    .strictObject({
      split: z.string(),
      fingerprint: z.string(),
      images: count,
      per_class: z.array(z.strictObject({ class: z.string(), images: count })),
      duplicate_groups: count,
      /** Images of the evaluated split that are copies of another one of it, and those of the target class among them. */
      copied_images: count,
      copied_targets: count,
      leaked_groups: count,
      leaked_images: count,
      contradictory_groups: count,
      unreadable: count,
      odd_sized: count,
      /** Links of the split that were not followed, and files in it that are no images by their name. */
      ignored_links: count,
      other_files: count,
      other_pictures: count,
    })
    .nullable(),
  warnings: z.array(warningSchema.extend({ candidate: z.string().nullable() })),
  assumptions: z.array(z.string()),
  acceptance: z.array(z.strictObject({ box: z.string(), ticked: z.boolean(), why: z.string() })),
  next_actions: z.array(z.strictObject({ text: z.string(), owner: z.string().nullable(), due: z.string().nullable() })),
  discussion: z.array(z.strictObject({ question: z.string(), answer: z.string().nullable() })),
  documentation: z.array(z.string()),
  reproduce: z.strictObject({
    commands: z.array(z.string()),
    tool_version: z.string(),
    host_class: hostClassSchema.nullable(),
    /** The records that the decision rests on. */
    records: z.array(
      z.strictObject({ candidate: z.string(), kind: z.string(), record_id: z.string(), key: z.string() }),
    ),
  }),
});
export type Decision = z.infer<typeof decisionSchema>;
