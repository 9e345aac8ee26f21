import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { readClaims } from './claims.ts';
import { modelCardSchema, UNKNOWN, type Claims, type ModelCardFile } from './modelCardSchema.ts';
import { resolvePreprocessing, type Preprocessing, type Size } from './preprocessing.ts';
import { check } from './problems.ts';
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
  /** Where the claims come from: the card itself, or the file it names. */
  readonly claimsSource: string | undefined;
  readonly openQuestions: readonly OpenQuestion[];
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
 * @throws BeltbenchError `bad_card` when it is missing, not YAML, or breaks the schema or the study's classes
 */
export async function loadModelCard(path: string, study: StudyFile): Promise<ModelCard> {
  const content = await readYamlFile(path, 'bad_card', 'name an existing model card or run `beltbench init`');
  const checked = check(modelCardSchema, content);
  if (!checked.ok) {
    throw new BeltbenchError('bad_card', `${path}: ${checked.problem}`);
  }
  const card = checked.value;
  assertClassesMatch(path, card, study);
  const { preprocessing, scaleKnown } = resolvePreprocessing(card, study.preprocessing);
  assertPreprocessingHolds(path, preprocessing);
  const claims = await readClaims(path, card);
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
    claims: claims.claims,
    claimsSource: claims.source,
    openQuestions: (['trained_input_size', 'classes', 'scale'] as const)
      .filter((key) => unknown[key])
      .map((key) => ({ key, question: QUESTIONS[key] })),
  };
}

/** Training tools number the classes by the alphabetical order of their folders, unless told otherwise. */
function classesByFolder(study: StudyFile): string[] {
  const names = Object.entries(study.dataset.classes).toSorted(([, a], [, b]) => (a < b ? -1 : 1));
  const listed = names.map(([name]) => name);
  const maybe = study.dataset.maybe_class;
  return maybe === undefined || listed.includes(maybe) ? listed : [...listed, maybe].toSorted();
}

function assertClassesMatch(path: string, card: ModelCardFile, study: StudyFile): void {
  if (card.classes === UNKNOWN) {
    return;
  }
  const classes = card.classes;
  const maybe = study.dataset.maybe_class;
  const known = [...Object.keys(study.dataset.classes), ...(maybe === undefined ? [] : [maybe])];
  const strange = classes.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new BeltbenchError(
      'bad_card',
      `${path}: class \`${strange}\` is not one of the study's classes (${known.join(', ')}); use the study's names, in the model's output order`,
    );
  }
  const missing = Object.keys(study.dataset.classes).find((name) => name !== maybe && !classes.includes(name));
  if (missing !== undefined || new Set(classes).size !== classes.length) {
    throw new BeltbenchError(
      'bad_card',
      `${path}: \`classes\` is [${classes.join(', ')}], but every class of the study (${known.join(', ')}) must stand in it once; complete it in the model's output order`,
    );
  }
}

function assertPreprocessingHolds(path: string, spec: Preprocessing): void {
  if (spec.resize === 'shorter_side' && (spec.resizeTo === undefined || spec.crop !== 'center')) {
    throw new BeltbenchError(
      'bad_card',
      `${path}: \`resize: shorter_side\` needs \`resize_to\` and \`crop: center\`, received resize_to ${spec.resizeTo ?? 'none'} and crop ${spec.crop}; add both or use \`stretch\``,
    );
  }
  for (const [key, values] of [
    ['mean', spec.mean],
    ['std', spec.std],
  ] as const) {
    if (values !== undefined && values.length !== 3) {
      throw new BeltbenchError(
        'bad_card',
        `${path}: \`${key}\` needs 3 numbers, one per channel, received ${values.length}; write 3 or \`none\``,
      );
    }
  }
  if (spec.std?.some((value) => value <= 0) === true) {
    throw new BeltbenchError(
      'bad_card',
      `${path}: every \`std\` must be above 0, received [${spec.std.join(', ')}]; correct it`,
    );
  }
}

/** One number means a square; a pair is height, width. */
export function toSize(size: number | readonly [number, number] | undefined): Size | undefined {
  if (size === undefined) {
    return undefined;
  }
  return typeof size === 'number' ? { height: size, width: size } : { height: size[0], width: size[1] };
}
