import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { readClaims } from './claims.ts';
import { hint } from './hint.ts';
import { modelCardSchema, UNKNOWN, type Claims, type ModelCardFile } from './modelCardSchema.ts';
import { resolvePreprocessing, type Preprocessing, type Size } from './preprocessing.ts';
import { preprocessingDoubt, preprocessingProblem } from './preprocessingChecks.ts';
import { check } from './problems.ts';
import { printable } from './shown.ts';
import type { StudyFile } from './studySchema.ts';
import { readYamlFile } from './yamlFile.ts';

/** A fact about a model that nobody has stated yet, and whom to ask what. */
export interface OpenQuestion {
  readonly key: 'trained_input_size' | 'classes' | 'scale';
  readonly question: string;
}

/** A model's contract, with the study's defaults filled in. */
export interface ModelCard {
  readonly path: string;
  readonly modelPath: string;
  /** Class names in output order; where the card says `unknown`, the study's folders in alphabetical order. */
  readonly classes: readonly string[];
  readonly inputSize: Size | undefined;
  readonly trainedInputSize: Size | undefined;
  readonly preprocessing: Preprocessing;
  readonly outputs: 'logits' | 'probabilities' | 'auto';
  readonly backbone: string | undefined;
  readonly trialName: string | undefined;
  readonly parameters: number | undefined;
  readonly claims: Claims;
  /** Where the claims come from: the card itself, the file it names, or both. */
  readonly claimsSource: string | undefined;
  readonly openQuestions: readonly OpenQuestion[];
  /** What looks like a slip in how images become tensors, though it may be meant. */
  readonly preprocessingDoubt: string | undefined;
  /** What of the card was accepted and says nothing, and why. */
  readonly unused: readonly string[];
}

/** The questions that `init` writes into a card and that every report repeats until they are answered. */
export const QUESTIONS: Readonly<Record<OpenQuestion['key'], string>> = {
  trained_input_size:
    'At which input size (pixels) was the model trained? Ask whoever trained it; the training config says.',
  classes:
    'In which order does the model put its outputs? Ask whoever exported it; the order of the training folders is usual.',
  scale:
    'By what are the pixel values 0..255 multiplied (1/255, or 1), and is a mean/std subtracted? Ask whoever wrote the production code.',
};

/**
 * Reads and validates a model card.
 *
 * @param id the candidate's that names the card, where it is one of the study's
 * @throws BeltbenchError `bad_card` when it is missing, not YAML, or breaks the schema or the study's classes
 */
export async function loadModelCard(path: string, study: StudyFile, id?: string): Promise<ModelCard> {
  return await toModelCard(path, await readModelCard(path), study, id);
}

/**
 * A card's content with the study's defaults filled in.
 *
 * @param path where it stands, or would
 * @throws BeltbenchError `bad_card` when it contradicts itself or the study's classes
 */
export async function toModelCard(
  path: string,
  card: ModelCardFile,
  study: StudyFile,
  id?: string,
): Promise<ModelCard> {
  const { preprocessing, scaleKnown } = resolvePreprocessing(card, study.preprocessing);
  const problem = classesProblem(card, study) ?? preprocessingProblem(card, preprocessing, scaleKnown);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_card', `${path}: ${problem}`);
  }
  const { claims, source, unused } = await readClaims(path, card, study, id);
  const unknown: Record<OpenQuestion['key'], boolean> = {
    trained_input_size: card.trained_input_size === UNKNOWN,
    classes: card.classes === UNKNOWN,
    scale: !scaleKnown,
  };
  return {
    path,
    modelPath: resolve(dirname(path), card.file),
    classes: card.classes === UNKNOWN ? classesByFolder(study) : card.classes,
    inputSize: toSize(card.input_size),
    trainedInputSize: card.trained_input_size === UNKNOWN ? undefined : toSize(card.trained_input_size),
    preprocessing,
    outputs: card.outputs ?? 'auto',
    backbone: card.backbone,
    trialName: card.trial_name,
    parameters: card.parameters,
    claims,
    claimsSource: source,
    openQuestions: (['trained_input_size', 'classes', 'scale'] as const)
      .filter((key) => unknown[key])
      .map((key) => ({ key, question: QUESTIONS[key] })),
    preprocessingDoubt: preprocessingDoubt(preprocessing, scaleKnown),
    unused,
  };
}

/**
 * The card as it is written, valid in itself; what it leaves to the study is not filled in.
 *
 * @throws BeltbenchError `bad_card` when it is missing, not YAML or breaks the schema
 */
export async function readModelCard(path: string): Promise<ModelCardFile> {
  const content = await readYamlFile(path, 'bad_card', 'name an existing model card or run `beltbench init`');
  const checked = check(modelCardSchema, content);
  if (!checked.ok) {
    throw new BeltbenchError('bad_card', `${path}: ${checked.problem}`);
  }
  return checked.value;
}

/** Training tools number the classes by the alphabetical order of their folders, unless told otherwise. */
function classesByFolder({ dataset }: StudyFile): string[] {
  const { classes, maybe_class: maybe } = dataset;
  const folders = maybe === undefined || Object.hasOwn(classes, maybe) ? classes : { ...classes, [maybe]: maybe };
  return Object.entries(folders)
    .toSorted(([, a], [, b]) => (a < b ? -1 : 1))
    .map(([name]) => name);
}

function classesProblem({ classes }: ModelCardFile, { dataset }: StudyFile): string | undefined {
  if (classes === UNKNOWN) {
    return undefined;
  }
  const maybe = dataset.maybe_class;
  const labelled = Object.keys(dataset.classes);
  const known = maybe === undefined || labelled.includes(maybe) ? labelled : [...labelled, maybe];
  const strange = classes.find((name) => !known.includes(name));
  if (strange !== undefined) {
    return `class \`${printable(strange)}\` is not one of the study's classes${hint(strange, known)}`;
  }
  const missing = labelled.find((name) => name !== maybe && !classes.includes(name));
  if (missing !== undefined || new Set(classes).size !== classes.length) {
    return `\`classes\` is [${classes.join(', ')}], but every class of the study (${known.join(', ')}) must stand in it once; complete it in the model's output order`;
  }
  return undefined;
}

/** One number means a square; a pair is height, width. */
export function toSize(size: number | readonly [number, number] | undefined): Size | undefined {
  if (size === undefined) {
    return undefined;
  }
  return typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] };
}
