import { z } from 'zod';
import { claimsSchema, nameOf, proseOf, preprocessingShape } from './modelCardSchema.ts';
import { modesSchema } from './modesSchema.ts';
import { toFillIn } from './placeholders.ts';
import { milliseconds, share, shareOpen } from './shares.ts';

/** Names that become file names and table cells: no path separators, no control characters. */
const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'expected 1 to 64 letters, digits, ".", "_" or "-", first a letter or digit',
  );
const text = proseOf(2000).min(1);
const folder = nameOf(1000);
const className = nameOf(100);
/** It is named like a defect, or the only one not named like what may pass; or merely the last of the alphabet. */
const TARGET_GUESSES = ['by name', 'by alphabet'] as const;
/** A file's name without a folder: it is written where we say. */
const fileName = nameOf(255).regex(/^(?!\.{1,2}$)[^/\\]+$/, 'expected a file name without folders');
const letter = z.string().regex(/^[A-Z]$/, 'expected one capital letter such as "A"');

const line = z.strictObject({
  budget_ms: milliseconds.default(30),
  /** The share of items that must meet the budget, and how sure we must be of it. */
  required_share: shareOpen.default(0.99),
  confidence: shareOpen.default(0.95),
  items_per_second: z.number().positive().optional(),
});

const dataset = z.strictObject({
  root: folder,
  split: folder.default('val'),
  /** Class name to the folder of its images below ROOT/SPLIT. */
  classes: z.record(className, folder),
  /** The class that must not be missed. */
  target_class: className,
  /** On what ground `init` took that class; removed when somebody has confirmed it, and every report warns before. */
  target_guess: z.enum(TARGET_GUESSES).optional(),
  /** A class of the model's own for uncertain items, with or without a folder; the model's score for the target is then 1 - p(clear class). */
  maybe_class: className.optional(),
});

const candidate = z.strictObject({
  id,
  card: nameOf(1000),
  option: letter.optional(),
  status: nameOf(100).optional(),
  /** Variants of one network, for `compare`; left out, the card's `backbone`, or else the candidate's own id. */
  group: id.optional(),
  /** Whether `compare` holds the other candidates of the group against this one. */
  reference: z.boolean().optional(),
  claimed: claimsSchema.optional(),
});

const option = z.strictObject({
  what: text,
  for: z.array(text).default([]),
  against: z.array(text).default([]),
  effort: proseOf(200).optional(),
});

/** Of one run; a share that takes more to prove is a slip of the pen. */
export const MOST_ITERATIONS = 1_000_000;

const benchmarking = z.strictObject({
  batch_sizes: z.array(z.int().min(1).max(1024)).min(1).default([1]),
  iterations: z.int().min(1).max(MOST_ITERATIONS).default(1000),
  warmup_iterations: z.int().min(0).max(100_000).default(50),
  threads: z.int().min(1).max(1024).default(1),
  rounds: z.int().min(1).max(1000).default(10),
  seed: z.int().min(0).max(4_294_967_295).default(1),
  /** The earlier tools' keys: accepted, part of the benchmark key, said to be unused where they are. */
  max_length: z.int().positive().nullable().default(null),
  device: z.string().max(100).nullable().default(null),
  test_data: nameOf(1000).nullable().default(null),
});

const thresholds = z.strictObject({
  target_recall: shareOpen.default(0.99),
  confidence: shareOpen.default(0.95),
  max_false_reject_rate: shareOpen.default(0.1),
  /** Who confirmed `max_false_reject_rate`, and when. Left out: the report lists it as an assumption. */
  confirmed_by: toFillIn(proseOf(200).min(1).nullable()),
  /** What runs on the line today: target if p >= target, else maybe if p >= maybe. */
  production: z.strictObject({ maybe: share.default(0.5), target: share.default(0.75) }).prefault({}),
});

