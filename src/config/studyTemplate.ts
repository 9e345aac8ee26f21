import { modesTemplate } from './modesTemplate.ts';
import { PLACEHOLDERS } from './placeholders.ts';
import type { StudyFile } from './studySchema.ts';
import { STORY_DISCUSSION, STORY_OPTIONS } from './storyOptions.ts';
import { yamlScalar } from './yamlScalar.ts';

type TargetGuess = NonNullable<StudyFile['dataset']['target_guess']>;

/** What `init` found out about a line; what it did not is `undefined` or empty. */
export interface StudyTemplateInput {
  readonly story: string;
  /** Relative to the study file. */
  readonly datasetRoot: string | undefined;
  readonly split: string | undefined;
  /** Class name to the folder of its images below ROOT/SPLIT. */
  readonly classes: Readonly<Record<string, string>> | undefined;
  readonly targetClass: string | undefined;
  /** How the target class was guessed, if it was. */
  readonly targetGuess?: TargetGuess | undefined;
  /** The cards' paths are relative to the study file. */
  readonly candidates: readonly FoundCandidate[];
}

/** A model that `init` found, and of which network it looks to be a variant. */
export interface FoundCandidate {
  readonly id: string;
  readonly card: string;
  readonly group?: string | undefined;
}

/**
 * The text of a study file with every key: those with a default show it, those without stand
 * commented out with an example. What was not found is filled with an example and says so. The text
 * loads as it is, and also with every example uncommented.
 */
export function studyTemplate(input: StudyTemplateInput): string {
  return [
    head(input),
    LINE,
    dataset(input),
    PREPROCESSING,
    candidates(input),
    `# The options the story asks to weigh; a candidate belongs to one by its \`option\`. The texts below are
# STORY-006's: replace them by your story's.
${STORY_OPTIONS}`,
    BENCHMARKING,
    JUDGING,
    modesTemplate(input.candidates.map(({ id }) => id)),
    `# What has to be talked over with people; an answer is printed beside its question.
${STORY_DISCUSSION}`,
    CLOSING,
  ].join('\n');
}

function head({ story }: StudyTemplateInput): string {
  return `# The study: what is measured, judged and decided. Written by \`beltbench init\`.
#
#   npx beltbench run     measures, evaluates, sweeps, decides and writes reports/STORY/decision.md
#
# Paths are relative to this file. Values shown are the defaults unless a comment says otherwise; what is
# commented out has none. Unknown keys are errors.

# Names the report's folder.
story: ${yamlScalar(story)}
# title: Which model inspects the belt
# Printed on every output, for example that images are synthetic.
# notice: trial run, not for production
`;
}

const LINE = `# What the line demands of a model's latency.
line:
  # Milliseconds one item may take on the line PC, at batch 1. From STORY-006.
  budget_ms: 30
  # The share of items that must meet the budget, and how sure the measurement must make us of it, both in 0..1.
  required_share: 0.99
  confidence: 0.95
  # Items per second at full belt speed.
  # items_per_second: 20
`;

function dataset({ datasetRoot, split, classes, targetClass, targetGuess }: StudyTemplateInput): string {
  const found = datasetRoot !== undefined && classes !== undefined;
  const names = Object.entries(classes ?? { clean: 'clean', defect: 'defect' });
  const target = targetClass ?? names.at(-1)?.[0] ?? 'defect';
  return `# The labelled images: ROOT/SPLIT/FOLDER/*.png (or .jpg, .jpeg, .webp, .tif, .tiff).
${found ? '' : '# TO FILL IN: no folder with a val, validation or test split and at least 2 class folders was found; this is an example.\n'}dataset:
  root: ${yamlScalar(datasetRoot ?? 'datasets/my-line')}
  # The split the candidates are judged on; none of them may have been trained or chosen on it.
  split: ${yamlScalar(split ?? 'val')}
  # CLASS: FOLDER
  classes:
${names.map(([name, folder]) => `    ${yamlScalar(name)}: ${yamlScalar(folder)}\n`).join('')}  # The class that must not be missed.
${targetGuess === undefined ? '' : GUESSED[targetGuess]}  target_class: ${yamlScalar(target)}
${targetGuess === undefined ? '' : `  # Once the class is confirmed or corrected, remove this line; until then every report warns.\n  target_guess: ${targetGuess}\n`}  # Only for models with a class of their own for uncertain items: its name, with or without a folder above.
  # maybe_class: maybe
`;
}

const GUESSED: Readonly<Record<TargetGuess, string>> = {
  'by name': "  # GUESSED from the folders' names: confirm it.\n",
  'by alphabet':
    '  # GUESSED WITHOUT A CLUE: the last of the alphabet. CONFIRM OR CORRECT IT: every recall in the report is about this class.\n',
};

const PREPROCESSING = `# How an image becomes a tensor, for every candidate whose card says nothing else:
# decode to RGB, resize, crop, then (value * scale - mean) / std as float32, NCHW.
preprocessing:
  # none (refuse other sizes), stretch, shorter_side (scale it to resize_to, keep the ratio), letterbox (fit inside, pad black)
  resize: stretch
  # Pixels of the shorter side before the crop; for shorter_side only.
  # resize_to: 146
  # none, or center: with shorter_side and none above, which may leave more than the input size
  crop: none
  # nearest, linear, cubic, lanczos3; used where the size changes
  interpolation: linear
  # Factor on the values 0..255, such as "1/255" or 1. While unknown, 1/255 is assumed and every report warns.
  # The cards that init writes state their own.
  scale: unknown
  # none, or 3 numbers in scaled units, in the order of the model's channels, such as [0.485, 0.456, 0.406]
  mean: none
  std: none
  # rgb or bgr
  channel_order: rgb
`;

function candidates({ candidates: found }: StudyTemplateInput): string {
  const isExample = found.length === 0;
  const [first, ...others]: readonly FoundCandidate[] = isExample
    ? [{ id: 'my-model', card: 'models/my-model.model.yaml' }]
    : found;
  return `# What may be chosen: an id for tables and file names, and the model's card.
${isExample ? '# TO FILL IN: no ONNX file was found; this is an example. Put the files below this folder, remove this file and run `beltbench init` again.\n' : ''}candidates:
${first === undefined ? '' : entry(first)}    # The option below that it belongs to.
    # option: C
    # Shown beside its name.
    # status: production
    # The variants of one network, which \`beltbench compare --group NAME\` shows side by side; left out, the
    # card's \`backbone\`, or else the id.
${first?.group === undefined ? '    # group: my-network\n' : groupLine(first.group)}    # Compare the others of the group with this one; left out, with the only one without INT8 weights.
    # reference: true
    # Figures somebody states: shown as claims, never used as measurements. Shares in 0..1; input_size is the
    # size (pixels) at which the latency was measured.
    # claimed:
    #   accuracy: 0.9405
    #   target_recall: 0.9258
    #   latency_ms: 16
    #   size_mb: 90
    #   input_size: 128
    #   note: STORY-006
${others.map((candidate) => `${entry(candidate)}${candidate.group === undefined ? '' : groupLine(candidate.group)}`).join('')}`;
}

function groupLine(group: string): string {
  return `    # GUESSED from the files' names: confirm it.\n    group: ${yamlScalar(group)}\n`;
}

