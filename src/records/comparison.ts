import { z } from 'zod';
import { modelSummarySchema, warningSchema } from './common.ts';
import { hostClassSchema } from './host.ts';
import { accuracyJudgementSchema, latencyJudgementSchema } from './judgement.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const difference = z.number().min(-1).max(1);
const pair = <T extends z.ZodType>(of: T) => z.tuple([of, of]);

/** A verdict's numbers in one sentence, and what would settle it; `needs` is `null` where it is settled. */
const grounds = { reason: z.string(), needs: z.string().nullable() };

/** A variant's latency over the reference's, from rounds in which both had their turns next to each other. */
export const speedSchema = z.strictObject({
  verdict: z.enum(['faster', 'equal', 'slower', 'not_enough_data', 'failed']),
  ...grounds,
  /** How many rounds were taken in turns. */
  rounds: count,
  /** Hodges-Lehmann over the rounds' ratios of medians; `null` with too few rounds. */
  ratio: z.number().positive().nullable(),
  /** Exact (Wilcoxon), at least 95 %; `coverage` is what it really has. */
  interval: pair(z.number().positive()).nullable(),
  coverage: share.nullable(),
});
export type Speed = z.infer<typeof speedSchema>;

/** A variant's share of right answers less the reference's, on the images that both answered. */
export const pairedShareSchema = z.strictObject({
  verdict: z.enum(['equivalent', 'better', 'worse', 'not_enough_data', 'failed']),
  ...grounds,
  n: count,
  only_reference_right: count,
  only_variant_right: count,
  /** `null`: no image to compare on. */
  difference: difference.nullable(),
  /** Tango's, 95 %. */
  interval: pair(difference).nullable(),
  exact_p: share.nullable(),
  mid_p: share.nullable(),
});
export type PairedShare = z.infer<typeof pairedShareSchema>;

/** An image that the two models put into different classes. */
export const flipSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  reference_answer: z.string(),
  variant_answer: z.string(),
  /** Probability of the target class. */
  reference_probability: share,
  variant_probability: share,
  /**
   * `new_miss`: a target that the reference found and the variant clears; `target_cleared`: another item that it
   * no longer takes for a target; the rest by what the variant answers.
   */
  kind: z.enum(['new_miss', 'target_cleared', 'to_review', 'to_target', 'other']),
});
export type Flip = z.infer<typeof flipSchema>;

/** How far the probabilities moved; of each image the class that moved furthest counts. */
export const probabilityChangeSchema = z.strictObject({
  n: count,
  mean: share,
  max: share,
  /** The image with the largest change. */
  max_id: z.string(),
});
export type ProbabilityChange = z.infer<typeof probabilityChangeSchema>;

/**
 * What a model's 8-bit signed weights could do to the 16-bit sums of CPUs without VNNI: such a sum
 * takes two products of an unsigned activation, and overflows where two neighbouring weights of one
 * sign exceed 128 together (int8.md 5).
 */
export const pairSumsSchema = z.strictObject({
  /** Integer layers with constant weights. */
  layers: count,
  /** Those with a pair of weights that can overflow. */
  layers_over: count,
  /** Integer layers whose weights could not be found in the file. */
  layers_unread: count,
  /** The largest sum of two neighbours of one sign, in absolute value. */
  worst_sum: count,
  worst_layer: z.string().nullable(),
});
export type PairSums = z.infer<typeof pairSumsSchema>;

/** Whether integer products may saturate here: `exact` and `saturates` are the host's, as probed. */
export const saturationSchema = z.strictObject({
  host: z.enum(['exact', 'saturates', 'unknown']),
  risk: z.enum(['none', 'possible', 'unknown']),
  reason: z.string(),
  /** `null` for a model without integer layers. */
  weights: pairSumsSchema.nullable(),
});
export type Saturation = z.infer<typeof saturationSchema>;

const memberShape = {
  id: z.string(),
  status: z.string().nullable(),
  model: modelSummarySchema,
  /** Why it could not be measured or evaluated here; `null` otherwise. */
  failure: z.string().nullable(),
  latency: latencyJudgementSchema.nullable(),
  accuracy: accuracyJudgementSchema.nullable(),
};

export const comparedReferenceSchema = z.strictObject(memberShape);
export type ComparedReference = z.infer<typeof comparedReferenceSchema>;

export const comparedVariantSchema = z.strictObject({
  ...memberShape,
  speed: speedSchema,
  accuracy_difference: pairedShareSchema,
  recall_difference: pairedShareSchema,
  /** The gravest first. */
  flips: z.array(flipSchema),
  /** `null`: no image that both answered. */
  probability_change: probabilityChangeSchema.nullable(),
  saturation: saturationSchema,
});
export type ComparedVariant = z.infer<typeof comparedVariantSchema>;

/** `compare-GROUP.json`: one group of variants of a network, held against their reference. */
export const comparisonSchema = z.strictObject({
  schema: z.literal('beltbench/comparison'),
  version: z.literal(1),
  story: z.string(),
  notice: z.string().nullable(),
  group: z.string(),
  reference: comparedReferenceSchema,
  variants: z.array(comparedVariantSchema).min(1),
  rules: z.strictObject({
    confidence: share,
    /** A ratio nearer to 1 than this does not matter: 0.02 for 2 %. */
    speed_margin: share,
    /** A difference of shares smaller than this does not matter: 0.015 for 1.5 points. */
    accuracy_margin: share,
    significance: share,
    /** The rules in words. */
    text: z.array(z.string()),
  }),
  target_class: z.string(),
  threads: z.int().positive(),
  host_class: hostClassSchema,
  dataset: z.strictObject({ root: z.string(), split: z.string(), fingerprint: z.string(), images: count }),
  warnings: z.array(warningSchema.extend({ candidate: z.string().nullable() })),
  reproduce: z.strictObject({
    commands: z.array(z.string()),
    tool_version: z.string(),
    records: z.array(
      z.strictObject({ candidate: z.string(), kind: z.string(), record_id: z.string(), key: z.string() }),
    ),
  }),
});
export type Comparison = z.infer<typeof comparisonSchema>;
