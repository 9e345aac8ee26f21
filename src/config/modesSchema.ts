import { z } from 'zod';
import { nameOf } from './modelCardSchema.ts';
import { milliseconds, share, shareOpen } from './shares.ts';

const name = nameOf(100);
const names = z.union([name, z.array(name).min(1).max(100)], 'expected a name or a list of names');

const lineMode = z.strictObject({
  /** Each of the three left out, the study's. */
  budget_ms: milliseconds.optional(),
  target_recall: shareOpen.optional(),
  max_false_reject_rate: shareOpen.optional(),
  priorities: z
    .array(z.enum(['quality', 'speed', 'false_rejects', 'memory']))
    .min(1)
    .max(4)
    .default(['quality', 'speed']),
});

const rule = z.strictObject({
  /** Any other key is a capability, and is `true`. */
  when: z.object({ mode: names.optional(), priority: names.optional() }).catchall(z.literal(true)).prefault({}),
  choose: name,
});

/** The modes of a line: what each demands, who works in it, who steps in. */
export const modesSchema = z.strictObject({
  line_modes: z
    .record(name, lineMode)
    .refine((modes) => Object.keys(modes).length > 0, 'expected at least one NAME: {...}'),
  /** What a deployment can do beside, for rules and `choose --needs`. */
  capabilities: z.record(name, z.array(name).max(100)).default({}),
  rules: z.array(rule).max(1000).default([]),
  fallback_chains: z.record(name, z.array(name).max(1000)).default({}),
  last_resort: name.default('stop'),
  /** Free-form, per mode and deployment: carried through to whoever asks. */
  settings: z.record(name, z.record(name, z.record(name, z.json()))).default({}),
  equal_within: z.strictObject({ quality: share.default(0.015), speed: share.default(0.05) }).prefault({}),
  tracker: z
    .strictObject({
      min_observations: z.int().min(1).max(1_000_000).default(30),
      min_success_rate: share.nullable().default(0.95),
    })
    .prefault({}),
});
export type Modes = z.infer<typeof modesSchema>;