const selection = z.strictObject({
  /** At most 1 where it is relative, as the gain; see `selectionProblem`. */
  accuracy_threshold: z.number().min(0).nullable().default(null),
  use_relative_threshold: z.boolean().default(true),
  min_accuracy_gain: z.number().min(0).nullable().default(null),
  /** The metric to rank by; left out: `accuracy` at argmax. */
  metric: z.enum(['accuracy', 'macro-f1', 'target_recall', 'balanced_accuracy']).default('accuracy'),
});

/** Other names for the tags that join records with training runs. */
const tags = z.strictObject({
  grouping: z
    .strictObject({ study_key_hash: nameOf(200).optional(), trial_key_hash: nameOf(200).optional() })
    .optional(),
  backbone: nameOf(200).optional(),
  /** What a training tool's run was for: "hpo", "hpo_refit", "benchmarking". */
  stage: nameOf(200).optional(),
});

/** A tracking server to which records are synced. Credentials stand in the environment: a study file is shared. */
const mlflow = z.strictObject({
  tracking_uri: nameOf(1000)
    .regex(
      /^https?:\/\/[^@/?#]+(\/[^@?#]*)?$/,
      'expected an address such as http://127.0.0.1:5000, without credentials and query',
    )
    .optional(),
  experiment: nameOf(500).optional(),
  /** Where the training runs are that `select` joins with; left out, in the same experiment. */
  training_experiments: z.array(nameOf(500)).max(1000).default([]),
  /** Tags for every run. */
  tags: z
    .record(
      nameOf(250).regex(
        /^(?!beltbench\.)[\w-][\w. -]*$/,
        'expected letters, digits, "_", "-", "." or spaces, and not beltbench\'s own',
      ),
      nameOf(5000),
    )
    .refine((own) => Object.keys(own).length <= 50, 'expected at most 50 tags')
    .default({}),
});

/** A mean latency may be asked for as a record's own section has it: `batch_1.mean_ms`. */
const requiredMetric = z
  .string()
  .min(1)
  .max(200)
  .transform((name) => name.replace(/^batch_(\d{1,6})\.mean_ms$/, 'latency_batch_$1_ms'));

/** The study file: one YAML that says what is measured, judged and decided. */
export const studySchema = z.strictObject({
  story: id,
  title: proseOf(200).optional(),
  /** Printed on every output; the demo says here that its images are synthetic. */
  notice: proseOf(300).optional(),
  line: line.prefault({}),
  dataset,
  preprocessing: z.strictObject(preprocessingShape).prefault({}),
  candidates: z.array(candidate).min(1).max(1000),
  options: z.record(letter, option).default({}),
  benchmarking: benchmarking.prefault({}),
  run: z.strictObject({ mode: z.enum(['reuse_if_exists', 'force_new']).default('reuse_if_exists') }).prefault({}),
  benchmark: z
    .strictObject({
      latency_aggregation: z.enum(['latest', 'median', 'mean']).default('latest'),
      required_metrics: z.array(requiredMetric).default([]),
    })
    .prefault({}),
  output: z.strictObject({ filename: fileName.default('benchmark.json') }).prefault({}),
  objective: z.strictObject({ metric: nameOf(100) }).optional(),
  selection: selection.prefault({}),
  thresholds: thresholds.prefault({}),
  /** Parameter counts per backbone, for the speed proxy when nothing was measured. */
  parameters: z.record(nameOf(100), z.int().positive()).default({}),
  tags: tags.optional(),
  mlflow: mlflow.optional(),
  next_actions: z
    .array(
      z.strictObject({
        text,
        owner: toFillIn(proseOf(200).min(1)),
        due: toFillIn(z.iso.date('expected a date such as 2026-09-30')),
      }),
    )
    .default([]),
  discussion: z.array(z.strictObject({ question: text, answer: text.optional() })).default([]),
  /** The modes of the line, for `plan`. */
  modes: modesSchema.optional(),
  /** Where the rationale is written down, as links or file names. */
  documentation: z.array(text).default([]),
  reports: folder.default('reports'),
});

export type StudyFile = z.infer<typeof studySchema>;
