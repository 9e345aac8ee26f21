import { z } from 'zod';
import { warningSchema } from './common.ts';
import { verdictSchema } from './judgement.ts';

const name = z.string().min(1).max(100);
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
const freeForm = z.record(z.string(), z.json());

/** What a mode may put first: each names a figure of a deployment. */
const PRIORITIES = ['quality', 'speed', 'false_rejects', 'memory'] as const;
export type Priority = (typeof PRIORITIES)[number];

const requirementSchema = z.strictObject({ requirement: z.string(), verdict: verdictSchema, reason: z.string() });

/** Where the scores of a deployment are cut in one mode, as the stored predictions certify it. */
const thresholdsSchema = z.strictObject({
  /** Target from this score on; `null`: nothing reaches it. */
  target_from: z.number().nullable(),
  certified_recall: share.nullable(),
  targets: count,
  misses: count,
  /** Two thresholds instead, with a review in between; `null` where none keeps both promises. */
  review_band: z
    .strictObject({ maybe_from: z.number().nullable(), target_from: z.number().nullable(), reviewed: count })
    .nullable(),
});

const suitabilitySchema = z.strictObject({
  suitable: z.boolean(),
  quality_score: z.number().nullable().default(null),
  /** Higher is faster. */
  speed_score: z.number().nullable().default(null),
  false_reject_rate: share.nullable().default(null),
  /** Hard: what does not PASS all of them is never chosen, whatever a rule or the caller says. */
  requirements: z.array(requirementSchema).default([]),
  thresholds: thresholdsSchema.nullable().default(null),
  /** Changes with the model and this mode's threshold; `null`: the deployment's. Observations of another revision do not count. */
  revision: name.nullable().default(null),
});
export type Suitability = z.infer<typeof suitabilitySchema>;

const deploymentSchema = z.strictObject({
  capabilities: z.array(name).default([]),
  /** Free-form: what a controller needs to load it. */
  model: freeForm.default({}),
  /** What it takes to run it; `null`: nobody has measured it. */
  memory_mb: z.number().nonnegative().nullable().default(null),
  threads: z.int().positive().nullable().default(null),
  /** For the modes whose entry has none of its own. */
  revision: name.nullable().default(null),
  /** What was measured before it went to work. */
  benchmark: z
    .strictObject({
      units_per_second: z.number().positive().nullable().default(null),
      success_rate: share.nullable().default(null),
    })
    .prefault({}),
  modes: z.record(name, suitabilitySchema).default({}),
});
export type Deployment = z.infer<typeof deploymentSchema>;

const modeSchema = z.strictObject({
  budget_ms: z.number().positive().nullable().default(null),
  target_recall: share.nullable().default(null),
  confidence: share.nullable().default(null),
  max_false_reject_rate: share.nullable().default(null),
  priorities: z.array(z.enum(PRIORITIES)).default(['quality', 'speed']),
  /**
   * Who comes first where neither the caller nor a rule says so, and who after it; `null`: nobody meets the
   * requirements. An empty chain where `fallback_chains` has none either says nothing: then all others by the priorities.
   */
  primary: name.nullable().default(null),
  fallback_chain: z.array(name).default([]),
});
export type PlanMode = z.infer<typeof modeSchema>;

const names = z.union([name, z.array(name).min(1)], 'expected a name or a list of names');

const ruleSchema = z.strictObject({
  /** All of them must hold: the mode, the priority, and every capability that stands here as `true`. */
  when: z.object({ mode: names.optional(), priority: names.optional() }).catchall(z.literal(true)),
  choose: name,
  /** The mode's suitability does not count for this choice; never in a line's plan. */
  ignore_suitability: z.boolean().default(false),
});

/** Who works in which mode, and who instead. General: a line's plan is made by `plan`, another written by hand. */
export const planSchema = z.strictObject({
  schema: z.literal('beltbench/plan'),
  version: z.literal(1),
  /** In a line's plan every mode is declared, every deployment has its requirements, and the last resort is safe. */
  kind: z.enum(['line', 'general']),
  story: z.string().nullable().default(null),
  notice: z.string().nullable().default(null),
  /** What a worker calls the items; `null`: `target` and `other`. */
  classes: z
    .strictObject({ target: z.string(), others: z.array(z.string()), maybe: z.string().nullable() })
    .nullable()
    .default(null),
  deployments: z.record(name, deploymentSchema),
  modes: z.record(name, modeSchema).default({}),
  rules: z.array(ruleSchema).default([]),
  fallback_chains: z.record(name, z.array(name)).default({}),
  /** A deployment, or `stop`; `null`: then there is no answer. */
  last_resort: name.nullable().default(null),
  /** Free-form, per mode and deployment; carried through to the answer. */
  mode_settings: z.record(name, z.record(name, freeForm)).default({}),
  /** Within this share of the best, two deployments are equals. */
  equal_within: z.strictObject({ quality: share.default(0), speed: share.default(0) }).prefault({}),
  tracker: z
    .strictObject({
      /** With fewer, the benchmark's figures are used. */
      min_observations: z.int().positive().default(30),
      /** A deployment that is proven to succeed less often loses its place; `null`: no such rule. */
      min_success_rate: share.nullable().default(null),
    })
    .prefault({}),
  warnings: z.array(warningSchema).default([]),
});
export type Plan = z.infer<typeof planSchema>;
