import { relative } from 'node:path';
import {
  imagesBeside,
  imagesIn,
  imagesInside,
  imagesOfSplit,
  mergeEvaluationImages,
  type EvaluationImages,
} from '../../quantize/images/evaluationImages.ts';
import type { QuantizeArgs } from './args.ts';
import type { QuantizeSource } from './source.ts';

/**
 * Every image that a model is or may be judged on: the study's split, `--evaluation`, and the folders
 * beside the calibration images or among them that are named for judging.
 */
export async function judgedImages(
  { calibration, evaluation }: QuantizeArgs,
  { study, card }: QuantizeSource,
): Promise<EvaluationImages> {
  const named = card.content.classes === 'unknown' ? [] : card.content.classes;
  const classFolders = [...named, ...Object.values(study?.file.dataset.classes ?? {})];
  const places = [await imagesBeside(calibration), await imagesInside(calibration, classFolders)];
  if (study !== undefined) {
    const { split, classes } = study.file.dataset;
    places.push(await imagesOfSplit(relative('', study.datasetRoot), split, classes));
  }
  if (evaluation !== undefined) {
    places.push(await imagesIn(evaluation));
  }
  return mergeEvaluationImages(places);
}