function entry({ id, card }: FoundCandidate): string {
  return `  - id: ${yamlScalar(id)}\n    card: ${yamlScalar(card)}\n`;
}

const BENCHMARKING = `# How latency is measured: the candidates take turns in rounds, each in a process of its own.
benchmarking:
  # The budget is judged at batch 1; more sizes are measured beside it.
  batch_sizes: [1]
  # Timed inferences per candidate and batch size, over all rounds. 299 without a miss are the least that can
  # prove a share of 0.99 at confidence 0.95.
  iterations: 1000
  # Inferences before them, not counted.
  warmup_iterations: 50
  # Intra-op threads of the runtime; compare candidates at the setting of production.
  threads: 1
  rounds: 10
  # Shuffles the candidates' order in each round.
  seed: 1
  # Keys of the earlier tools, part of the benchmark key. max_length and test_data mean nothing for images;
  # device is null or cpu.
  # max_length: 512
  # device: cpu
  # test_data: dataset/test.json

run:
  # With reuse_if_exists a finished record with the same key is not measured again; force_new measures always.
  mode: reuse_if_exists

benchmark:
  # Of several runs with one key: latest, median or mean.
  latency_aggregation: latest
  # Metrics a latency record must have to count, such as latency_batch_1_ms.
  required_metrics: []

# Keys of the earlier tools, accepted and unused here.
# output:
#   filename: benchmark.json
# objective:
#   metric: macro-f1

# An MLflow server, for \`sync\` and \`--store mlflow\`; credentials stand in MLFLOW_TRACKING_TOKEN, or
# MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. Without an experiment, it is called as the story.
# mlflow:
#   tracking_uri: http://127.0.0.1:5000
#   experiment: line-3
#   # Where the training runs are that \`select\` joins with; left out, in the same experiment.
#   training_experiments: [training]
#   # For every run.
#   tags:
#     team: vision
# Other names for the tags there that join records with training runs.
# tags:
#   grouping:
#     study_key_hash: code.grouping.study_key_hash
#     trial_key_hash: code.grouping.trial_key_hash
#   backbone: code.model
#   # What a training tool's run was for.
#   stage: code.stage

# Parameter counts per backbone: the speed proxy where nothing was measured and the file cannot be read.
# parameters:
#   resnet50: 23512130
`;

const JUDGING = `# Which of the candidates that pass all gates is taken: the most accurate, unless a faster one is near enough.
selection:
  # How near, as a share of the best accuracy. NOT the default, which is null (accuracy alone): 0.015 is recommended.
  accuracy_threshold: 0.015
  # Whether that distance is a share of the best accuracy (true) or a difference of accuracies (false).
  use_relative_threshold: true
  # The best must be more than this better than the faster one to be taken over it; null: no such rule.
  min_accuracy_gain: null
  # accuracy (at argmax), macro-f1, target_recall or balanced_accuracy
  metric: accuracy

# What the line demands of the target class. Shares in 0..1.
thresholds:
  # Recall that must be proven, and how sure. From STORY-006: food safety wants 99 %.
  target_recall: 0.99
  confidence: 0.95
  # Of the others, the share that may be rejected at that recall. AN ASSUMPTION until \`confirmed_by\` is filled in:
  # the report lists it as one.
  max_false_reject_rate: 0.10
  # confirmed_by: ${PLACEHOLDERS.nameAndDate}
  # What runs on the line today: target if p >= target, else maybe if p >= maybe. From the line's own code.
  production:
    maybe: 0.5
    target: 0.75
`;

const CLOSING = `# What is done next; the report's boxes are ticked when every action has an owner and a date.
# next_actions:
#   - text: Confirm the false-reject limit with the plant
#     owner: ${PLACEHOLDERS.name}
#     due: ${PLACEHOLDERS.date}

# Where the rationale was written down: the experiment log, the lessons, the story file.
documentation: []

# Records go to REPORTS/runs, decisions to REPORTS/STORY.
reports: reports
`;
