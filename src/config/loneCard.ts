import { dirname, resolve } from 'node:path';
import { BeltbenchError } from '../shared/errors.ts';
import { QUESTIONS, readModelCard, toSize } from './modelCard.ts';
import type { ModelCardFile } from './modelCardSchema.ts';
import { resolvePreprocessing, type Preprocessing, type Size } from './preprocessing.ts';
import { preprocessingDoubt, preprocessingProblem } from './preprocessingChecks.ts';
import type { StudyFile } from './studySchema.ts';

/** A card read for how images become tensors; what its classes mean does not matter. */
export interface LoneCard {
  readonly path: string;
  readonly modelPath: string;
  /** As it is written. */
  readonly content: ModelCardFile;
  readonly preprocessing: Preprocessing;
  readonly inputSize: Size | undefined;
  /** The question to ask where the scale was assumed. */
  readonly openQuestion: string | undefined;
  /** What looks like a slip in how images become tensors, though it may be meant. */
  readonly preprocessingDoubt: string | undefined;
}

/**
 * Reads a model card without a study.
 *
 * @param defaults a study's `preprocessing`, where there is one
 * @throws BeltbenchError `bad_card` when it is missing, not YAML, breaks the schema or contradicts itself
 */
export async function loadLoneCard(path: string, defaults: StudyFile['preprocessing'] = {}): Promise<LoneCard> {
  const content = await readModelCard(path);
  const { preprocessing, scaleKnown } = resolvePreprocessing(content, defaults);
  const problem = preprocessingProblem(content, preprocessing, scaleKnown);
  if (problem !== undefined) {
    throw new BeltbenchError('bad_card', `${path}: ${problem}`);
  }
  return {
    path,
    modelPath: resolve(dirname(path), content.file),
    content,
    preprocessing,
    inputSize: toSize(content.input_size),
    openQuestion: scaleKnown ? undefined : QUESTIONS.scale,
    preprocessingDoubt: preprocessingDoubt(preprocessing, scaleKnown),
  };
}
